"""Mistakes in a layout: each says file, line, path and the nearest valid name, in words for whoever edits YAML."""

from pathlib import Path

import pytest

from city.documents import ConfigError
from dashboard import panels
from dashboard.page import load_page
from tests.builders import config
from tests.dashboard.look import parts, text
from tests.dashboard.test_page import LAYOUT, alone, load, mistakes

HEAD = LAYOUT.split("panels:", maxsplit=1)[0]  # lines 1 to 5
ARGS = "args: {overdue: true}"
TILES = "tiles: [{metric: complaints_open, label: Terbuka}]"


def changed(old: str, new: str) -> str:
    """The good layout with one thing changed."""
    assert LAYOUT.count(old) == 1
    return LAYOUT.replace(old, new)


def bars(args: str) -> str:
    return changed("kind: table", "kind: bars").replace(ARGS, f"args: {{{args}}}")


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        # the file as a whole
        ("- a\n", "1: must hold settings, one `name: value` a line"),
        ("title: [\n", "2: not valid YAML: expected the node content, but found '<stream end>'"),
        (LAYOUT.replace("  open:", "\topen:"), "7: not valid YAML: found character '\\t' that cannot start any token"),
        (LAYOUT + "  late:\n    kind: table\n", "16: panels.late: stands here twice; only one of them can count"),
        (HEAD, "1: panels: is missing"),
        (HEAD + "panels: none\n", "6: panels: must hold settings, one `name: value` a line"),
        (changed("title: Uji", "title: 5"), "1: title: must be text; put it in quotes"),
        # the grid
        (changed('[66, "1fr"]', "[66]"), "5: grid.areas: 2 rows of areas but 1 sizes in rows"),
        (changed('[66, "1fr"]', "66"), "4: grid.rows: must be a list, one `- value` a line"),
        (changed("  columns:", "  colums: []\n  columns:"), "3: grid.colums: unknown setting. Did you mean 'columns'?"),
        (changed('  columns: [600, "1fr"]\n', ""), "2: grid.columns: is missing"),
        # a panel
        (changed("    title: Terbuka\n", ""), "7: panels.open.title: is missing"),
        (changed("    kind: table\n", ""), "11: panels.late.kind: is missing"),
        (changed("kind: table", "kind: 5"), "12: panels.late.kind: must be text; put it in quotes"),
        (
            changed("kind: table", "kind: tabel"),
            "12: panels.late.kind: unknown panel kind 'tabel'. Did you mean 'table'?",
        ),
        (changed("stale_after:", "stale:"), "14: panels.late.stale: unknown setting. Did you mean 'stale_after'?"),
        (
            changed("5m", "5 menit"),
            "14: panels.late.stale_after: '5 menit' is not a duration; write a number and a unit: 30s, 5m, 2h, 1d, 1w",
        ),
        (
            changed("  open:", "  Open-1:"),
            "7: panels.Open-1: not a name: small letters, digits and _, beginning with a letter",
        ),
        # its settings
        (changed(ARGS, "args: {rows: many}"), "15: panels.late.args.rows: must be a whole number"),
        (changed(ARGS, "args: {rows: 2.5}"), "15: panels.late.args.rows: must be a whole number"),
        (bars(""), "15: panels.late.args: give either 'metric' or 'flow'"),
        (
            bars("metric: memos_open, flow: {opened: memos_opened, closed: memos_closed, open: memos_open}"),
            "15: panels.late.args: give either 'metric' or 'flow'",
        ),
    ],
)
def test_a_mistake_names_its_line_and_path_and_says_what_to_write(tmp_path: Path, layout: str, said: str):
    assert mistakes(tmp_path, layout) == [f"uji.yaml:{said}"]


def test_a_kind_like_no_other_lists_the_kinds_there_are(tmp_path):
    (problem,) = mistakes(tmp_path, changed("kind: table", "kind: xyz"))
    assert problem.endswith("unknown panel kind 'xyz'; known: " + ", ".join(panels.names()))


