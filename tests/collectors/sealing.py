"""Answers sealed as BPJS seals them, by libraries that are not ours; and facilities with their keys."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import lzstring
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # Tuesday noon in Jambi
STAMP = str(int(NOW.timestamp()))
MELATI = {"code": "R1", "name": "RS Melati", "cons_id": "101", "secret": "s-101", "user_key": "k-101"}
DAHLIA = {"code": "R2", "name": "RS Dahlia", "cons_id": "102", "secret": "s-102", "user_key": "k-102"}
LOGIN = {"username": "u", "password": "p"}


def units(text: str) -> str:
    """Text as JavaScript holds it: what lies beyond 16 bits in two halves."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(raw[at] | raw[at + 1] << 8) for at in range(0, len(raw), 2))


def packed(text: str) -> str:
    """``text`` packed by py-lzstring."""
    return str(lzstring.compress_to_encoded_uri_component(units(text)))


def locked(packed_text: str, cons_id: str, secret: str, stamp: str) -> str:
    """AES-256-CBC of a packed text, base64."""
    key = hashlib.sha256(f"{cons_id}{secret}{stamp}".encode()).digest()
    padder, cipher = PKCS7(128).padder(), Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
    padded = padder.update(packed_text.encode()) + padder.finalize()
    return base64.b64encode(cipher.update(padded) + cipher.finalize()).decode()


def sealed(value: Any, head: dict[str, str], keys: dict[str, str] = MELATI) -> str:
    """``value`` sealed for the request with these headers."""
    return locked(packed(json.dumps(value)), keys["cons_id"], keys["secret"], head["X-timestamp"])
