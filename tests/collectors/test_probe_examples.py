"""Answers as docs/examples describe them, invented: the probe finds the mapping that a person wrote for each."""

import json
from pathlib import Path

import yaml

from collectors import probe
from tests.collectors.conftest import NOW

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
DAYS = [f"{day:02}" for day in range(1, 29)]
PEOPLE = [f"Budi Santoso {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZab"]


def sikesal(number, day):
    return {
        "nomor": f"SKL-{number:05}", "tanggal_masuk": f"{day}-10-2026 08:15:00",
        "batas_waktu": f"{day}-11-2026 08:15:00",
        "tanggal_selesai": f"{day}-10-2026 17:00:00" if number % 3 == 0 else None,
        "status": "Selesai" if number % 3 == 0 else ["Menunggu", "Disposisi", "Proses"][number % 3],
        "tanggal_status": f"{day}-10-2026 17:00:00", "kategori": {"nama": ["Jalan", "Sampah", "Lampu"][number % 3]},
        "opd": {"singkatan": ["PUPR", "DLH"][number % 2]},
        "pelapor": {"nama": PEOPLE[number], "telepon": "081234567890"},
        "lokasi": {"kecamatan": ["Jelutung", "Kota Baru"][number % 2], "lat": -1.6 - number / 999,
                   "lng": 103.6 + number / 999,
                   "alamat": f"Jl. Mawar {number}"},
        "isi": f"Jalan rusak di depan rumah {PEOPLE[number]} sejak {number} hari yang lalu, mohon ditindak lanjuti",
    }  # fmt: skip


def lapor(number, day):
    return {
        "tracking_id": str(9_165_800 + number), "judul": f"Jalan rusak {number}", "pelapor": PEOPLE[number],
        "waktu": {"masuk": f"{day} Oktober 2026 08:15 WIB", "status": f"{day} Oktober 2026 19:15 WIB",
                  "selesai": f"{day} Oktober 2026 19:15 WIB" if number % 2 else None},
        "status": "Selesai" if number % 2 else "Proses", "kategori": ["Jalan", "Sampah"][number % 2],
        "disposisi": [{"instansi": "Kota Jambi"}, {"instansi": ["PUPR", "DLH"][number % 2]}],
        "kanal": ["Website", "Whatsapp"][number % 2], "klasifikasi": ["Pengaduan", "Aspirasi"][number // 2 % 2],
    }  # fmt: skip


def call(number, day):
    rang = 1_790_000_000 + 5_000 * number
    return {
        "call_id": f"c{number}", "ring_at": rang, "end_at": rang + 120, "type": ["emergency", "prank"][number % 2],
        "caller": f"+62812345678{number:02}",
        "incident": {"class": ["Kebakaran", "Banjir"][number % 2], "district": ["Jelutung", "Kota Baru"][number % 2]},
    }  # fmt: skip


def memo(number, day):
    steps = [("Diterima", "TU", "08"), ("Disposisi", "Sekda", "09"), ("TTE", "Sekda", "10"), ("Selesai", "TU", "11")]
    return {
        "nomor_agenda": f"ND-{number:04}", "perihal": f"Permohonan cuti {PEOPLE[number]}",
        "unit_asal": ["BKD", "Dinkes"][number % 2], "urgensi": ["Biasa", "Segera"][number % 2],
        "riwayat": [{"tahap": tahap, "unit": unit, "waktu": f"2026-10-{day}T{hour}:00:00+07:00"}
                    for tahap, unit, hour in steps[: 2 + number % 3]],
    }  # fmt: skip


#: Example -> (a record, the answer around its records).
ANSWERS = {
    "sikesal": (sikesal, lambda rows: {"data": rows, "halaman": 1, "per_halaman": 50, "total": 400}),
    "sp4n-lapor": (lapor, lambda rows: {"hasil": rows, "meta": {"kursor_berikut": "b2Zmc2V0"}}),
    "panggilan-112": (call, lambda rows: {"calls": rows, "skip": 0, "limit": 200, "total": 900}),
    "gateway-memo": (memo, lambda rows: {"naskah": rows, "tautan": {"berikut": "/naskah?halaman=2"}}),
}


def test_the_mappings_that_people_wrote_for_four_city_systems_are_found_again(system, session):
    right, needed, lines = 0, 0, []
    for name, (record, around) in ANSWERS.items():
        answer = around([record(number, day) for number, day in enumerate(DAYS)])
        system.answer = lambda query, answer=answer: (200, {}, json.dumps(answer).encode())
        text = probe.proposed("one", probe.sampled(system.url + "/api", session, NOW))
        (told,) = yaml.safe_load(text)["sources"].values()
        (written,) = yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text())["sources"].values()
        pairs = {
            field: (told["args"]["fields"].get(field), column) for field, column in written["args"]["fields"].items()
        }
        for key in ("records", "time_format", "shape", "each"):
            pairs[key] = (told["args"].get(key), written["args"].get(key))
        for key in ("kind", "next", "param", "size_param"):
            if key in written["args"]["paging"]:
                pairs[f"paging.{key}"] = (told["args"].get("paging", {}).get(key), written["args"]["paging"][key])
        wrong = {key: one for key, one in pairs.items() if one[0] != one[1]}
        right, needed = right + len(pairs) - len(wrong), needed + len(pairs)
        lines.append(f"{len(pairs) - len(wrong):3} of {len(pairs):2}  {name}  {wrong or ''}")
        assert not any(word in text for word in ("Budi", "0812", "62812", "Mawar", "cuti")), text
    print("", *lines, f"{right} of {needed}: {right / needed:.0%}", sep="\n")
    assert right / needed >= 0.8
