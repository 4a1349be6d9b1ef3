"""When two wordings say the same: what may differ between copies of one sentence, and what may not.

Copies are edited: links, names and emoji are added, words are misspelt, dropped or put in front, the
end is cut off. All that is looked through. What a newcomer would get wrong: alike is not the same.
"Riot in Leeds" and "Riot in Luton", "it is true" and "it is not true", "two dead" and "three dead"
share nearly every letter, and a verdict on one of them must never fall on the other. So a word that
turns a sentence round, a number, a name, or one word put in place of another keeps two wordings apart,
at the price of a wave that is sometimes counted as two.
"""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, LCSseq

from console.matching.look_alikes import LOOK_ALIKES

LONGEST: Final = 1_000
"""Characters of a wording that are compared; beyond them it goes by what stands before."""
FEWEST_WORDS: Final = 4
"""Wordings with fewer words are alike only when they are the same."""

_CORE: Final = 10
"""So many words must be left of a saying when what stands before and after it is taken away."""

_PASSED_ON: Final = re.compile(r"(?:rt\s*@?[\w.-]{1,40}:\s*|rt\s+@?)+")
_ENTITY: Final = re.compile(r"&#?[a-z0-9]{2,6};")
_WORDS: Final = re.compile(r"[^\W_]+")
_ASCII: Final = bytes(
    code if chr(code).isalnum() and code < 128 else 10 if chr(code) in ".!?\n" else 32 for code in range(256)
)
"""Everything but letters and digits becomes a blank, or ends a sentence; over bytes, which is quickest."""
_SENTENCE: Final = re.compile(r"[.!?\n]+")
_DRAWN: Final = re.compile(r"(?<=[a-z])[01345](?=[a-z])")
_LETTERS: Final = str.maketrans("01345", "oieas")
_DIGIT: Final = re.compile(r"\d")
_ODD: Final = re.compile(r"[^\x00-\x7f]+")
_INVISIBLE: Final = {
    **dict.fromkeys(
        (0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
         *range(0x2060, 0x2065), *range(0x2066, 0x206A), *range(0xFE00, 0xFE10)), ""
    ),
    0x2018: "'",
    0x2019: "'",
}  # fmt: skip
_LOOK_ALIKES: Final = str.maketrans(dict(LOOK_ALIKES))


def word_set(words: str) -> frozenset[str]:
    """Words that stand between blanks."""
    return frozenset(words.split())


_TURNING: Final = word_set(
    "no not never none nothing nobody nowhere neither nor without cannot cant dont doesnt didnt isnt arent "
    "wasnt werent wont wouldnt shouldnt couldnt mustnt hasnt havent hadnt aint unless if but except only "
    "fake hoax false falsely cancelled canceled untrue true lie lies lying lied liar rumour rumours rumor "
    "rumors debunked wrong incorrect correction satire joke joking allegedly alleged stop stopped over off "
    "unlike against instead before after yes "
    "ddim dim nid nad na nag ni heb neb byth ffug celwydd celwyddau anwir gwir gau peidiwch paid stopiwch "
    "canslwyd oni os ond erioed dydy dyw nac"
)
"""Words that turn what is said round, or into a claim about it; in English and Welsh."""
_FILLERS: Final = word_set(
    "a an the this that and so just very really well oh hey omg lol wow ok okay please rt via is are was "
    "were be been it its them there of share repost retweet pass spread everyone everybody folks guys lads "
    "people mate bro fyi "
    "breaking update updated urgent exclusive video watch reminder "
    "y yr ac a'r plis rhannwch pawb felly iawn"
)
"""Words that may come, go, or stand for one another without a change in what is said."""
_SAME: Final = {
    "b4": "before",
    "u": "you",
    "ur": "your",
    "r": "are",
    "n": "and",
    "pls": "please",
    "plz": "please",
}
_BEFORE_PLACES: Final = word_set(
    "in at near outside inside from to by around towards off on behind opposite "
    "yn ym yng ger wrth o i ar at tu"
)
"""What stands before the name of a place, however it is written."""


