"""Whatever is wrong in a settings file is told, all of it, in words for whoever edits the file."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import collectors
from city.config import Config
from city.documents import ConfigError, load, read_yaml

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (ROOT / "config.yaml").read_text(encoding="utf-8")
REGION = 'region: {code: "1", name: Kota, timezone: Asia/Jakarta}\n'
SOURCES = """sources:
  desk:
    collector: csv_file
    kind: memo
    args: {path: memos.csv, kind: memo, fields: {key: id, opened_at: at}}
"""


def told(tmp_path, text, **env):
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        load(file, collectors.args_of, env)
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_the_shipped_region_is_in_order(tmp_path):
    assert told(tmp_path, SHIPPED, SIMULATION_SECRET="s" * 32) == []


def test_every_part_of_a_file_is_checked_though_another_part_is_wrong(tmp_path):
    text = """region: {code: 15.71, name: Kota Jambi, timezone: Asia/Jakrta}
sources:
  desk:
    collector: csv_file
    kind: memo
    every: soon
    args: {path: "${MEMOS}", kind: memo, fields: {key: id, opened_at: at}}
  Other:
    collector: csv_fil
sla:
  memo: {segera: 2 hari}
  memoo: {default: 2d}
metrics:
  quick: {measure: medan, of: memo}
  slow: {measure: stage_time, of: memo}
  calm: {measure: open, of: cal}
limits:
  memos_overdu: {warn: many}
  quick: {wrn: 3}
