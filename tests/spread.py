"""Which tests stay together when several processes run them at once (pytest-xdist).

Every file is run by one process, one test after the other, so that what its fixtures make is made once.
Files that share something which exists once on a machine share a process too: see `GROUPS`. What takes
longest is begun first, so that no process is left with it alone at the end.

What a newcomer would get wrong: nothing here is in force when pytest runs by itself, in one process. A test
must not need its neighbours; it may only rely on nobody else using what its group is about.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it ships no types

GROUPS = {
    # Bluesky's own servers and PostgreSQL take half a minute to start, and once is enough.
    "real servers": (
        "tests/contract/test_bluesky_real.py",
        "tests/journeys/test_bluesky_real.py",
        "tests/journeys/test_bluesky_window.py",
        "tests/servers/",
    ),
    # X wants the landing's port registered, so its tests listen on that very port.
    "X's landing": ("tests/contract/test_connectors.py::test_a_connector[x ", "tests/unit/plugins/x/"),
}
"""Name of a group to how the names of its tests begin."""

LONGEST = ("tests/journeys/", "tests/ui/", "tests/properties/", "tests/architecture/", "tests/contract/")
"""Where the tests are that take longest, after the groups above."""


def group_of(test: str) -> str:
    """The group of a test, by its node id: tests of one group are run by one process."""
    for name, beginnings in GROUPS.items():
        if test.startswith(beginnings):
            return name
    file, _, rest = test.partition("::")
    # The contract suite is one file for all connectors; its tests' names begin with the connector's.
    return f"{file} {rest.partition(' ')[0]}" if file == "tests/contract/test_connectors.py" else file


def turn_of(test: str) -> int:
    """When a test's group is begun; the lowest number first."""
    names = list(GROUPS)
    group = group_of(test)
    if group in names:
        return names.index(group)
    places = [place for place, folder in enumerate(LONGEST) if test.startswith(folder)]
    return len(names) + (places[0] if places else len(LONGEST))


class Spread(LoadScopeScheduling):  # type: ignore[misc]  # for the same reason
    """Hands whole groups to processes, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        """The group; the base class asks for it under this name."""
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Spread:
    """Gives xdist our way of handing out tests."""
    return Spread(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the longest first, in a process that runs beside others."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: turn_of(item.nodeid))
