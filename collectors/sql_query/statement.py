"""What may be asked: one SELECT that knows only ``:since`` and ``:until``.

The read-only transaction is the lock; this is the sign on the door. It tells a mistake when the settings
are read, and keeps out what such a transaction lets through: SELECT ... INTO a file, locks, SQL Server.
"""

import re

import sqlalchemy as sa

#: Texts, quoted names and comments, which may hold any word. MySQL runs what stands in /*! ... */.
_QUOTED = re.compile(r"'(?:[^'\\]|''|\\.)*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--\s[^\n]*|/\*(?!M?!).*?\*/", re.DOTALL)
#: T-SQL needs no semicolon between statements, so these may stand anywhere.
_WRITES = re.compile(
    r"\b(insert|update|delete|merge|into|exec|execute|create|alter|drop|truncate\s+table|for\s+share|in\s+share)\b",
    re.I,
)
_MOMENTS = {"since", "until"}


def checked(query: str) -> str:
    """``query`` without a closing semicolon; ValueError says what is not allowed."""
    query = query.strip().rstrip(";").rstrip()
    bare = _QUOTED.sub(" ", query)
    if not re.match(r"\s*\(*\s*(select|with)\b", bare, re.I):
        raise ValueError("begin with SELECT or WITH: only a question is asked")
    if ";" in bare:
        raise ValueError("write one statement: there is a semicolon inside")
    if found := _WRITES.search(bare):
        raise ValueError(f"'{found[0].lower()}' would write or lock; a column of that name is written in quotes")
    if unknown := set(sa.text(query).compile().params) - _MOMENTS:
        raise ValueError(f"':{min(unknown)}' is not known; use :since and :until, and \\: for a plain colon")
    return query
