"""What `run.py probe` proposes for every public data set that carries cases or observations, against the truth.

The truth of each was written down from its SOURCE.md and the settings in docs/examples. `-s` prints the table.
"""

import json
from pathlib import Path

import pytest
import yaml

from city.config import Config
from collectors import probe
from collectors.runner import Job
from tests.collectors.conftest import NOW

#: At least this share of what a source needs must be proposed right.
NEEDED_RATIO = 0.8
RECEIVED = {"Tersedia {} bed kosong IGD": 1, "Bed IGD Penuh!": 0}
QUEUED = {"dengan antrian {} pasien": 1, "tanpa antrian pasien.": 0}
BALTIMORE = {
    "collector": "csv_file", "key": "SRRecordID", "opened_at": "CreatedDate", "due_at": "DueDate",
    "closed_at": "CloseDate",
    "status": "SRStatus", "category": "SRType", "agency": "Agency", "channel": "MethodReceived",
    "district": "Neighborhood", "lat": "Latitude", "lon": "Longitude", "time_format": "%m/%d/%Y %I:%M:%S %p",
    "ignore_positions": [[39, -77]],
    "words": {"Closed": "done", "Closed (Duplicate)": "done", "Closed (Transferred)": "done", "New": "received",
              "New (Duplicate)": "received", "Open": "routed", "Open (Duplicate)": "routed", "Pending": "in_progress",
              "In Progress": "in_progress"},
}  # fmt: skip
LOG = {
    "collector": "csv_file",
    "shape": "event_log",
    "stage": "concept:name",
    "at": "time:timestamp",
    "time_format": None,
}
#: File -> what its source needs. `+x`: one of the counted columns; an address: how the answer is asked for.
TRUTH = {
    "baltimore-311/311_sample.csv": BALTIMORE,
    "baltimore-311/311_sample.xlsx": BALTIMORE,
    "bmkg/quakes_2021.csv": {
        "collector": "csv_file", "shape": "observations", "at": "origin_time_utc", "place": "region", "+mag": None,
        "+depth_km": None, "time_format": None,
    },
    "bmkg/gempaterkini.json": {
        "collector": "json_api", "shape": "observations", "records": "Infogempa.gempa", "at": "DateTime",
        "place": "Wilayah", "+Magnitude": None, "+Kedalaman": {"{} km": 1},
    },
    "bpjs-samples/antrean_dashboard_waktutunggu_tanggal.json": {
        "collector": "json_api", "shape": "observations", "records": "response.list", "at": "tanggal", "place": "nmppk",
        "category": "namapoli", "+jumlah_antrean": None, "+waktu_task1": None, "+avg_waktu_task6": None,
    },
    "bpjs-samples/antrean_getlisttask.json": {
        "collector": "json_api", "shape": "event_log", "records": "response.list", "key": "kodebooking", "at": "waktu",
        "stage": "taskname", "time_format": "%d-%m-%Y %H:%M:%S",
    },
    "ckan-boston/datastore_search_page1.json": {
        "collector": "ckan", "url": "/portal", "resource": "6ddc", "key": "permitnumber", "opened_at": "issued_date",
        "outcome": "status", "lat": "y_latitude", "lon": "x_longitude",
    },
    "helpdesk-tickets/helpdesk.csv": LOG | {
        "key": "case", "agency": "responsible_section", "event_agency": "support_section", "category": "service_type",
        "priority": "seriousness_2",
    },
    "open311-captures/chicago_requests.json": {"collector": "open311", "url": "/open311/v2", "format": None},
    "open311-captures/toronto_requests_many.xml": {"collector": "open311", "url": "/open311/v2", "format": "xml"},
    "petabencana-2017-02-21/reports_2017-02-21.geojson": {
        "collector": "json_api", "shape": None, "records": "features", "opened_at": "properties.created_at",
        "channel": "properties.source", "lat": "geometry.coordinates[1]", "lon": "geometry.coordinates[0]",
        "category": None,
    },
    "sepsis-er/sepsis.csv": LOG | {"key": "case_id", "at": "timestamp", "stage": "activity", "empty": None},
    "siranap-2021-07/covid_bed_data_all_0730.csv": {
        "collector": "csv_file", "shape": "observations", "at": "scraped_at", "place": "hospital",
        "district": "district",
        "+bed_availability": RECEIVED, "+queue": QUEUED,
    },
    "siranap-2021-07/noncovid_bed_data_all_0730.csv": {
        "collector": "csv_file", "shape": "observations", "at": "scraped_at", "place": "hospital",
        "district": "district",
        "+bed_class1": None, "+bed_class2": None, "+bed_class3": None, "empty": ["NA"],
    },
    "wabo-receipt/receipt.csv": LOG | {
        "key": "case:concept:name", "due_at": "case:deadline", "agency": "case:department", "channel": "case:channel",
        "event_agency": "org:group",
    },
    "wabo-receipt/roadtraffic100traces.csv": LOG | {"key": "case:concept:name"},
    "wabo-receipt/running-example.csv": LOG | {"key": "case:concept:name"},
}  # fmt: skip
LAST_PAGE = json.dumps({"success": True, "result": {"records": [], "total": 2}}).encode()
#: Where an answer that is no table is asked for; the server of the test gives the file.
ADDRESSES = {
    "ckan-boston": "/portal/api/3/action/datastore_search?resource_id=6ddc&limit=2",
    "chicago_requests.json": "/open311/v2/requests.json?status=open",
    "toronto_requests_many.xml": "/open311/v2/requests.xml",
}