def plain(text: str) -> str:
    """A wording without what copies differ in: links, names, emoji, case, accents, signs.

    Words are divided by one blank and sentences by a line's end; numbers stay, since another number says
    another thing. Empty for a text that is nothing but links and signs.
    """
    if not text.isascii():
        text = _ODD.sub(_folded, text)
    text = text.casefold()
    if "&" in text:
        text = _ENTITY.sub(" ", text)
    if text.startswith(("rt ", "rt@")):
        text = _PASSED_ON.sub("", text, 1)
    if "@" in text or "//" in text or "www." in text or ".com/" in text:
        text = " ".join([word for word in text.split() if not _is_noise(word)])
    if ("0" in text or "1" in text or "3" in text or "4" in text or "5" in text) and _DRAWN.search(text):
        text = _DRAWN.sub(lambda digit: digit[0].translate(_LETTERS), text)
    if text.isascii():
        text = text.encode().translate(_ASCII, b"'").decode()
        sentences = [line.split() for line in text.split("\n")] if "\n" in text else [text.split()]
    else:
        sentences = [_WORDS.findall(sentence) for sentence in _SENTENCE.split(text.replace("'", ""))]
    found = "\n".join([" ".join(words) for words in sentences if words])
    if len(found) <= LONGEST:
        return found
    return found[:LONGEST].rsplit(None, 1)[0]


def _is_noise(word: str) -> bool:
    """Whether a word is a link or the name of an account."""
    return "@" in word[:3] or "//" in word or word.startswith("www.") or ".com/" in word


def _folded(odd: "re.Match[str]") -> str:
    return _fold(odd[0])


@lru_cache(20_000)
def _fold(odd: str) -> str:
    """Letters beyond ASCII as the plain ones that they stand for or look like; kept, as few are many."""
    text = unicodedata.normalize("NFKD", odd.translate(_INVISIBLE))
    text = "".join([letter for letter in text if not unicodedata.combining(letter)])
    text = text.translate(_LOOK_ALIKES).casefold().translate(_LOOK_ALIKES)
    if text and not any(letter.isalnum() or letter in "'.!?" for letter in text):
        # Pictures end a sentence as stops do; quotation marks and dashes are as good as blanks.
        return "\n" if any(unicodedata.category(letter)[0] == "S" for letter in text) else " "
    return text


