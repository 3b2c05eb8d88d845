"""Whatever a row holds, ``parse`` of every kind gives an item or one of the errors by which the runner rejects it."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

import collectors
from city.model import Case, Observation
from tests.collectors.sealing import MELATI
from tests.collectors.test_manual import JKN

INPUTS = int(os.environ.get("KENDALI_FUZZ", "300"))
#: What the runner takes for "this row is not understood".
REJECTED = (LookupError, ValueError, TypeError, ArithmeticError)
FIELDS = {"key": "a", "opened_at": "b", "closed_at": "c.d", "status": "e", "lat": "f", "lon": "g", "category": "h"}
STATUS = {"Baru": "received", "Selesai*": "done"}
SECRET = "a-secret-of-the-sender"
EVENTS = {"shape": "event_log", "fields": {"key": "a", "at": "b", "stage": "e"}}
FIGURES = {"shape": "observations", "fields": {"at": "b", "place": "a"}, "values": {"beds": "f", "free": "g"}}
CENTRE = {"lat": -1.6, "lon": 103.6}
#: One setting or more of every kind; a kind that is not here is told by the first test.
KINDS = {
    "open311": [{"url": "http://127.0.0.1/v2"}],
    "csv_file": [{"path": "x.csv", "fields": FIELDS | {"closed_at": "c"}, "status": STATUS}],
    "ckan": [{"url": "http://127.0.0.1", "resource": "x"} | shape for shape in (
        {"fields": FIELDS, "status": STATUS}, EVENTS, FIGURES)],
    "json_api": [{"url": "http://127.0.0.1", "fields": FIELDS, "status": STATUS}],
    "sql_query": [{"url": "mysql://a@h/d", "query": "select 1", "decimal": mark} | shape for mark in ".," for shape in (
        {"fields": FIELDS, "status": STATUS}, EVENTS, FIGURES)],
    "push": [{"secret": SECRET, "fields": FIELDS}, {"secret": SECRET} | EVENTS, {"secret": SECRET} | FIGURES],
    "manual": [JKN],
    "bmkg": [{"service": "forecast", "adm4": ["15.71.01.1001"]}, {"service": "earthquakes", "centre": CENTRE},
             {"service": "warnings"}],
    "petabencana": [{"admin": "ID-JA"}, {"admin": "ID-JA", "service": "floods"}],
    "bpjs": [
        {"service": "antrean", "url": "http://127.0.0.1", "facilities": [MELATI]},
        {"service": "antrean", "period": "month", "url": "http://127.0.0.1", "facilities": [MELATI]},
        {"service": "aplicares", "url": "http://127.0.0.1", "facilities": [MELATI]},
    ],
}  # fmt: skip

scalars = (
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20) | some.text(min_size=201)
    | some.sampled_from(["2026-11-24T12:00", "9999-12-31T23:59-14:00", "0001-01-01T00:00+14:00", "Selesai", "1.234,5"])
)  # fmt: skip
jsons = some.recursive(
    scalars,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)
OPEN311 = ["service_request_id", "requested_datetime", "updated_datetime", "status", "service_name", "lat", "long",
           "extended_attributes", "agency_responsible", "expected_datetime"]  # fmt: skip
QUAKE = ["DateTime", "Coordinates", "Magnitude", "Kedalaman", "Wilayah", "Potensi", "Dirasakan"]
NAMES = [*"abcdefgh", *OPEN311, *QUAKE, "at", "row", "values"]
records = some.dictionaries(some.sampled_from(NAMES), jsons | some.dictionaries(
    some.sampled_from(["d", "jkn_active", "simulated"]), jsons, max_size=2), max_size=12)  # fmt: skip
QUEUE = {f"{kind}waktu_task{n}": 1 for n in range(1, 7) for kind in ("", "avg_")}
ROOM = {"kodekelas": "VIP", "koderuang": "1", "kapasitas": 2, "tersedia": "1", "lastupdate": "2026-11-24 12:00"}
CLINIC = {"kodepoli": "BED", "namapoli": "BEDAH", "tanggal": "2026-11-24", "jumlah_antrean": 1}
#: What BPJS sends, spoiled here and there; the rest is the collector's own.
bpjs_rows = some.dictionaries(some.sampled_from([*QUEUE, *ROOM, *CLINIC, "namakelas"]), jsons, max_size=4).map(
    lambda odd: QUEUE | ROOM | CLINIC | odd | {"facility": "RS Melati", "asked": "2026-11-24", "simulated": False}
)
#: A table's row is a list of texts, and may be of any length.
cells = some.lists(
    some.text(max_size=12) | some.sampled_from(["2026-11-24", "Baru", "-1,6", "nan", "9" * 400]), max_size=9
)
#: A database's row holds values of its own types.
typed = some.lists(
    scalars | some.decimals() | some.datetimes(timezones=some.none() | some.timezones()) | some.dates()
    | some.binary(max_size=9) | some.uuids() | some.timedeltas() | jsons, min_size=3, max_size=8,
).map(tuple)  # fmt: skip


def test_every_kind_is_tried():
    assert set(KINDS) == set(collectors.names())


@pytest.mark.parametrize("name", collectors.names())
def test_no_row_breaks_a_kind(name):
    module = collectors.kind(name)
    ready = []
    for args in (module.Args.model_validate(one) for one in KINDS[name]):
        ready.append(
            module.parser(args) if hasattr(module, "parser") else lambda row, args=args: module.parse(row, args)
        )

    @settings(max_examples=INPUTS, deadline=None, suppress_health_check=list(HealthCheck))
    @given({"csv_file": cells, "bpjs": bpjs_rows, "sql_query": typed}.get(name, records))
    def read(row):
        for parse in ready:
            try:
                found = parse(row)
            except REJECTED:
                continue
            for item in found if isinstance(found, list) else [found]:
                assert type(item) in (Case, Observation)

    read()
