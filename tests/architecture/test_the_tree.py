"""What may not be in the tree, and what must be on every public thing in it."""

import ast
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.architecture.sources import PROGRAM, ROOT, named, python_files, text_files, tracked, tree

# Spelled in halves, so that this file does not find itself.
HERE = re.compile("|".join(["/wo" + "rk/", r"\.\./sh" + "ared", "/ro" + r"ot/\w", "/ho" + r"me/\w+/"]))
REGISTRY = re.compile(
    "|".join(["pypi\\.o" + "rg", "files\\.pythonh" + "osted", "registry\\.npm" + "js", "artif" + "actory"])
)
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|raise NotImpl" + "ementedError")
LINK = re.compile(r"(?<!\\)\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
LARGEST_BYTES = 5_000_000


def hits(pattern: re.Pattern[str]) -> list[str]:
    """File, line number and text of every line in the tree that the pattern finds."""
    return [
        f"{named(path)}:{number}: {line.strip()[:120]}"
        for path, text in text_files()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    assert hits(HERE) == []


def test_no_file_names_a_package_registry() -> None:
    assert hits(REGISTRY) == []


def test_nothing_is_left_unfinished() -> None:
    assert hits(UNFINISHED) == []


def test_no_file_is_too_large_to_review_or_clone() -> None:
    assert [named(path) for path in tracked() if path.stat().st_size > LARGEST_BYTES] == []


def undocumented(body: list[ast.stmt], where: str) -> list[str]:
    """Public functions, classes and methods below `body` that say nothing about themselves."""
    found = []
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_"):
            continue
        decorators = {ast.unparse(each) for each in node.decorator_list}
        said_elsewhere = decorators & {"overload", "override", "typing.override"} or any(
            each.endswith(".setter") for each in decorators
        )
        if not ast.get_docstring(node) and not said_elsewhere:
            found.append(f"{where}:{node.lineno} {node.name}")
        if isinstance(node, ast.ClassDef):
            found += undocumented(node.body, where)
    return found


def test_everything_public_says_what_it_is() -> None:
    missing = []
    for path in [*python_files(*PROGRAM), ROOT / "run.py"]:
        if path.name == "__init__.py" and not path.read_text("utf-8").strip():
            missing.append(f"{named(path)}: empty")
            continue
        module = tree(path)
        if not ast.get_docstring(module):
            missing.append(f"{named(path)}: the module itself")
        missing += undocumented(module.body, named(path))
    assert missing == []


def _anchor(heading: str) -> str:
    plain = re.sub(r"[`*_]|\[|\]\([^)]*\)", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def broken_links(path: Path, text: str) -> list[str]:
    """Links of a Markdown file that lead to no file, or to no heading, of the project."""
    broken = []
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for target in LINK.findall(text):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue  # another place's address: no test reaches it
        file, _, anchor = unquote(target).partition("#")
        goal = (path.parent / file).resolve() if file else path
        if not goal.exists():
            broken.append(f"{named(path)}: {target}")
        elif anchor and goal.suffix == ".md":
            headings = re.findall(r"^#+\s+(.*)$", goal.read_text("utf-8"), flags=re.MULTILINE)
            if anchor not in {_anchor(each) for each in headings}:
                broken.append(f"{named(path)}: {target}")
    return broken


def test_every_link_in_the_documents_leads_somewhere() -> None:
    documents = [(p, t) for p, t in text_files() if p.suffix == ".md"]
    assert [each for path, text in documents for each in broken_links(path, text)] == []


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_the_documents_a_newcomer_looks_for_are_there(name: str) -> None:
    assert (ROOT / name).read_text("utf-8").startswith("# ")