def alike(known: str, new: str, written: str) -> bool:
    """Whether a new wording is a light edit of a known one; both as `plain` gives them.

    `written` is the new one as its author wrote it, because names are seen by their capitals.
    """
    known, new = _cores(known, new)
    ours, theirs = known.split(), new.split()
    shorter, longer = len(ours), len(theirs)
    if shorter > longer:
        shorter, longer = longer, shorter
    if shorter < FEWEST_WORDS or longer > shorter * 2:
        return known == new
    if _is_another(ours, theirs):
        return False
    if _is_cut(ours, theirs, said=written.rstrip().endswith(("…", "..."))) or _is_cut(
        theirs, ours, said=False
    ):
        return True
    gone, come = _differences(ours, theirs)
    if "".join(gone) == "".join(come):  # spaces were put in or left out
        return True
    if len(gone) + len(come) > shorter + 2 or not (
        _without_moved(gone, come) and _without_slips(gone, come, most=max(1, shorter // 4))
    ):
        return False
    gone = [word for word in gone if word not in _FILLERS]
    come = [word for word in come if word not in _FILLERS]
    if gone and come:  # one thing was put in place of another
        return False
    changed = gone or come
    return not changed or (
        len(changed) <= (shorter // 5 if shorter > 5 else 0)
        and not any(word in _TURNING or _has_digit(word) for word in changed)
        and not (come and _names(come, theirs, written))
    )


def _is_another(ours: list[str], theirs: list[str]) -> bool:
    """Whether two wordings have too few words in common to be one; quick, for most that are compared are not.

    A light edit leaves more than half of the words that are no fillers; one that only moves blanks leaves all
    letters.
    """
    left, right = set(ours) - _FILLERS, set(theirs) - _FILLERS
    return len(left & right) * 20 < min(len(left), len(right)) * 9 and "".join(ours) != "".join(theirs)


def _cores(known: str, new: str) -> tuple[str, str]:
    """Two wordings without the short sentences that only one of them begins or ends with.

    "Look. They always … Weir rats" and "Wake up. They always … Pass it on" are one saying. What is left must
    be most of both; a sentence that turns the others round, or has a number, is never left out.
    """
    if "\n" not in known and "\n" not in new:
        return known, new
    ours, theirs = known.split("\n"), new.split("\n")
    core, other = _core(ours, theirs), _core(theirs, ours)
    sizes = [sum(len(sentence.split()) for sentence in part) for part in (ours, core, theirs, other)]
    if min(sizes[1], sizes[3]) < _CORE or sizes[1] < 0.6 * sizes[0] or sizes[3] < 0.6 * sizes[2]:
        return known, new
    return " ".join(core), " ".join(other)


def _core(ours: list[str], theirs: list[str]) -> list[str]:
    start, end = 0, len(ours)
    while start < end - 1 and _is_loose(ours[start], theirs):
        start += 1
    while end - 1 > start and _is_loose(ours[end - 1], theirs):
        end -= 1
    return ours[start:end]


def _is_loose(sentence: str, others: list[str]) -> bool:
    words = sentence.split(" ")
    return (
        len(words) <= 6
        and not any(
            word in _TURNING or _has_digit(word) for word in words[words[0] == "no" and len(words) > 2 :]
        )
        and not any(sentence in other or fuzz.ratio(sentence, other) >= 60 for other in others)
    )


def _differences(ours: list[str], theirs: list[str]) -> tuple[list[str], list[str]]:
    """The words that only the one has, and those that only the other has, in their order."""
    start, end = 0, min(len(ours), len(theirs))
    while start < end and ours[start] == theirs[start]:
        start += 1
    end -= start
    back = 0
    while back < end and ours[-1 - back] == theirs[-1 - back]:
        back += 1
    # Nearly all of a copy is the same at both ends, and only what is between must be looked at closely.
    left = [_SAME.get(word, word) for word in ours[start : len(ours) - back]]
    right = [_SAME.get(word, word) for word in theirs[start : len(theirs) - back]]
    if not (left and right):
        return left, right
    gone: list[str] = []
    come: list[str] = []
    for change in LCSseq.editops(left, right):
        if change.tag == "delete":
            gone.append(left[change.src_pos])
        else:
            come.append(right[change.dest_pos])
    return gone, come


def _without_moved(gone: list[str], come: list[str]) -> bool:
    """Takes out one word that only stands elsewhere; whether no other does.

    Two that change places may be who did it and to whom.
    """
    if not (gone and come):
        return True
    moved = [word for word in gone if word in come and word not in _FILLERS]
    for word in [word for word in gone if word in come]:
        if word in come:
            gone.remove(word)
            come.remove(word)
    return len(moved) <= 1


def _without_slips(gone: list[str], come: list[str], most: int) -> bool:
    """Takes out pairs that are one word, misspelt; whether there were no more of them than `most`."""
    count = 0
    for word in tuple(gone):
        for other in come:
            if _is_slip(word, other):
                gone.remove(word)
                come.remove(other)
                count += 1
                break
    return count <= most


def _is_slip(word: str, other: str) -> bool:
    if sorted(word[:2]) != sorted(other[:2]) and word[0] != other[0]:
        return False
    if min(len(word), len(other)) < 4 or abs(len(word) - len(other)) > 2:
        return False
    if word in _TURNING or other in _TURNING or word.isdigit() or other.isdigit():
        return False
    most = 1 if min(len(word), len(other)) < 8 else 2
    return OSA.distance(word, other, score_cutoff=most) <= most


def _is_cut(whole: Sequence[str], part: Sequence[str], *, said: bool) -> bool:
    """Whether the one is the other with its end cut off: within a word, or because it is `said` by dots."""
    size = len(part)
    return (
        (6 if said else 8) <= size <= len(whole) <= size * 5 // 3
        and (said or whole[size - 1] != part[-1])
        and whole[size - 1].startswith(part[-1])
        and list(whole[: size - 1]) == list(part[:-1])
        and not any(word in _TURNING or _has_digit(word) for word in whole[size - 1 :])
    )


def _names(come: Sequence[str], theirs: Sequence[str], written: str) -> bool:
    """Whether one of the words that came may be a name: of a place, a person, a topic."""
    after_preposition = {word for before, word in itertools.pairwise(theirs) if before in _BEFORE_PLACES}
    if any(word in after_preposition for word in come):
        return True
    words = written.split()
    shouted = sum(word.isupper() for word in words) * 2 > len(words)
    named = {
        plain(word.lstrip("#"))
        for before, word in itertools.pairwise(["", *words])
        if not before.endswith((".", "!", "?", ":"))
        and (word.startswith("#") or (not shouted and word.lstrip("\"'“‘([")[:1].isupper()))
    }
    return any(word in named for word in come)


def _has_digit(word: str) -> bool:
    return not word.isalpha() and _DIGIT.search(word) is not None
