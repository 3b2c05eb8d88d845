"""Reports of wrong numbers: kept once, with the exact state, without what looks like a person."""

from typing import Any

import pytest
import sqlalchemy as sa

from city import wrong_numbers
from tests.builders import NOW

SAID: dict[str, Any] = {"token": "0" * 32, "metric": "complaints_open", "query": "agency=pupr", "page": "/kpi",
                        "value": 12, "n": 12, "as_of": "2026-11-24T07:00:00+00:00", "version": "0.1.0",
                        "words": "Kemarin tertulis 21"}  # fmt: skip


@pytest.mark.parametrize(("words", "kept"), [
    ("telepon 0812-3456-7890 saja", "telepon […] saja"),
    ("NIK 1571 0203 0405 0006 salah", "NIK […] salah"),
    ("surat ke budi.s@contoh.id, @budi", "surat ke […] […]"),
    ("12.345 bukan 12.354\n\x00 baris", "12.345 bukan 12.354 baris"),
    ("x" * 900, "x" * 500),
])  # fmt: skip
def test_numbers_and_addresses_of_persons_are_taken_out_and_words_cut_short(words: str, kept: str) -> None:
    assert wrong_numbers.clean(words) == kept


@pytest.mark.parametrize("change", [{"token": "zz"}, {"words": " "}, {"words": 3}, {"metric": None}, {"page": ["x"]}])
def test_what_is_no_report_is_not_kept(engine: sa.Engine, change: dict[str, Any]) -> None:
    with engine.begin() as connection:
        assert not wrong_numbers.keep(connection, "15.71", SAID | change, NOW)
        assert wrong_numbers.listed(connection, "15.71") == []


def test_a_report_is_kept_once_listed_until_closed_and_keeps_its_state(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        assert wrong_numbers.keep(connection, "15.71", SAID, NOW) and wrong_numbers.keep(connection, "15.71", SAID, NOW)
        [one] = wrong_numbers.listed(connection, "15.71")
        assert wrong_numbers.taken(connection, "15.71", "0" * 32) and not wrong_numbers.taken(connection, "x", "0" * 32)
        assert one.words == SAID["words"] and one.metric == "complaints_open"
        assert one.state == {key: SAID[key] for key in ("query", "page", "value", "n", "as_of", "version")}
        wrong_numbers.close(connection, "15.71", one.id, "pukul 07.00 belum lengkap", NOW)
        assert wrong_numbers.listed(connection, "15.71") == []
        [closed] = wrong_numbers.listed(connection, "15.71", closed=True)
        assert closed.answer == "pukul 07.00 belum lengkap"
        with pytest.raises(LookupError, match="wrong-numbers lists"):
            wrong_numbers.close(connection, "15.71", one.id, "lagi", NOW)


def test_a_flood_of_reports_ends(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrong_numbers, "MOST_OPEN", 2)
    with engine.begin() as connection:
        kept = [wrong_numbers.keep(connection, "15.71", SAID | {"token": f"{n:032x}"}, NOW) for n in range(3)]
    assert kept == [True, True, False]
