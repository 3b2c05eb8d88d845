"""A wrong file names every mistake at once: line, path, and the nearest valid name."""

import pytest

import collectors
from city.documents import ConfigError, load

GOOD = """region: {code: "1", name: Kota, timezone: Asia/Jakarta}
sources:
  desk:
    collector: csv_file
    every: 5m
    args:
      path: "${FOLDER:-.}/cases.csv"
      fields: {key: id, opened_at: at}
"""


def problems(tmp_path, text, env=None):
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as found:
        load(file, collectors.args_of, env or {})
    return [str(problem) for problem in found.value.problems]


def test_a_good_file_is_loaded_and_its_variables_filled(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(GOOD)
    assert load(file, collectors.args_of, {"FOLDER": "/drop"}).sources["desk"].args["path"] == "/drop/cases.csv"
    assert load(file, collectors.args_of, {}).sources["desk"].args["path"] == "./cases.csv"


def test_all_mistakes_are_told_together_with_line_path_and_nearest_name(tmp_path):
    text = GOOD.replace("every: 5m", "evry: 5m").replace("path:", "pth:") + "limits:\n  complaints_open: {warn: many}\n"
    assert problems(tmp_path, text) == [
        "config.yaml:5: sources.desk.evry: unknown setting. Did you mean 'every'?",
        "config.yaml:7: sources.desk.args.pth: unknown setting. Did you mean 'path'?",
        "config.yaml:10: limits.complaints_open.warn: must be a number",
    ]


def test_an_unknown_collector_names_the_nearest(tmp_path):
    told = problems(tmp_path, GOOD.replace("csv_file", "csv_fil"))
    assert told == ["config.yaml:4: sources.desk.collector: unknown collector 'csv_fil'. Did you mean 'csv_file'?"]


def test_an_unset_variable_is_a_mistake_not_an_empty_text(tmp_path):
    told = problems(tmp_path, GOOD.replace("${FOLDER:-.}", "${FOLDER}"))
    assert told == [
        "config.yaml:7: sources.desk.args.path: variable FOLDER is not set; export it or write ${FOLDER:-default}"
    ]


def test_a_limit_on_an_unknown_metric_names_the_nearest(tmp_path):
    told = problems(tmp_path, GOOD + "limits:\n  complaints_overdu: {warn: 3}\n")
    assert told == ["config.yaml:10: limits.complaints_overdu: unknown metric. Did you mean 'complaints_overdue'?"]


@pytest.mark.parametrize(
    ("text", "told"),
    [("region: [", "config.yaml:1: not valid YAML"), ("", "config.yaml:1: region: is missing"),
     (GOOD.replace("5m", "soon"), "config.yaml:5: sources.desk.every: 'soon' is not a duration")],
)  # fmt: skip
def test_what_cannot_be_read_says_where(tmp_path, text, told):
    assert problems(tmp_path, text)[0].startswith(told)


def test_a_missing_file_is_one_clear_line(tmp_path):
    with pytest.raises(ConfigError, match="nowhere.yaml:1: cannot be read: FileNotFoundError"):
        load(tmp_path / "nowhere.yaml", collectors.args_of, {})
