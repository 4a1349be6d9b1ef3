"""Puts near-identical texts into groups while they arrive, within a moving window.

    exact    the wording without links, names and signs (`wordings.plain`) was seen before
    near     MinHash over its words finds one that shares most of them, in constant time
    check    `wordings.alike` says whether that one says the same

What a newcomer would get wrong: a text is only ever compared with the first wording of a group, never
with its other members. Otherwise a group drifts, by one small step after the other, into texts that have
nothing to do with where it began. And what falls out of the window is forgotten: memory stays the same
after a million texts, about sixty megabytes for 200,000 of them that are all different.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from mmap import mmap
from typing import Final

import numpy as np
from numpy.typing import NDArray

from console.matching.digests import WordDigests, code_points
from console.matching.wordings import FEWEST_WORDS, alike, plain

SIZE: Final = 200_000
"""How many texts the window holds."""
LIFE_MS: Final = 24 * 3_600_000
"""And for how long at the most, in milliseconds: on a quiet night 200,000 texts are weeks."""

_BANDS: Final = 8
_ROWS: Final = 3
"""Eight bands of three: of two texts that share three words in four 98.7 % are found, of 60 % five in six."""
_SEED: Final = 20_260
_HALF: Final = np.uint64(32)
_BASE: Final = 0x9E3779B97F4A7C15
_BLANK: Final = 0x20
_MIX: Final[NDArray[np.uint64]] = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64
)
Hashes = tuple[NDArray[np.uint64], NDArray[np.uint32]]
_CHECKED: Final = 3
"""How many candidates are checked; nearly always the first is the one."""
_WORDINGS: Final = 100
"""How many wordings of a group are known exactly; others are found by their likeness each time."""
_ROW_BITS: Final = np.uint64(32)
_ROW_MASK: Final = np.uint64(2**32 - 1)
_MARKS_MS: Final = 600_000


@dataclass(slots=True)
class _Group:
    """A group of two texts or more."""

    text: str
    seen: int
    """The count of texts when one of it was seen last."""
    placed: int
    """The same, when it was put into the table last."""
    wordings: list[str] = field(default_factory=list)


def _zeros(count: int) -> "memoryview[int]":
    """So many numbers, all 0, that take memory only as far as they are written: most nights fill few."""
    return memoryview(mmap(-1, 8 * count)).cast("q")


class Window:
    """The last texts, and which of them say the same. For one thread; marks may be set from another."""

    def __init__(self, size: int = SIZE, life_ms: int = LIFE_MS) -> None:
        self._size = size
        self._life_ms = life_ms
        self._slots = 1 << max(4, (size * 5 // 4).bit_length())
        self._bits = self._slots.bit_length()
        self._slot_of = self._slots - 1
        """The part of a number, or of an entry of the table, that says the slot; the rest of an entry is
        part of what was hashed, so that few of those found have nothing to do with what is looked for."""
        self._rest_of = (2**32 - 1) ^ self._slot_of
        slots = self._slots
        self._texts: list[str | None] = [None] * slots
        self._numbers, self._seen, self._marks = _zeros(slots), _zeros(slots), _zeros(slots)
        self._rest_mask = np.uint32(self._rest_of)
        self._table = np.zeros(_BANDS << self._bits, dtype=np.uint32)
        self._bands = np.arange(_BANDS, dtype=np.uint64) << np.uint64(self._bits)
        self._exact: dict[str, int] = {}
        self._groups: dict[int, _Group] = {}
        self._digests = WordDigests(_BASE)
        shuffles = np.random.default_rng(_SEED).integers(2**64, size=_BANDS * _ROWS, dtype=np.uint64)
        self._shuffles: NDArray[np.uint64] = shuffles | np.uint64(1)
        self._faded: list[int] = []
        """Groups that were put into the table long ago and are to be put there again."""
        self._last = 0
        self._freed = 0
        """Numbers up to here that began no group of two have been let go."""
        self._count = 0
        self._oldest = 0
        """Texts seen at this count or before are out of the window."""
        self._swept = 0
        self._times: deque[tuple[int, int]] = deque()

    def place(self, texts: Sequence[str], at: int, plains: Sequence[str] | None = None) -> list[int]:
        """The group of each text: equal numbers say the same thing; 0 for a text without words.

        A number stands for its group until the group is out of the window, and is never used again.
        `at` is when they arrived (milliseconds since 1970), never less than before; `plains` are the texts
        as `wordings.plain` gives them, where that is known.
        """
        self._move_on(at)
        found = [0] * len(texts)
        unknown: list[tuple[int, str]] = []
        rows: dict[str, int] = {}
        """The wordings that may be edits of others, and where each stands among their hashes."""
        known = self._exact.get
        for place, key in enumerate(map(plain, texts) if plains is None else plains):
            if key:
                self._count += 1
                number = known(key, 0)
                if number and self._join(number):
                    found[place] = number
                else:
                    unknown.append((place, key))
                    if key.count(" ") + key.count("\n") >= FEWEST_WORDS - 1:
                        rows.setdefault(key, len(rows))
        if unknown:
            self._place_unknown(unknown, rows, texts, found)
        if self._faded:
            self._put_back()
        return found

    def _place_unknown(
        self, unknown: list[tuple[int, str]], rows: dict[str, int], texts: Sequence[str], found: list[int]
    ) -> None:
        hashes = self._hashes(list(rows)) if rows else None
        busy = self._busy(hashes) if hashes is not None else []
        quiet: list[tuple[int, int]] = []
        known = self._exact.get
        for place, key in unknown:
            number = known(key, 0)
            if not (number and self._join(number)):
                row = rows.get(key, -1)
                if row >= 0 and hashes is not None and busy[row]:
                    number = self._near(key, texts[place], hashes, row)
                    if not number:
                        number = self._begin(key)
                        self._put([number & self._slot_of], hashes, [row])
                else:
                    number = self._begin(key)
                    if row >= 0:
                        quiet.append((number & self._slot_of, row))
            found[place] = number
        if quiet and hashes is not None:
            slots, these = zip(*quiet, strict=True)
            self._put(slots, hashes, these)

    def mark(self, number: int) -> int:
        """What the caller has noted of a group; 0 when nothing, or when the group is out of the window."""
        slot = number & self._slot_of
        return self._marks[slot] if self._numbers[slot] == number else 0

    def set_mark(self, number: int, mark: int) -> None:
        """Notes something of a group that is in the window; one that is not takes no note."""
        slot = number & self._slot_of
        if self._numbers[slot] == number:
            self._marks[slot] = mark

    def __len__(self) -> int:
        """How many groups of two texts or more there are."""
        return len(self._groups)

    # the window ----------------------------------------------------------------------------------

    def _move_on(self, at: int) -> None:
        if not self._times or at - self._times[-1][0] >= _MARKS_MS:
            self._times.append((at, self._count))
            while self._times[0][0] < at - self._life_ms:
                self._oldest = max(self._oldest, self._times.popleft()[1])
        self._oldest = max(self._oldest, self._count - self._size)
        self._let_go()
        if self._count - self._swept > self._size // 8:
            self._swept = self._count
            for number in [each for each, group in self._groups.items() if group.seen <= self._oldest]:
                self._end(number)

    def _let_go(self) -> None:
        """Forgets texts that are out of the window and stayed alone; they began in that order."""
        seen, texts, exact, oldest, last = self._seen, self._texts, self._exact, self._oldest, self._last
        number = self._freed
        while number < last:
            slot = (number + 1) & self._slot_of
            if self._numbers[slot] == number + 1 and number + 1 not in self._groups:
                if seen[slot] > oldest:
                    break
                text = texts[slot]
                if text is not None:
                    if exact.get(text) == number + 1:
                        del exact[text]
                    texts[slot] = None
            number += 1
        self._freed = number

    def _free(self, slot: int) -> None:
        text = self._texts[slot]
        if text is not None:
            if self._exact.get(text) == self._numbers[slot]:
                del self._exact[text]
            self._texts[slot] = None

    def _end(self, number: int) -> None:
        group = self._groups.pop(number)
        for wording in (group.text, *group.wordings):
            if self._exact.get(wording) == number:
                del self._exact[wording]
        self._texts[number & self._slot_of] = None

    def _join(self, number: int) -> bool:
        """Counts one more text of a group; whether the group is still in the window."""
        slot = number & self._slot_of
        group = self._groups.get(number)
        if group is None:
            text = self._texts[slot]
            if self._numbers[slot] != number or text is None or self._seen[slot] <= self._oldest:
                return False
            self._groups[number] = _Group(text, self._count, self._seen[slot])
            return True
        if group.seen <= self._oldest:
            self._end(number)
            return False
        group.seen = self._count
        if (
            self._count - group.placed > self._size // 4
            and len(group.text.split(None, FEWEST_WORDS - 1)) >= FEWEST_WORDS
        ):
            # Newer ones may have taken its cells; the batch puts all such back at once.
            self._faded.append(number)
            group.placed = self._count
        return True

    def _begin(self, key: str) -> int:
        """A new group of one."""
        number = self._last + 1
        while self._numbers[number & self._slot_of] in self._groups:  # a group keeps its slot
            number += 1
        self._last = number
        slot = number & self._slot_of
        if self._texts[slot] is not None:
            self._free(slot)
        self._texts[slot] = key
        self._numbers[slot] = number
        self._seen[slot] = self._count
        self._marks[slot] = 0
        self._exact[key] = number
        return number

    # likeness ------------------------------------------------------------------------------------

    def _hashes(self, keys: Sequence[str]) -> Hashes:
        """For each wording its place in each band of the table, and what of the hash stands there."""
        codes = code_points("\0".join(keys) + "\0")
        ends = np.flatnonzero(codes <= _BLANK)  # a blank, the end of a sentence, or of a wording
        _, tokens = self._digests.of(codes, ends)
        rows = np.append(0, np.flatnonzero(codes[ends] == 0)[:-1] + 1)
        tokens = (tokens ^ (tokens >> _HALF)) * _MIX[1]
        tokens ^= tokens >> _HALF  # a word of one letter is a small number, and no shuffle moves it far
        # MinHash: under each of 24 shuffles of all words, the least of this wording's own.
        digests = np.minimum.reduceat((tokens * self._shuffles[:, None]) >> _HALF, rows, axis=1)
        bands = digests.reshape(_BANDS, _ROWS, len(keys))
        mixed = (bands * _MIX[:, None]).sum(axis=1, dtype=np.uint64).T * _MIX[0]
        cells = (mixed >> np.uint64(64 - self._bits)) + self._bands
        rests = (mixed & np.uint64(self._rest_of)) | np.uint64(self._slots)  # so that none is empty
        return cells, rests.astype(np.uint32)

    def _busy(self, hashes: Hashes) -> list[bool]:
        """Which texts share a band with one in the table, or with each other; most share none."""
        cells, rests = hashes
        meets = (((self._table[cells] ^ rests) & self._rest_mask) == 0).any(axis=1)
        if len(cells) > 1:
            # Cells beside the rows they belong to, sorted: two rows in one cell come to stand together.
            both = np.sort((cells << _ROW_BITS | np.arange(len(cells), dtype=np.uint64)[:, None]).ravel())
            same = np.flatnonzero((both[1:] >> _ROW_BITS) == (both[:-1] >> _ROW_BITS))
            if same.size:
                rows = both & _ROW_MASK
                meets[rows[same]] = meets[rows[same + 1]] = True
        found: list[bool] = meets.tolist()
        return found

    def _put(self, slots: Sequence[int], hashes: Hashes, rows: Sequence[int]) -> None:
        cells, rests = hashes
        which = list(rows)
        self._table[cells[which]] = rests[which] | np.array(slots, dtype=np.uint32)[:, None]

    def _put_back(self) -> None:
        """Puts the groups into the table again whose cells newer texts may have taken."""
        faded = {
            number & self._slot_of: group.text
            for number in self._faded
            if (group := self._groups.get(number))
        }
        self._faded.clear()
        if faded:
            self._put(list(faded), self._hashes(list(faded.values())), range(len(faded)))

    def _near(self, key: str, written: str, hashes: Hashes, row: int) -> int:
        """The group that a wording is a light edit of; 0 for none."""
        there: list[int] = (self._table[hashes[0][row]] ^ hashes[1][row]).tolist()
        slots = [slot for slot in there if slot < self._slots]
        alone = len(set(slots)) == 1
        for slot in slots[:1] if alone else [slot for slot, _ in Counter(slots).most_common(_CHECKED)]:
            text, number = self._texts[slot], self._numbers[slot]
            if text is not None and alike(text, key, written) and self._join(number):
                group = self._groups[number]
                if len(group.wordings) < _WORDINGS:
                    group.wordings.append(key)
                    self._exact[key] = number
                return number
        return 0
