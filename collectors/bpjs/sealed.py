"""A sealed BPJS answer opened: base64, AES-256-CBC, PKCS#7, LZ-String, JSON.

The key is SHA-256 of consumer id, secret and the X-timestamp *of this very request*; the first half of it is
the initial vector, as BPJS prescribes. Each step that fails is told apart, for each has another remedy.
"""

import base64
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from city.model import NotUnderstood
from collectors.bpjs.lz_string import NotPacked, decompressed
from collectors.http import json_of


def key_of(cons_id: str, secret: str, timestamp: str) -> bytes:
    """The 32 bytes of the key; the first 16 are the initial vector too."""
    return sha256(f"{cons_id}{secret}{timestamp}".encode()).digest()


def opened(sealed: str, key: bytes, where: str) -> Any:
    """The JSON inside. Raises NotUnderstood: decrypt failed, decompress failed, or broken JSON."""
    packed = _decrypted(sealed, key, where)
    try:
        text = decompressed(packed)
    except NotPacked as error:
        what = f"decompress failed: the right key, but what it opens is no LZ-String ({error})"
        raise NotUnderstood(what, where=where, next_step="ask BPJS whether the packing has changed") from error
    return json_of(text.encode(), where)


def _decrypted(sealed: str, key: bytes, where: str) -> str:
    cipher = Cipher(algorithms.AES256(key), modes.CBC(key[:16]))
    try:
        decryptor, unpadder = cipher.decryptor(), PKCS7(128).unpadder()
        padded = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode("ascii")
    except ValueError as error:
        # Bad base64, a torn block, bad padding, or letters that are none: all of them a wrong key or a torn text.
        what = "decrypt failed: sealed with another secret or another timestamp than ours, or cut off"
        step = "compare this facility's `secret` with the one BPJS gave it"
        raise NotUnderstood(what, where=where, next_step=step) from error
