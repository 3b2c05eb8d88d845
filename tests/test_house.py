"""The house rules that a reader relies on: who may import whom, how long a room may be, what no file may hold."""

import ast
import subprocess
from pathlib import Path

import pytest

from collectors import names as kinds

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("city", "collectors", "dashboard", "simulation", "front")
#: Each room may import itself and these.
MAY_IMPORT = {
    "city": set[str](),
    "collectors": {"city"},
    "dashboard": {"city"},
    "simulation": set[str](),
    "front": {"city", "collectors", "dashboard", "simulation"},
}
MODULES = sorted(path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*.py"))
UNITS = [
    module
    for module in MODULES
    if module.parent == Path("dashboard/panels") or module.parent == Path("collectors") and module.stem in kinds()
]


def _tree(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def _imported(module: Path, *, late: bool = True) -> set[str]:
    nodes = list(ast.walk(_tree(module))) if late else _tree(module).body
    found = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_room_imports_only_what_lies_below_it(module: Path) -> None:
    room = module.parts[0]
    rooms = {name.split(".")[0] for name in _imported(module)} & set(ROOMS)
    assert rooms - {room} <= MAY_IMPORT[room], f"{module} imports {sorted(rooms - {room} - MAY_IMPORT[room])}"


def test_no_module_imports_itself_through_others() -> None:
    names = {".".join(module.with_suffix("").parts).removesuffix(".__init__"): module for module in MODULES}
    edges = {name: _imported(module, late=False) & set(names) - {name} for name, module in names.items()}
    while leaves := [name for name, needs in edges.items() if not needs]:
        edges = {name: needs - set(leaves) for name, needs in edges.items() if name not in leaves}
    assert not edges, f"these modules import each other in a circle: {sorted(edges)}"


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_fits_its_room_and_says_what_it_is(module: Path) -> None:
    lines = len((ROOT / module).read_text(encoding="utf-8").splitlines())
    assert lines <= (150 if module in UNITS else 250), f"{module} has {lines} lines"
    assert "versions" in module.parts or ast.get_docstring(_tree(module)), f"{module} has no docstring"
    assert module.stem not in {"utils", "util", "helpers", "helper", "common", "misc"}, f"{module} has no subject"


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_function_fits_a_screen(module: Path) -> None:
    functions = [node for node in ast.walk(_tree(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: node.end_lineno - node.lineno + 1 for node in functions if node.end_lineno}
    assert not {name: lines for name, lines in long.items() if lines > 40 and "versions" not in module.parts}


@pytest.mark.parametrize("collector", kinds())
def test_every_collector_has_a_test(collector: str) -> None:
    assert (ROOT / "tests" / "collectors" / f"test_{collector}.py").is_file()


def test_no_file_names_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    # Written in halves, so that this file does not find itself.
    never = [first + second for first, second in [("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/"), ("--index", "-url")]]
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".woff2", ".png", ".xlsx", ".gz"}:
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not [word for word in never if word in text], f"{name} names a machine"
