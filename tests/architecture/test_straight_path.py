"""The page on the straight path names functions that exist, in the files where it says they are."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
STEP = re.compile(r"^\|[^|]+\|([^|]+)\|([^|]+)\|$", re.MULTILINE)


def steps() -> list[tuple[str, list[str], list[str]]]:
    """Each line of the tables that names functions and files."""
    found = []
    for names, files in STEP.findall(PAGE.read_text(encoding="utf-8")):
        paths = [path for path in re.findall(r"`([^`]+\.py)`", files) if "…" not in path]
        if paths:
            found.append((names.strip(), re.findall(r"`([^`]+)`", names), paths))
    return found


def defined_in(path: Path) -> set[str]:
    """Every function and class of a file; methods with the name of their class before them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            names.add(node.name)
            names |= {
                f"{node.name}.{part.name}"
                for part in node.body
                if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
            }
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
    return names


@pytest.mark.parametrize(("line", "names", "files"), steps(), ids=lambda part: str(part)[:40])
def test_every_arrow_is_a_function_that_can_be_found_by_name(
    line: str, names: list[str], files: list[str]
) -> None:
    del line
    known: set[str] = set()
    for file in files:
        assert (ROOT / file).is_file(), f"{file} is not there"
        known |= defined_in(ROOT / file)
    assert [name for name in names if name not in known] == []


def test_the_page_describes_the_whole_path() -> None:
    assert len(steps()) >= 15