pges: [layouts/overview.yaml]
"""
    assert told(tmp_path, text) == [
        "config.yaml:1: region.code: must be text; put it in quotes",
        "config.yaml:1: region.timezone: unknown time zone. Did you mean 'Asia/Jakarta'?",
        "config.yaml:6: sources.desk.every: 'soon' is not a duration; write a number and a unit: 30s, 5m, 2h, 1d, 1w",
        "config.yaml:7: sources.desk.args.path: variable MEMOS is not set; export it or write ${MEMOS:-default}",
        "config.yaml:8: sources.Other: not a name: small letters, digits and _, beginning with a letter",
        "config.yaml:9: sources.Other.collector: unknown collector 'csv_fil'. Did you mean 'csv_file'?",
        "config.yaml:11: sla.memo.segera: '2 hari' is not a promise; write 24h, 2d or, in whole working days, 3wd; "
        "in hours of them, 8wh",
        "config.yaml:12: sla.memoo: unknown kind of case. Did you mean 'memo'?",
        "config.yaml:14: metrics.quick.measure: unknown measure. Did you mean 'mean'?",
        "config.yaml:15: metrics.slow: 'stage_time' needs `from_stage` and `to_stage`",
        "config.yaml:16: metrics.calm.of: unknown kind of case. Did you mean 'call'?",
        "config.yaml:18: limits.memos_overdu.warn: must be a number",
        "config.yaml:18: limits.memos_overdu: unknown metric. Did you mean 'memos_overdue'?",
        "config.yaml:19: limits.quick.wrn: unknown setting. Did you mean 'warn'?",
        "config.yaml:20: pges: unknown setting. Did you mean 'pages'?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: memo\n", "kind: memo\n    kind: call\n", "6: sources.desk.kind: stands here twice"),
        ("kind: memo,", "kind: call,", "6: sources.desk.args.kind: the cases are of kind 'call', the source is of"),
        ("kind: memo\n", "expires_after: 1m\n", "3: sources.desk: expires_after is shorter than stale_after"),
        ("kind: memo\n", "every: 0s\n", "3: sources.desk: every: a period must be longer than nothing"),
        ("kind: memo\n", "kind: 2026-13-45\n", "5: sources.desk.kind: cannot be read; if it is text, put it in quotes"),
        ("kind: memo\n", "kind: !!python/name:os.system x\n", "5: sources.desk.kind: cannot be read"),
        ("  desk:\n", "  desk: &me\n    again: *me\n", "4: sources.desk.again: contains itself"),
        ("    args: {", "    args: [{", "7: not valid YAML: expected ',' or ']', but got '<stream end>' (begun in"),
        (SOURCES, "sources: none\n", "2: sources: must hold settings, one `name: value` a line"),
        (SOURCES, "sources: {desk: {collector: csv_file, args: }}\n", "2: sources.desk.args: must hold settings"),
        ("Asia/Jakarta", 'Asia/Jakarta, country: "??"', "1: region.country: no holidays are known for country '??'"),
    ],
)  # fmt: skip
def test_one_mistake_is_one_line_that_says_where(tmp_path, old, new, message):
    found = told(tmp_path, (REGION + SOURCES).replace(old, new))
    assert any(problem.startswith("config.yaml:" + message) for problem in found), found


def test_the_kind_of_case_need_be_said_once_only(tmp_path):
    assert told(tmp_path, (REGION + SOURCES).replace("kind: memo,", "")) == []


def test_a_word_of_the_vocabulary_can_mean_one_thing_only(tmp_path):
    districts = "[{code: a, name: Pasar, lat: 0, lon: 1}, {code: b, name: Lama, aliases: [ PASAR ], lat: 0, lon: 2}]"
    found = told(tmp_path, REGION.replace("}", f", districts: {districts}}}") + SOURCES)
    assert found == ["config.yaml:1: region.districts.1: 'pasar' is Pasar already; a word can mean one only"]


def test_the_boundaries_must_show_every_district_and_are_named_beside_the_settings(tmp_path):
    square = {"type": "Polygon", "coordinates": [[[103, -2], [104, -2], [104, -1], [103, -1], [103, -2]]]}
    shape = {"type": "FeatureCollection", "features": [{"properties": {"kode": "a.1001"}, "geometry": square}]}
    (tmp_path / "map.geojson").write_text(json.dumps(shape))
    one = "{code: a, name: Pasar, lat: -1.5, lon: 103.5}"
    text = REGION.replace("}", f", boundaries: map.geojson, districts: [{one}]}}") + SOURCES
    assert told(tmp_path, text) == []
    two = text.replace(one, one + ", {code: b, name: Lama, lat: -1.6, lon: 103.5}")
    assert told(tmp_path, two) == ["config.yaml:1: region.boundaries: no polygon for Lama; codes are in 'kode'"]
    lost = told(tmp_path, text.replace("map.geojson", "maps.geojson"))
    assert lost[0].endswith("cannot be read as GeoJSON with the property 'kode': FileNotFoundError")
    other = told(tmp_path, text.replace("map.geojson", "map.geojson, boundaries_key: code"))
    assert other[0].endswith("cannot be read as GeoJSON with the property 'code': KeyError")


def test_shared_settings_may_be_merged(tmp_path):
    text = "base: &base {stale_after: 3m}\ndesk:\n  <<: *base\n  every: 1m\n"
    (tmp_path / "part.yaml").write_text(text)
    document = read_yaml(tmp_path / "part.yaml", {})
    assert document.data["desk"] == {"stale_after": "3m", "every": "1m"}
    assert str(document.problem(("desk", "every"), "no")) == "part.yaml:4: desk.every: no"


def test_a_layout_with_an_unset_variable_is_refused_too(tmp_path):
    (tmp_path / "page.yaml").write_text('title: "${TITLE}"\nother: "${EMPTY}"\n')
    with pytest.raises(ConfigError) as found:
        read_yaml(tmp_path / "page.yaml", {"EMPTY": ""})
    assert [(problem.path, problem.line) for problem in found.value.problems] == [("title", 1), ("other", 2)]


def test_a_value_cannot_change_the_structure(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(REGION.replace("Kota", '"${CITY}"') + SOURCES)
    assert load(file, collectors.args_of, {"CITY": "x, timezone: UTC}\nlimits: {"}).region.timezone == "Asia/Jakarta"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, len(SHIPPED)),
    st.integers(0, 40),
    st.sampled_from(["", " ", "\n", ":", "- ", "{", "x", "&a ", "<<: "]),
)
def test_a_slip_of_the_hand_never_ends_in_anything_but_a_list_of_mistakes(tmp_path, at, cut, typed):
    file = tmp_path / "config.yaml"
    file.write_text(SHIPPED[:at] + typed + SHIPPED[at + cut :], encoding="utf-8")
    try:
        assert isinstance(load(file, collectors.args_of, {}), Config)
    except ConfigError as error:
        assert error.problems and all(problem.line >= 1 for problem in error.problems)