@pytest.mark.parametrize("name", ["../number", "number.Args", "__init__", "os", ""])
def test_a_kind_is_one_of_ours_and_never_another_module(tmp_path, name):
    (problem,) = mistakes(tmp_path, changed("kind: table", f'kind: "{name}"'))
    assert f"uji.yaml:12: panels.late.kind: unknown panel kind '{name}'" in problem


@pytest.mark.parametrize("rows", [0, -1, 21])
def test_a_list_has_between_one_and_twenty_rows(tmp_path, rows):
    (problem,) = mistakes(tmp_path, changed(ARGS, f"args: {{rows: {rows}}}"))
    assert problem.startswith("uji.yaml:15: panels.late.args.rows: Input should be ")


def test_a_panel_without_tiles_is_refused(tmp_path):
    (problem,) = mistakes(tmp_path, changed(TILES, "tiles: []"))
    assert problem.startswith("uji.yaml:10: panels.open.args.tiles: ") and "at least 1" in problem


def test_a_size_of_panel_that_does_not_exist_lists_those_that_do(tmp_path):
    (problem,) = mistakes(tmp_path, changed("title: Terbuka\n", "title: Terbuka\n    size: huge\n"))
    assert problem == "uji.yaml:10: panels.open.size: Input should be 'panel', 'group' or 'strip'"


def test_a_dimension_that_does_not_exist_lists_those_that_do(tmp_path):
    (problem,) = mistakes(tmp_path, changed(ARGS, "args: {metric: complaints_open, by: distric}"))
    assert problem.startswith("uji.yaml:15: panels.late.args.by: ") and "'district'" in problem


def test_a_column_width_in_pixels_is_refused_where_it_stands(tmp_path):
    found = mistakes(tmp_path, changed("[600,", "[600px,"))
    assert found and all(problem.startswith("uji.yaml:3: grid.columns.0") for problem in found)


def test_an_area_cannot_carry_style_of_its_own(tmp_path):
    (problem,) = mistakes(tmp_path, changed("open late]", '"open late;x"]'))
    assert problem.startswith("uji.yaml:5: grid.areas.1: ")


def test_a_setting_inside_a_tile_names_the_nearest(tmp_path):
    found = mistakes(tmp_path, changed("label: Terbuka", "label: Terbuka, targt: 4"))
    assert "uji.yaml:10: panels.open.args.tiles.0.targt: unknown setting. Did you mean 'target'?" in found


def test_a_setting_inside_a_flow_names_the_nearest(tmp_path):
    found = mistakes(tmp_path, bars("flow: {opened: memos_opened, closd: memos_closed, open: memos_open}"))
    assert found == [
        "uji.yaml:15: panels.late.args.flow.closed: is missing",
        "uji.yaml:15: panels.late.args.flow.closd: unknown setting. Did you mean 'closed'?",
    ]


def test_every_unknown_metric_of_a_panel_is_named_with_its_own_line(tmp_path):
    tiles = (
        "\n        - {metric: complaints_opn, label: A}\n        - {metric: complaints_open, label: B, of: memos_opend}"
    )
    found = mistakes(tmp_path, changed(f"args: {{{TILES}}}", f"args:\n      tiles:{tiles}"))
    assert found == [
        "uji.yaml:12: panels.open.args.tiles.0.metric: unknown metric 'complaints_opn'. "
        "Did you mean 'complaints_open'?",
        "uji.yaml:13: panels.open.args.tiles.1.of: unknown metric 'memos_opend'. Did you mean 'memos_opened'?",
    ]


