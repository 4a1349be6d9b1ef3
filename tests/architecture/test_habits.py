"""Habits that no linter knows: what the window, the services and the tests must never do.

Each has cost somebody an incident. The easy mistake is to think that one exception harms nobody.
"""

import ast

import pytest

from tests.architecture.sources import PROGRAM, ROOT, named, python_files, tree

# A name that is called or read, and why it may not be.
IN_THE_WINDOW = {
    "exec": "a nested loop inside a coroutine loses every other task that wakes meanwhile",
    "exec_": "the same",
    "processEvents": "the same, and it paints half-made states",
    "asyncSlot": "keeps its task weakly; use spawn()",
    "asyncClose": "burns a core and kills its caller; the main coroutine ends the loop",
    "setHtml": "text from a network must never be parsed as markup",
    "insertHtml": "the same",
    "appendHtml": "the same",
    "RichText": "the same",
    "AutoText": "the same: Qt guesses, and a stranger chooses what it guesses from",
    "MarkdownText": "the same",
    "setMarkdown": "the same",
    "setOpenExternalLinks": "an address from outside is opened by a deliberate act only",
    "QSortFilterProxyModel": "the query is the filter; a proxy asks Python for every row",
    "QListView": "lays out every item on each change: half a second at 100,000 rows",
}


def uses(path_names: set[str], *folders: str) -> list[str]:
    """File, line and name of every use of these names, as attributes or bare, below the folders."""
    found = []
    for path in python_files(*PROGRAM):
        if not any(path.is_relative_to(ROOT / folder) for folder in folders):
            continue
        for node in ast.walk(tree(path)):
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
            if name in path_names:
                line = getattr(node, "lineno", 0)
                found.append(f"{named(path)}:{line} {name}")
    return found


@pytest.mark.parametrize("name", sorted(IN_THE_WINDOW))
def test_the_window_never_uses(name: str) -> None:
    assert uses({name}, "console/ui") == [], IN_THE_WINDOW[name]


def test_nothing_waits_by_sleeping_in_a_thread() -> None:
    # Waiting is an event, a queue or the clock that tests can turn; another process's lock has none.
    allowed = {"console/store/database.py"}
    found = {
        named(path)
        for path in python_files(*PROGRAM)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep"
    }
    assert found <= allowed


def test_no_file_of_the_program_is_longer_than_a_person_reads_at_once() -> None:
    most = 700
    long = {
        named(path): lines
        for path in python_files(*PROGRAM)
        if (lines := len(path.read_text("utf-8").splitlines())) > most
    }
    assert long == {}
