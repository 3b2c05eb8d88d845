"""The packing side of LZ-String (``compressToEncodedURIComponent``), so that the city can seal its answers.

Written for itself and apart from the collectors' unpacking side: each is a check of the other.
"""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"


class _Writer:
    """Codes as bits, lowest bit first; the width grows as the dictionary of the reader does."""

    def __init__(self) -> None:
        self.bits: list[int] = []
        self.width, self._left = 2, 2

    def put(self, number: int, width: int) -> None:
        self.bits += [number >> power & 1 for power in range(width)]

    def spent(self) -> None:
        """One code was given away: when those of this width are used up, the next are a bit wider."""
        self._left -= 1
        if not self._left:
            self._left = 2**self.width
            self.width += 1

    def text(self) -> str:
        self.bits += [0] * (-len(self.bits) % 6)
        sixes = zip(*[iter(self.bits)] * 6, strict=True)
        return "".join(_ALPHABET[int("".join(map(str, six)), 2)] for six in sixes)


def packed(text: str) -> str:
    """``text`` as LZ-String, in characters that an address may hold."""
    raw = text.encode("utf-16-le", "surrogatepass")
    units = [chr(raw[at] | raw[at + 1] << 8) for at in range(0, len(raw), 2)]
    codes: dict[str, int] = {}
    untold: set[str] = set()
    writer, phrase = _Writer(), ""
    for unit in units:
        if unit not in codes:
            codes[unit] = len(codes) + 3
            untold.add(unit)
        if phrase + unit in codes:
            phrase += unit
            continue
        _tell(writer, phrase, codes, untold)
        codes[phrase + unit] = len(codes) + 3
        phrase = unit
    if phrase:
        _tell(writer, phrase, codes, untold)
    writer.put(2, writer.width)
    return writer.text()


def _tell(writer: _Writer, phrase: str, codes: dict[str, int], untold: set[str]) -> None:
    if phrase in untold:
        wide = ord(phrase) > 255
        writer.put(int(wide), writer.width)
        writer.put(ord(phrase), 16 if wide else 8)
        writer.spent()
        untold.remove(phrase)
    else:
        writer.put(codes[phrase], writer.width)
    writer.spent()
