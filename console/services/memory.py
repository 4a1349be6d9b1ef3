"""How Python collects garbage while Cordon runs: seldom, and never through what is there for good.

What a newcomer would get wrong: a full collection looks at every object of the process and holds every
thread meanwhile, a tenth of a second with all modules loaded. Making a plan for a hundred thousand items set
off several. Frozen objects are still freed as ever when nobody holds them; they are only not looked through.
"""

import gc

_THRESHOLDS = (20_000, 20, 50)


def settle() -> None:
    """Takes all that was loaded so far out of the garbage collector's rounds; once in a process."""
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_THRESHOLDS)
