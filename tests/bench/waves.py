"""How dear it is to group near-identical texts: against bare `rensa`, in a full window.

`wave_ratio` is the rate of the whole stage (folding, exact key, likeness, check, window) as a share of
the rate of bare `rensa` in the same window: for each text, cut into words, one MinHash, one question,
one insert, and the oldest taken out, since its table grows without end.

What a newcomer would get wrong: the window must be full and the texts mostly different, because copies
of a known wording cost a third; so 200,000 others go first, and three in ten of those measured are
edited copies of 300 sayings. Time is the process's own, because the stage never waits for anything.
"""

import gc
import random
import time
from typing import Any

from rensa import RMinHash, RMinHashLSH

from console.matching.waves import SIZE, Window

BATCH = 500
"""What ingest takes at once in a flood."""
TEXTS = 20_000
_LETTERS = "aeioubcdfglmnprstw"


def run(long: bool) -> dict[str, dict[str, Any]]:
    """Measures `wave_ratio` and `wave_rate`.

    Args:
        long: five times as many passes.
    """
    chance = random.Random(5)
    words = ["".join(chance.choices(_LETTERS, k=chance.randint(2, 9))) for _ in range(20_000)]
    sayings = [_text(chance, words) for _ in range(300)]
    window, bare = Window(), RMinHashLSH(threshold=0.5, num_perm=32, num_bands=8)
    for start in range(0, SIZE, BATCH):
        some = [_text(chance, words) for _ in range(BATCH)]
        window.place(some, 0)
        _bare(bare, some, start)
    best, bare_best = float("inf"), float("inf")
    for turn in range(15 if long else 7):
        texts = [_edited(chance, sayings, words) for _ in range(TEXTS)]
        gc.collect()
        began = time.process_time()
        for start in range(0, TEXTS, BATCH):
            window.place(texts[start : start + BATCH], 0)
        best = min(best, time.process_time() - began)
        began = time.process_time()
        _bare(bare, texts, SIZE + turn * TEXTS)
        bare_best = min(bare_best, time.process_time() - began)
    ratio, rate = bare_best / best, TEXTS / best
    return {
        "wave_ratio": {
            "value": round(ratio, 3),
            "goal": 0.5,
            "unit": "ratio",
            "baseline": f"bare rensa in the same window, {TEXTS / bare_best:,.0f} texts a second",
            "holds": ratio >= 0.5,
        },
        "wave_rate": {
            "value": round(rate),
            "goal": 20_000,
            "unit": "texts a second",
            "baseline": "a window of 200,000 that is full",
            "holds": rate >= 20_000,
        },
    }


def _bare(table: RMinHashLSH, texts: list[str], first: int) -> None:
    for number, text in enumerate(texts, first):
        made = RMinHash(num_perm=32, seed=1)
        made.update(text.lower().split())
        table.query(made)
        table.insert(number, made)
        if number >= SIZE:
            table.remove(number - SIZE)


def _text(chance: random.Random, words: list[str]) -> str:
    return " ".join(chance.choices(words, k=chance.randint(6, 25))).capitalize()


def _edited(chance: random.Random, sayings: list[str], words: list[str]) -> str:
    """Three in ten are copies: as they are, misspelt, shortened by a word, with a link or a name."""
    if chance.random() >= 0.3:
        return _text(chance, words)
    saying = chance.choice(sayings)
    kind = chance.randint(0, 4)
    if kind == 0:
        return saying
    if kind == 1:
        place = chance.randrange(len(saying) - 1)
        return saying[:place] + saying[place + 1] + saying[place] + saying[place + 2 :]
    if kind == 2:
        kept = saying.split()
        del kept[chance.randrange(len(kept))]
        return " ".join(kept)
    return (
        f"@sam.example {saying} https://bad.example/{chance.random()}"
        if kind == 3
        else saying.upper() + " 😡"
    )
