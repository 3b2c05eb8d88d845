"""LZ-String as BPJS packs its answers: ``decompressFromEncodedURIComponent``, and nothing else of that library.

LZ78 over UTF-16 code units, six bits a character, least significant bit first. A code is as wide as the
dictionary is long in binary; 0 and 1 announce a new code unit of 8 or 16 bits, 2 ends the text. The form is
that of lz-string 1.5.0 (MIT, pieroxy); the tests decode what an encoder that is not ours has written.
"""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
#: `$` fills up at the end; a `+` that went through a form has become a space.
_SIX_BITS = {letter: number for number, letter in enumerate(_ALPHABET)} | {"$": 0, " ": 62}
_NEW_8, _NEW_16, _END = range(3)
#: Code units of one answer. A hundred characters can be packed to unfold into gigabytes.
MAX_UNITS = 16_000_000


class NotPacked(ValueError):
    """The text is not LZ-String, is cut off, or unfolds beyond all measure. Never quotes it."""


class _Bits:
    """The bits of a text, six a character."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._rest, self._count = text, 0, 0, 0

    def take(self, width: int) -> int:
        """The next ``width`` bits as a number whose lowest bit comes first."""
        number = 0
        for power in range(width):
            if not self._count:
                self._refill()
            self._count -= 1
            number |= (self._rest >> self._count & 1) << power
        return number

    def _refill(self) -> None:
        if self._at >= len(self._text):
            raise NotPacked("ends before its end mark: cut off, or not LZ-String")
        letter = self._text[self._at]
        if letter not in _SIX_BITS:
            raise NotPacked("holds a character that LZ-String does not use")
        self._rest, self._count, self._at = _SIX_BITS[letter], 6, self._at + 1


def decompressed(text: str, max_units: int = MAX_UNITS) -> str:
    """The text that was packed. Raises NotPacked; ends always, for every step uses up bits of ``text``."""
    bits, phrases, last = _Bits(text), ["", "", ""], ""  # the first three codes are signs, not phrases
    parts: list[str] = []
    size = 0
    while (code := bits.take(len(phrases).bit_length())) != _END:
        if code in (_NEW_8, _NEW_16):
            phrases.append(chr(bits.take(8 if code == _NEW_8 else 16)))
            code = len(phrases) - 1
        phrase = _phrase(phrases, code, last)
        size += len(phrase)
        if size > max_units:
            raise NotPacked(f"unfolds into more than {max_units} characters")
        parts.append(phrase)
        if last:
            phrases.append(last + phrase[0])
        last = phrase
    # JavaScript writes what lies beyond 16 bits in two halves; Python wants it whole.
    return "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _phrase(phrases: list[str], code: int, last: str) -> str:
    if code < len(phrases):
        return phrases[code]
    if code == len(phrases) and last:
        return last + last[0]  # the phrase that is only just being made
    raise NotPacked("names a phrase that it has not told")
