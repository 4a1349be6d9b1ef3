"""Where the project's own files are, for the tests that read them.

Only files that git knows or would take count: what a run leaves behind is nobody's business.
"""

import ast
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("console", "plugins")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project, as git lists it; without git, every file outside made folders."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=True,
        )  # fmt: skip
        names = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
        return tuple(sorted(path for path in names if path.is_file()))
    made = {".git", ".venv", "build", "dist", "__pycache__", "node_modules"}
    made |= {".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache"}
    return tuple(
        sorted(p for p in ROOT.rglob("*") if p.is_file() and not made & set(p.relative_to(ROOT).parts))
    )


def named(path: Path) -> str:
    """A file as a person would name it: from the top of the project, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: str) -> list[Path]:
    """The Python files below these folders of the project."""
    return [p for p in tracked() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in folders]


def text_files() -> list[tuple[Path, str]]:
    """Every file that is text, with its text; pictures, sounds and packed data are left out."""
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data:
            found.append((path, data.decode("utf-8", "replace")))
    return found


def tree(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def imports(path: Path) -> set[str]:
    """The top names of everything a Python file imports, at any depth."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
