"""Words that are meant though another is written: misspelt, masked, spaced apart, run together, drawn.

Folding and the readings of `disguise` look at single characters. What is undone here takes knowledge of
words: of those that rules look for, and of those that everybody writes. What a newcomer would get wrong: a
guess is made only at what is no ordinary word, so `class`, `Essex` and `who responded` are left alone; and
nothing is a hit by being guessed at: the guess is a text that the engines search like any other.

What lies between two blanks is looked at once and remembered, so that a flood of ordinary words costs next
to nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from console.matching.disguise import STAND_INS
from console.matching.engines import literals_engine
from console.matching.ordinary import SHORT
from console.matching.plain_words import Plain
from console.matching.spellings import BY_SOUND, SHORTEST, SWAPPED, spellings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from console.matching.normalise import Folded
    from console.matching.ordinary import Ordinary

__all__ = ["Guess", "Guesses", "Mended"]

LONGEST: Final = 24
"""Letters of the longest token that is looked at."""
LONGEST_CHUNK: Final = 80
MOST_REMEMBERED: Final = 100_000
MOST_WAYS: Final = 3
"""Words that one spelling may be meant for."""
MOST_PARTS: Final = 6
"""Words that may be run together in one."""
LONGEST_ACRONYM: Final = 5
"""Capitals among small letters, so many at the most, are an acronym and no disguise."""
MOST_WORDS: Final = 60
"""Words of a text by which its language is told."""
FEW: Final = 4
"""Words by which a text can be told to be in another language."""

TOGETHER: Final = "words run together"
APART: Final = "letters spaced apart"
MASKED: Final = "letters masked"
DRAWN: Final = "an emoji for a word"
_BY_WORDS: Final = frozenset({SWAPPED, BY_SOUND, TOGETHER})
"""The steps that are plausible only among words that we know."""

_END: Final = "\U0010ffff"
_BETWEEN: Final = "|"
_TOKEN: Final = re.compile(r"[^\W_]+")
_MASKS: Final = "*#•·∗×%^~?"
_MASK: Final = re.compile(rf"[a-z][{re.escape(_MASKS)}]")
_MASKED: Final = re.compile(rf"(?<![^\W_])[a-z]+(?:[{re.escape(_MASKS)}]+[a-z]*)+")
_RUNS: Final = re.compile(rf"[a-z]+|[{re.escape(_MASKS)}]+")
_SEPARATED: Final = re.compile(
    r"(?<![^\W_])[a-z0-9@$!]{1,4}(?:[.\-_·•*|/\\~+=,:]{1,2}[a-z0-9@$!]{1,4}){1,8}(?![^\W_])"
)
_APART: Final = re.compile(r"(?<![^\W_])[a-z0-9@$!](?:[^\w\n\U0010ffff]{1,3}[a-z0-9@$!]){2,}(?![^\W_])")
_LINK: Final = re.compile(r"\S*://\S*")
_LETTERS: Final = re.compile(r"[a-z0-9@$!]")
_SIGNED: Final = re.compile(r"(?<![^\W_])[a-z0-9@$!|+]{3,24}(?![^\W_])")
_TWO_WAYS: Final = {"1": "il", "!": "il", "|": "il"}
MOST_SIGNS: Final = 5
"""Signs in one word that may each be two letters; more are left alone."""
_STAND_INS: Final = str.maketrans("013457@$!", "oieastasi")
_EMOJI: Final[Mapping[str, str]] = {
    "🔪": "knife", "🗡": "knife", "🔫": "gun", "💣": "bomb", "🪓": "axe", "🐷": "pig", "🐖": "pig",
    "🐽": "pig", "🐵": "monkey", "🐒": "monkey", "🦍": "gorilla", "🐍": "snake", "🐀": "rat", "🔥": "burn",
    "⚰": "dead", "💀": "dead", "☠": "dead", "👮": "copper", "🚓": "police", "🚔": "police",
}  # fmt: skip
_DRAWN: Final = re.compile("|".join(map(re.escape, _EMOJI)))
_EMOJI_CODES: Final = np.array([ord(one) for one in _EMOJI], dtype=np.uint32)
_SINGLE: Final = bytes(chr(code).isalnum() or chr(code) in "@$!" for code in range(256))


class Guess(NamedTuple):
    """What a stretch may be read as, the likeliest first, each perhaps several words; and by which step."""

    texts: tuple[str, ...]
    step: str


class _Edit(NamedTuple):
    """A guess, and the stretch of folded text that it stands for."""

    start: int
    end: int
    guess: Guess


class _Patch(NamedTuple):
    """A guess that was put in: where it stands in the mended text, and what it stands for in the batch."""

    start: int
    end: int
    begins: int
    ends: int
    step: str
    is_letter_by_letter: bool


class _Tongue(NamedTuple):
    """Whether the words around are of English and places, and whether they are of the other language."""

    is_ours: bool
    is_other: bool


@dataclass(frozen=True, slots=True)
class Mended:
    """One folded text with guesses in place of what was written.

    Attributes:
        text: to be searched.
    """

    text: str
    _base: int
    _patches: tuple[_Patch, ...]

    def written(self, start: int, end: int) -> tuple[int, int, str] | None:
        """The stretch of the folded batch behind one of `text`, and the step of the guess in it.

        None where there is no guess in it, so that it can be found in what was written.
        """
        steps = [patch.step for patch in self._patches if patch.start < end and start < patch.end]
        if not steps:
            return None
        return self._place(start, is_end=False), self._place(end - 1, is_end=True), steps[0]

    def _place(self, place: int, *, is_end: bool) -> int:
        """Where a character of `text`, or its end, stands in the batch."""
        moved = self._base
        for patch in self._patches:
            if place < patch.start:
                break
            if place < patch.end:
                if patch.is_letter_by_letter:
                    blanks = self.text.count(" ", patch.start, place)
                    return patch.begins + place - patch.start - blanks + is_end
                return patch.ends if is_end else patch.begins
            moved = patch.ends - patch.end
        return moved + place + is_end


class Guesses:
    """What may be meant, worked out for the words of one set of watchlists."""

    def __init__(self, literals: Iterable[str], ordinary: Ordinary) -> None:
        """`literals` are folded terms; the words in them are those that are looked for."""
        self._ordinary = ordinary
        self._words = {word for literal in literals for word in _TOKEN.findall(literal) if _is_plain(word)}
        # Texts only: of those the collector need not keep track, and there are a hundred thousand.
        self._variants: dict[str, str] = {}
        self._by_ends: dict[tuple[str, str], list[str]] = {}
        for word in sorted(self._words):
            if len(word) > 2:
                self._by_ends.setdefault((word[0], word[-1]), []).append(word)
            for written, step in spellings(word):
                self._may_be(written, word, step)
        self._drawn = {sign: word for sign, word in _EMOJI.items() if word in self._words}
        self._inside = literals_engine(sorted(word for word in self._words if len(word) > 2))
        # What stood between two blanks before, and held something to guess at.
        self._odd: dict[str, tuple[_Edit, ...]] = {}
        self._plain = Plain()
        self._tokens: dict[str, Guess | None] = {}

    def _may_be(self, written: str, word: str, step: str) -> None:
        """Notes what a spelling may be meant for; the first step that leads there is named."""
        before = self._variants.get(written)
        if before is None:
            self._variants[written] = f"{step}{_BETWEEN}{word}"
        elif before.count(_BETWEEN) < MOST_WAYS:
            self._variants[written] = f"{before}{_BETWEEN}{word}"

    # texts ----------------------------------------------------------------------------------------

    def mended(self, folded: Folded, originals: Sequence[str]) -> Iterator[tuple[int, Mended]]:
        """Those texts of a batch that hold something to guess at, by number, with the guesses made.

        A text comes once for each way in which it can be read, the likeliest first.
        """
        if not self._words:
            return
        by_text: dict[int, list[_Edit]] = {}
        for edit in self._edits(folded):
            by_text.setdefault(folded.which(edit.start), []).append(edit)
        for number in sorted(by_text):
            edits = self._likely(folded, number, by_text[number], originals[number])
            for way in range(max((len(edit.guess.texts) for edit in edits), default=0)):
                yield number, _mended(folded.one(number), folded.starts[number], edits, way)

    def _edits(self, folded: Folded) -> Iterator[_Edit]:
        """Every guess in a batch, with the stretch that it stands for."""
        met: dict[str, tuple[_Edit, ...]] = {}
        for start, end, digest in self._plain.others(folded.codes):
            chunk = folded.text[start:end]
            edits = met.get(chunk)
            if edits is None:
                edits = met[chunk] = self._odd.get(chunk) or self._learn(chunk, digest)
            for first, last, guess in edits:
                yield _Edit(start + first, start + last, guess)
        for number in _spaced(folded):
            begins, text = folded.starts[number], folded.one(number)
            links = [found.span() for found in _LINK.finditer(text)]
            for found in _APART.finditer(text):
                first, last = found.span()
                if any(start < last and first < end for start, end in links):
                    continue
                joined = self._joined(found.group())
                if joined is not None:
                    yield _Edit(begins + first, begins + last, joined)

    def _learn(self, chunk: str, digest: int) -> tuple[_Edit, ...]:
        """The guesses in what stands between two blanks; remembered."""
        edits = () if len(chunk) > LONGEST_CHUNK or "://" in chunk else tuple(self._look_at(chunk))
        if not edits:
            self._plain.add(digest)
            return edits
        if len(self._odd) >= MOST_REMEMBERED:
            self._odd.clear()
        self._odd[chunk] = edits
        return edits

    def _look_at(self, chunk: str) -> Iterator[_Edit]:
        is_handle = chunk.lstrip(".(\"'").startswith("@")
        for found in _TOKEN.finditer(chunk):
            guess = self._meant(found.group())
            if guess is not None and (guess.step == TOGETHER or not is_handle):
                yield _Edit(*found.span(), guess)
        if _MASK.search(chunk):
            for found in _MASKED.finditer(chunk):
                if words := self._unmasked(found.group()):
                    yield _Edit(*found.span(), Guess(words, MASKED))
        for found in _SEPARATED.finditer(chunk):
            if (guess := self._joined(found.group())) is not None:
                yield _Edit(*found.span(), guess)
        for found in _SIGNED.finditer(chunk):
            if (word := self._without_signs(found.group())) is not None:
                yield _Edit(*found.span(), Guess((word,), STAND_INS))
        for found in _DRAWN.finditer(chunk):
            if found.group() in self._drawn:
                yield _Edit(*found.span(), Guess((f" {self._drawn[found.group()]} ",), DRAWN))

    def _likely(self, folded: Folded, number: int, edits: list[_Edit], original: str) -> list[_Edit]:
        """Those guesses that suit their text, none upon another.

        A misspelling is one only among words that we know, and capitals among small letters are an acronym.
        """
        kept: list[_Edit] = []
        strange = {folded.text[edit.start : edit.end] for edit in edits}
        tongue: _Tongue | None = None
        for edit in sorted(edits, key=lambda one: (one.start, -one.end)):
            if kept and edit.start < kept[-1].end:
                continue
            if edit.guess.step in _BY_WORDS:
                first, last = folded.span(number, edit.start, edit.end)
                written = original[first:last]
                if written.isupper() and len(written) <= LONGEST_ACRONYM and not original.isupper():
                    continue
                tongue = tongue or self._tongue(folded.one(number), strange)
                if not tongue.is_ours or (
                    tongue.is_other and folded.text[edit.start : edit.end] in self._ordinary.other
                ):
                    continue
            kept.append(edit)
        return kept

    def _tongue(self, text: str, strange: Collection[str]) -> _Tongue:
        """Whether a text, but for its strange words, is in words we know; a short one gets the benefit."""
        words = [
            one
            for chunk in text.split(" ")[:MOST_WORDS]
            if "://" not in chunk and not chunk.startswith(("@", "#"))
            for one in _TOKEN.findall(chunk)
            if one not in strange and one.isalpha()
        ]
        known = sum(one in self._ordinary for one in words)
        other = sum(one in self._ordinary.other and one not in self._ordinary for one in words)
        return _Tongue(len(words) < FEW or known * 5 >= len(words) * 3, other * 3 >= max(1, len(words)))

    # words ----------------------------------------------------------------------------------------

    def _meant(self, token: str) -> Guess | None:
        """What a token is meant for; None where it is what it is. Remembered."""
        if token not in self._tokens:
            if len(self._tokens) >= MOST_REMEMBERED:
                self._tokens.clear()
            self._tokens[token] = self._guess(token)
        return self._tokens[token]

    def _guess(self, token: str) -> Guess | None:
        if not (3 <= len(token) <= LONGEST and token.isascii()) or token in self._words:
            return None
        if not token.isalpha():
            token = token.translate(_STAND_INS) if sum(map(str.isalpha, token)) > 1 else ""
            if not token.isalpha():
                return None
        if token in self._ordinary:
            return None
        if (known := self._variants.get(token)) is not None:
            step, *words = known.split(_BETWEEN)
            return Guess(tuple(words), step)
        return self._with_a_letter_less(token) or self._parted(token, TOGETHER)

    def _with_a_letter_less(self, token: str) -> Guess | None:
        if len(token) <= SHORTEST:
            return None
        for place in range(1, len(token) - 1):
            word = token[:place] + token[place + 1 :]
            if word in self._words:
                return Guess((word,), SWAPPED)
        return None

    def _parted(self, token: str, step: str) -> Guess | None:
        """A token as several words, one of them looked for: the fewest there can be."""
        if next(iter(self._inside.find(token)), None) is None:
            return None
        best: list[tuple[str, ...] | None] = [(), *([None] * len(token))]
        for end in range(1, len(token) + 1):
            for start in range(max(0, end - 16), end):
                before, now, part = best[start], best[end], token[start:end]
                if before is None or len(before) >= MOST_PARTS or (now and len(now) <= len(before) + 1):
                    continue
                if part in SHORT or (len(part) > 2 and part in self._words) or self._ordinary.is_common(part):
                    best[end] = (*before, part)
        parts = best[-1]
        if parts is None or len(parts) < 2:
            return None
        wanted = [part for part in parts if len(part) > 2 and part in self._words]
        others = [part for part in parts if part not in self._words]
        # A word of three letters is inside too many others, unless only little words stand beside it.
        if max(map(len, wanted), default=0) <= 3 and not all(part in SHORT for part in others):
            return None
        return Guess((" ".join(parts),), step)

    def _joined(self, written: str) -> Guess | None:
        """Letters apart, as one word or several."""
        letters = "".join(_LETTERS.findall(written)).translate(_STAND_INS)
        if letters in self._words:
            return Guess((letters,), APART)
        if letters[:1] in {"a", "i"} and letters[1:] in self._words:
            return Guess((f"{letters[0]} {letters[1:]}",), APART)
        if not 3 <= len(letters) <= LONGEST or letters in self._ordinary:
            return None
        return self._parted(letters, APART)

    def _without_signs(self, written: str) -> str | None:
        """The word that is written with signs for letters; 1, ! and | are read as i and as l."""
        if written.isalpha() or not any(map(str.isalpha, written)):
            return None
        ways = [_TWO_WAYS.get(sign, sign.translate(_STAND_INS)) for sign in written]
        if sum(len(way) > 1 for way in ways) > MOST_SIGNS:
            return None
        return next((word for word in map("".join, product(*ways)) if word in self._words), None)

    def _unmasked(self, written: str) -> tuple[str, ...]:
        """The words that a mask may hide: those of its very length, or else of about that."""
        shown = sum(map(str.isalpha, written))
        if shown < 2 or not written[-1].isalpha():
            return ()
        shape = re.compile("".join(map(_shape, _RUNS.findall(written))))
        fitting = [word for word in self._by_ends.get((written[0], written[-1]), ()) if shape.fullmatch(word)]
        exact = [word for word in fitting if len(word) == len(written)]
        return tuple((exact or fitting)[:MOST_WAYS])


def _is_plain(word: str) -> bool:
    return word.isascii() and word.isalpha()


def _shape(run: str) -> str:
    """A run of letters as itself; one of masks as about so many letters."""
    return run if run.isalpha() else f"[a-z]{{{max(1, len(run) - 1)},{len(run) + 1}}}"


def _spaced(folded: Folded) -> Sequence[int]:
    """The texts with three letters alone in a row, each a sign apart from the next."""
    narrow = np.minimum(folded.codes, 255).astype(np.uint8)
    letter = np.frombuffer(narrow.tobytes().translate(_SINGLE), dtype=np.bool_)
    alone = letter.copy()
    alone[1:] &= ~letter[:-1]
    alone[:-1] &= ~letter[1:]
    # The next may be up to three signs away; two are told by their neighbours.
    near = alone[:-2] & alone[2:]
    places = np.flatnonzero(near[:-2] & near[2:]) if len(near) > 2 else np.empty(0, dtype=np.intp)
    return sorted(set((np.searchsorted(folded.starts, places, side="right") - 1).tolist()))


def _mended(text: str, base: int, edits: Sequence[_Edit], way: int) -> Mended:
    """Puts guesses in; `base` is where the text begins in its batch, `way` which of several guesses."""
    parts: list[str] = []
    patches: list[_Patch] = []
    at = length = 0
    for first, last, guess in edits:
        start, end = first - base, last - base
        meant = guess.texts[min(way, len(guess.texts) - 1)]
        length += start - at
        # where only blanks were put in, each letter is known
        by_letter = len(meant) - meant.count(" ") == end - start
        patches.append(_Patch(length, length + len(meant), first, last, guess.step, by_letter))
        parts += (text[at:start], meant)
        length += len(meant)
        at = end
    parts.append(text[at:])
    return Mended("".join(parts), base, tuple(patches))