def proposal(file, shared, system, session):
    """The text proposed for a file, or for an address that answers with it."""
    path = shared / "data" / file
    session._max_bytes = 4_000_000
    if path.suffix in (".csv", ".xlsx"):
        return probe.proposed("probed", probe.sampled(str(path), session, NOW))
    system.answer = lambda query: (
        200,
        {},
        path.read_bytes() if query.get("offset", "0") == "0" else LAST_PAGE,
    )
    address = next((address for part, address in ADDRESSES.items() if part in file), "/data")
    return probe.proposed("probed", probe.sampled(system.url + address, session, NOW))


def found(text, wanted, system):
    """What the proposal says of ``wanted``."""
    source = yaml.safe_load(text)["sources"]["probed"]
    args = source["args"]
    if wanted.startswith("+"):
        metric = next((name for name, column in args.get("values", {}).items() if column == wanted[1:]), None)
        return args.get("numbers", {}).get(metric) if metric else "not counted"
    if wanted == "collector":
        return source["collector"]
    if wanted == "words":
        return args.get("status")
    told = args.get(wanted, args.get("fields", {}).get(wanted))
    if wanted == "status":
        told = args["fields"].get("status")
    return told.removeprefix(system.url) if isinstance(told, str) else told


def test_at_least_four_fifths_of_what_the_public_data_sets_need_is_proposed_right(shared, system, session):
    right, needed, lines = 0, 0, []
    for file, truth in TRUTH.items():
        text = proposal(file, shared, system, session)
        wrong = [name for name, value in truth.items() if found(text, name, system) != value]
        right, needed = right + len(truth) - len(wrong), needed + len(truth)
        lines.append(
            f"{len(truth) - len(wrong):3} of {len(truth):2}  {file}" + (f"  not: {', '.join(wrong)}" if wrong else "")
        )
        # Every set for itself is worth having: no average hides one that is hopeless.
        assert len(wrong) <= 0.5 * len(truth), lines[-1]
    print("", *lines, f"{right} of {needed}: {right / needed:.0%}", sep="\n")
    assert right / needed >= NEEDED_RATIO


def contents_of(path: Path) -> set[str]:
    """Every text of four letters or more in the cells of personal and freely written columns of a data set."""
    import pandas as pd

    personal = (
        "Address",
        "address",
        "tlp_number",
        "org:resource",
        "case:responsible",
        "resource",
        "customer",
        "case:creator",
    )
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    return {text for name in personal if name in table for text in table[name].unique() if len(text) >= 4}


@pytest.mark.parametrize("file", [file for file in TRUTH if file.endswith(".csv")])
def test_no_cell_of_a_personal_column_is_in_any_proposal(shared, system, session, file):
    text = proposal(file, shared, system, session)
    mapped = yaml.safe_load(text)["sources"]["probed"]["args"]
    columns = {*mapped["fields"].values(), *mapped.get("values", {}).values()}
    assert not columns & {"Address", "address", "tlp_number", "org:resource", "case:responsible", "resource"}
    shown = json.dumps(yaml.safe_load(text)) + text
    assert not [cell for cell in contents_of(shared / "data" / file) if f" {cell}" in shown or f'"{cell}"' in shown]


@pytest.mark.parametrize("file", TRUTH)
def test_each_proposal_is_settings_that_load_and_read_their_source(shared, system, session, file):
    proposed = yaml.safe_load(proposal(file, shared, system, session))
    region = {"code": "15.71", "name": "Jambi", "timezone": "Asia/Jakarta"}
    config = Config.model_validate({"region": region, **proposed})
    session._max_bytes = 4_000_000
    result = Job("probed", config).run(None, session, lambda: NOW, dry_run=True)
    assert (result.error, result.rejected) == (None, 0)
    assert result.fetched > 0
