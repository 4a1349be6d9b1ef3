"""The contract suite: what every connector must do, as checks that any test runner can run.

    for check in checks_for(stage):           # a fresh stage for each check
        asyncio.run(check.run(stage))         # raises AssertionError with a sentence

Each check's `words` finish the sentence "A connector …". What a newcomer would get wrong: a check applies
only where the stage can show it. A recording cannot be cut, and a network without a hide has none to undo;
what a stage leaves out of `troubles`, and its manifest out of its verbs, is not tested, so leave out
nothing that the real network can do.
"""

from console.api.checks import Check
from console.api.checks_acting import ACTING
from console.api.checks_knowing import KNOWING
from console.api.checks_reading import READING
from console.api.stage import Stage, Trouble

__all__ = ["Check", "Stage", "Trouble", "checks_for"]


def checks_for(stage: Stage) -> list[Check]:
    """The checks that this network can show, in the order in which a connector grows."""
    return [check for check in (*READING, *KNOWING, *ACTING) if check.applies(stage)]
