"""The daily brief as it is said: a golden text, both languages, one page of paper."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard import brief_html, brief_pdf, brief_text
from dashboard import brief_words as said
from dashboard.brief_words import speaking
from tests import builders
from tests.dashboard import hand_made

ID, EN = (speaking(builders.config(), language) for language in ("id", "en"))
GOLDEN = """\
RINGKASAN HARIAN KOTA JAMBI
Senin, 23 Nov 2026; dibuat Sel, 24 Nov 2026, 14.05 WIB. [..] = umur data
DATA SIMULASI, bukan keadaan sebenarnya

Skor kota 95,0 (−3,2 dari minggu ke-46, metrik yang dihitung berbeda); Minggu ke-47, 16–22 Nov 2026
2 dari 3 metrik, 67% bobot. Tidak dihitung: Sampah (basi).
Terburuk: Tepat waktu 80 [2 j]
Terbaik: Dibuka kembali 110 [2 j]

KEMARIN, DIBANDING SENIN BIASANYA
- Masuk: 112; biasanya 96–131 [5 mnt]
- Lewat tenggat: 17; di atas biasanya 8–12 [5 mnt]
- Selesai: 3; di bawah biasanya 8–12 [5 mnt]
- Tunggu: 3 j 30 mnt; belum ada kebiasaan untuk dibandingkan [1 j]
- Nota: 40; sumbernya tidak terbaca sampai akhir periode (SIPADEK) [17 j]
- Izin: –; belum pernah ada data (PBG) [–]
- Panggilan: 0; biasanya 0–2 [5 mnt]

LEWAT TENGGAT PER OPD [pengaduan 5 mnt, izin belum pernah ada data]
- PUPR 11: pengaduan 9, izin 2
- Tanpa OPD 1: pengaduan 1
- Tanpa kegiatan, nota dinas: PUPR 6 hari kerja

PALING BERUBAH
- Tepat waktu −10,0 poin skor: 90% menjadi 72% [2 j]. Terutama PUPR −16,0 poin.

SUMBER: 4 dari 6 sumber terkini
SIPADEK: tidak terlihat, terakhir 23 Nov 21.05 (17 j); PBG: belum pernah ada data
"""


def seen(page: str) -> str:
    """What a reader sees of a page."""
    body = page.partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_the_text_says_every_number_with_its_age_and_every_absence_by_name():
    assert brief_text.text(hand_made.made(), ID) == GOLDEN


def test_in_english_every_word_of_ours_is_english():
    text = brief_text.text(hand_made.made(), EN)
    for part in ("DAILY BRIEF KOTA JAMBI", "SIMULATED DATA", "17; above the usual 8–12 [5 min]", "usually 96–131",
                 "no data has ever come (PBG)", "4 of 6 sources up to date", "Mainly PUPR −16.0 pp",
                 "PUPR 6 working days"):  # fmt: skip
        assert part in text, part
    both = text + seen(brief_html.page(hand_made.made(), EN))
    for word in ("biasanya", "umur", "Skor", "kemarin", "tenggat", "sumber", "Terutama", "terburuk", "hari", "angka"):
        assert word.lower() not in both.lower(), word


def test_the_text_has_at_most_40_lines_when_everything_is_full():
    brief = hand_made.made()
    full = replace(brief, figures=brief.figures[:1] * 12, late=brief.late[:1] * 5, changed=brief.changed * 2,
                   silent=brief.silent * 3)  # fmt: skip
    assert len(brief_text.text(full, ID).splitlines()) <= 40


def test_html_says_the_same_needs_nothing_from_elsewhere_and_runs_nothing():
    page = brief_html.page(hand_made.made(), ID, faces=True)
    for part in ("95,0", "DATA SIMULASI", "di atas 8–12", "belum pernah ada data (PBG)", "Data tertua 17 j",
                 "4 dari 6 sumber terkini", "tidak terlihat, terakhir 23 Nov 21.05 (17 j)",
                 "−10,0 poin skor"):  # fmt: skip
        assert part in seen(page), part
    assert "<del>40</del>" in page  # not the whole of the day
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=|url\((?!data:)|@import|var\(", page)
    in_mail = brief_html.without_face(page)
    assert "@font-face" not in in_mail
    assert len(in_mail) < 60_000  # longer letters are cut off


def test_what_comes_from_the_settings_is_text_and_no_markup():
    page = brief_html.page(replace(hand_made.made(), region="Kota <b>X</b> & Y"), ID)
    assert "<b>X</b>" not in page
    assert "Kota &lt;b&gt;X&lt;/b&gt; &amp; Y" in page


def test_a_city_without_targets_and_without_trouble_says_so():
    calm = replace(hand_made.made(), card=None, late=(), silent=(), changed=(), away=(), figures=(), simulated=False)
    for told in (brief_text.text(calm, ID), seen(brief_html.page(calm, ID))):
        assert "tidak ada yang lewat tenggat" in told
        assert "4 dari 4 sumber terkini" in told
        assert "SIMULASI" not in told
        assert " 0,0" not in told
    past = brief_text.text(replace(calm, away=None), ID)
    assert "keadaan sumber pada waktu yang lalu tidak diketahui" in past


def test_a_number_that_is_written_like_the_end_of_the_usual_lies_within_it():
    one = replace(hand_made.made().figures[0], value=95.8)
    assert said.note(one, ID) == "biasanya 96–131"
    assert said.note(replace(one, value=95.4), ID) == "di bawah biasanya 96–131"


@pytest.mark.browser
def test_on_paper_it_is_exactly_one_a4_page():
    brief = hand_made.made()
    full = replace(brief, figures=(brief.figures[1], brief.figures[4]) * 6, late=brief.late[:1] * 5,
                   changed=brief.changed * 2, away=(brief.away or ()) * 5)  # fmt: skip
    made = brief_pdf.pdf(brief_html.page(full, EN, faces=True))
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", made)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 594\.\d+ 841\.\d+\]", made)


def test_without_chromium_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setenv("KENDALI_CHROMIUM", "no-such-program")
    with pytest.raises(brief_pdf.NoPdf, match=r"no-such-program.*apt install chromium"):
        brief_pdf.pdf("<p>x</p>")


@pytest.mark.parametrize(("does", "told"), [("sleep 30", "within 0.3 s and was stopped"), ("exit 3", "without a PDF")])
def test_a_chromium_that_hangs_or_fails_is_told(monkeypatch, tmp_path: Path, does: str, told: str):
    program = tmp_path / "chromium"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setenv("KENDALI_CHROMIUM", str(program))
    with pytest.raises(brief_pdf.NoPdf, match=told):
        brief_pdf.pdf("<p>x</p>", limit_s=0.3 if "sleep" in does else 10)
