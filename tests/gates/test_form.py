# SPDX-License-Identifier: Apache-2.0
"""The form of every source file: licence line, module docstring, size, and where imports stand."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "ingot"
SOURCES = sorted(SOURCE.rglob("*.py"))
SCRIPTS = sorted(
    path
    for folder in ("src", "tests", "examples", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if folder == "src" or path.stat().st_size
)
FILE_LIMIT = 600
FUNCTION_LIMIT = 80
LICENCE = "# SPDX-License-Identifier: Apache-2.0"

# The only files that load modules by name: the doors to what a process may not need.
DOORS = {
    "__init__.py",
    "cli/__main__.py",
    "cli/peers.py",
    "targets/__init__.py",
    "targets/cpu/worker.py",
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_file_starts_with_its_licence_and_its_story(path):
    text = path.read_text(encoding="utf-8")
    first = text.splitlines()[1] if text.startswith("#!") else text.partition("\n")[0]
    assert first == LICENCE
    assert ast.get_docstring(ast.parse(text)), "a module docstring tells its place in the story"


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_files_and_functions_are_short(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= FILE_LIMIT
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= FUNCTION_LIMIT
    }
    assert not long, f"functions over {FUNCTION_LIMIT} lines: {long}"


def test_imports_stand_at_the_top():
    found = {
        name(path): functions
        for path in SOURCES
        if (functions := importing_functions(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert not found


def test_only_the_doors_load_modules_by_name():
    users = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCES
        if "import_module" in path.read_text(encoding="utf-8")
    }
    assert users <= DOORS


def importing_functions(tree: ast.Module) -> list[str]:
    return [
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


def test_every_folder_is_a_package_and_no_file_is_a_stub():
    for folder in (path for path in SOURCE.rglob("*") if path.is_dir()):
        if folder.name != "__pycache__":
            assert (folder / "__init__.py").exists(), f"{name(folder)} is no package"
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        assert "NotImplementedError" not in text and "TODO" not in text, name(path)
