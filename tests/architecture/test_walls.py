"""The walls between the rooms stand; `pyproject.toml` says why each is there."""

import ast
import subprocess
import sys

from tests.architecture.sources import PROGRAM, ROOT, imports, named, python_files, tree

QT = {"PySide6", "shiboken6", "qasync"}


def test_no_room_looks_where_it_must_not() -> None:
    # In a process of its own: import-linter changes the working directory's import path.
    code = "from importlinter.cli import lint_imports_command as walls; walls()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_window_knows_qt() -> None:
    # import-linter follows imports between modules; this also sees those inside functions.
    inside = ROOT / "console" / "ui"
    strays = [
        named(path)
        for path in python_files(*PROGRAM)
        if not path.is_relative_to(inside) and imports(path) & QT
    ]
    assert strays == []


def test_a_connector_imports_the_contract_and_nothing_else_of_ours() -> None:
    strays = [
        f"{named(path)}: {node.module}"
        for path in python_files("plugins")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.split(".")[0] == "console"
        and node.module.split(".")[:2] != ["console", "api"]
    ]
    assert strays == []


def test_the_window_reads_the_cache_and_cannot_write_to_it() -> None:
    # `Reader` opens a read-only connection; `Database` holds the writer.
    found = {
        f"{named(path)}: {alias.name}"
        for path in python_files("console")
        if path.is_relative_to(ROOT / "console" / "ui")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module == "console.store.database"
        for alias in node.names
        if alias.name != "Connection"
    }
    assert found == set()
