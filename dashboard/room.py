"""How much room words take on a wall, so that a panel can say what it needs before there is anything to measure.

Widths in units, of Encode Sans at the width of walls (87.5 %): the mean of Indonesian text, a little rounded up.
"""

#: Width of a letter for a font size of 1: of text, and of a bold title at 78 % (the narrowest there may be).
LETTER, BOLD_LETTER = 0.47, 0.49
#: Height of a panel's title with its age rule, and of one row of a list.
TITLE_U, ROW_U = 39, 26


def text_u(text: str, font_u: float, letter: float = LETTER) -> float:
    """The width of a text in a font size."""
    return len(text) * letter * font_u
