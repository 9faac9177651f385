"""The package is a house: each floor imports only from itself and from the floors below it."""

import ast

from convcourse.imports import PACKAGE, imported_names

FLOORS = (
    ("errors", "settings", "imports", "texts", "templates"),
    ("judging",),
    (
        "apart",
        "check",
        "colours",
        "computing",
        "data",
        "figures",
        "for_the_book",
        "forks",
        "hand_in",
        "helpers",
        "inline_svg",
        "known_models",
        "mixed_precision",
        "number_figures",
        "predictions",
        "pretrained",
        "quiet",
        "spare",
        "time_limit",
        "widgets",
        "exercises",
        "nets",
        "pictures",
    ),
    ("authoring",),
    ("sandbox",),
    ("grading",),
    ("operations", "__main__"),
)
FLOOR = {name: number for number, floor in enumerate(FLOORS) for name in floor}
MODULES = {
    path: path.relative_to(PACKAGE).with_suffix("").parts[0]
    for path in PACKAGE.rglob("*.py")
    if path.parent != PACKAGE or path.stem != "__init__"
}


def test_every_module_stands_on_a_floor():
    assert set(MODULES.values()) == set(FLOOR)


def test_a_module_imports_only_from_its_floor_and_those_below():
    upward = []
    for path, own in MODULES.items():
        for name in imported_names(path.read_text(encoding="utf-8")):
            used = name.removeprefix(f"{PACKAGE.name}.").partition(".")[0]
            if FLOOR.get(used, 0) > FLOOR[own]:
                upward.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert upward == []


def test_judging_touches_no_file_and_starts_no_process():
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in (PACKAGE / "judging").glob("*.py")]
    nodes = [node for module in modules for node in ast.walk(module)]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not imported & {"subprocess", "multiprocessing", "socket", "pathlib", "shutil", "tempfile"}
    assert "open" not in called
