"""Columns that many tables have."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Text


def instant(name: str, comment: str, *, nullable: bool = False) -> Column[datetime]:
    """An aware instant."""
    return Column(name, DateTime(timezone=True), nullable=nullable, comment=comment)


def words(*names: str) -> list[Column[str]]:
    """Plain text, each nullable."""
    return [Column(name, Text) for name in names]