@pytest.mark.parametrize(
    ("kind", "args", "problem"),
    [
        ("ageing", "metric: complaints_closed", "args.metric: 'complaints_closed' has no age"),
        ("ranked", "metric: complaints_on_time_ratio", "args.metric: 'complaints_on_time_ratio' is no count"),
        ("shares", "metric: complaints_open", "args.metric: 'complaints_open' is no share of cases"),
        ("bars", "flow: {opened: memos_closed, closed: memos_closed, open: memos_open}",
         "args.flow.opened: 'memos_closed' is no metric of 'opened'"),
        ("bars", "flow: {opened: complaints_opened, closed: memos_closed, open: memos_open}",
         "args.flow.opened: 'complaints_opened' does not count the same cases as 'memos_open'"),
    ],
)  # fmt: skip
def test_metrics_that_a_panel_cannot_draw_are_told_with_their_line(tmp_path, kind, args, problem):
    (found,) = mistakes(tmp_path, changed(ARGS, f"args: {{{args}}}").replace("kind: table", f"kind: {kind}"))
    assert found.startswith(f"uji.yaml:15: panels.late.{problem}")


def test_a_kind_of_case_without_metrics_is_refused_at_the_settings_that_imply_it(tmp_path):
    (problem,) = mistakes(tmp_path, changed(ARGS, "args: {kind: memoo}"))
    expected = "uji.yaml:15: panels.late.args: unknown metric 'memoos_due_soon'. Did you mean 'memos_due_soon'?"
    assert problem == expected


def test_the_wide_grid_must_place_every_panel_too(tmp_path):
    wide = "wide: {columns: [100], rows: [1], areas: [open, opn]}\npanels:"
    assert mistakes(tmp_path, changed("panels:", wide)) == [
        "uji.yaml:6: wide.areas: 2 rows of areas but 1 sizes in rows",
        "uji.yaml:6: wide.areas: unknown panel 'opn'. Did you mean 'open'?",
        "uji.yaml:12: panels.late: is not placed in wide.areas",
    ]


def test_points_leave_a_place_empty_and_are_no_panel(tmp_path):
    page = load(tmp_path, changed("[. ., open late]", '[". ...", "open late"]'))
    assert set(page.panels) == {"open", "late"}


def test_mistakes_come_in_the_order_of_their_lines(tmp_path):
    layout = changed("title: Uji", "titel: Uji").replace("5m", "5").replace("kind: number", "kind: nomber")
    lines = [int(problem.split(":")[1]) for problem in mistakes(tmp_path, layout)]
    assert lines == sorted(lines) and set(lines) == {1, 8, 14}


def test_a_variable_that_is_not_set_is_a_mistake_of_the_layout_too(tmp_path):
    (problem,) = mistakes(tmp_path, changed("title: Uji", "title: ${KENDALI_NO_SUCH_TITLE}"))
    assert problem.startswith("uji.yaml:1: title: variable KENDALI_NO_SUCH_TITLE is not set")


def test_a_layout_that_does_not_exist_is_one_plain_mistake(tmp_path):
    with pytest.raises(ConfigError, match=r"^gone\.yaml:1: cannot be read: FileNotFoundError$"):
        load_page(tmp_path / "gone.yaml", config())


def test_a_title_full_of_markup_stays_text(tmp_path):
    evil = "<script>alert(1)</script>"
    drawn = alone(load(tmp_path, changed("title: Lewat tenggat", f"title: '{evil}'")))
    assert evil in text(drawn) and "Script" not in {part["type"] for part in parts(drawn)}


def test_a_panel_may_leave_out_settings_that_all_have_defaults(tmp_path):
    late = load(tmp_path, changed(f"    {ARGS}\n", "")).panels["late"]
    assert (late.args.rows, late.args.overdue, late.metrics) == (4, False, ("complaints_due_soon",))


def test_a_panel_fed_by_two_sources_has_the_strictest_limits_of_both(tmp_path):
    limits = {"desk": ("5m", "3h"), "memos": ("20m", "1h")}
    kinds = {"desk": "complaint", "memos": "memo"}
    sources = {
        name: {"collector": "csv_file", "kind": kinds[name], "stale_after": stale, "expires_after": expires}
        for name, (stale, expires) in limits.items()
    }
    path = tmp_path / "uji.yaml"
    path.write_text(changed(TILES, TILES[:-1] + ", {metric: memos_open, label: Nota}]"))
    panel = load_page(path, config(sources=sources)).panels["open"]
    assert (panel.sources, panel.stale_after_s, panel.expires_after_s) == (("desk", "memos"), 300, 3600)
