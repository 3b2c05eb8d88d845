"""Marks of texts that screens say: where one is written apart from where it is shown, so that it is not missed.

Texts are written in Indonesian, which is also their name in the catalogues (dashboard/locale); they are translated
where they are shown. ``make words`` collects what is marked here or said outright.
"""


def N_(text: str) -> str:  # noqa: N802 (gettext's own name for it)
    """``text`` as it is, for the catalogue."""
    return text


def NN_(text: str) -> str:  # noqa: N802
    """``text`` as it is, for the catalogue; it counts ``{n}`` of something, which other languages say in plurals."""
    return text
