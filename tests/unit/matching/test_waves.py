"""The window of near-identical texts: what comes together, what stays apart, what is forgotten."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.matching.waves import Window
from console.matching.wordings import alike, plain

SAYING = "They always protect their own, every single time"
HOUR = 3_600_000


def groups(*texts: str, window: Window | None = None, at: int = 1) -> list[int]:
    return (window or Window(1_000)).place(texts, at)


@pytest.mark.parametrize(
    "copy",
    [
        "they ALWAYS protect their own!!! every single time 😡😡",
        "@force.example They always protect their own, every single time https://bad.example/x",
        "RT @sam.example: They always protect their own, every single time",
        "Тhеy аlwауs prоtect their own, every single time",
        "They always pro\u00adtect their\u200b own, every single time",
        "They always protect thier own, every single time",
        "They always protect their own every time",
        "They always protect their own, every single time, please share",
        "They always protect their own, every single ti…",
        "Theyalways protect their own, every single time",
    ],
)
def test_a_copy_is_known_whatever_was_added_or_misspelt(copy: str) -> None:
    first, second = groups(SAYING, copy)
    assert first == second != 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "It is true that they arrested the man at his home",
            "It is not true that they arrested the man at his home",
        ),
        (
            "There will be trouble in Leeds tonight, be there",
            "There will be trouble in Luton tonight, be there",
        ),
        (
            "there will be trouble in leeds tonight be there",
            "there will be trouble in luton tonight be there",
        ),
        (
            "There will be trouble tonight so be there lads",
            "There will be trouble tonight in Luton so be there lads",
        ),
        (
            "There will be trouble tonight so be there lads",
            "There will be trouble tonight so be there lads #Luton",
        ),
        ("Two people are dead on Chandlers Row after it", "Three people are dead on Chandlers Row after it"),
        (
            "Meet at 22 Chandlers Row at eight, bring others",
            "Meet at 48 Chandlers Row at eight, bring others",
        ),
        (
            "The bridge men attacked the market men today there",
            "The market men attacked the bridge men today there",
        ),
        (
            "A man was stabbed at the market this evening",
            "A man was stabbed at the market this evening, fake news",
        ),
        ("Mae'r dyn wedi cael ei arestio heno yn y dref", "Nid yw'r dyn wedi cael ei arestio heno yn y dref"),
        ("A man has died after a swim in cold water", "Dallas man has died after a swim in cold water"),
        ("thank you", "thank them"),
        ("not now", "now"),
    ],
)
def test_what_says_another_thing_stays_apart(one: str, other: str) -> None:
    first, second = groups(one, other)
    assert first != second


@pytest.mark.parametrize(
    "copy",
    [
        "Wake up. They always protect their own. Share this before they delete it! Weir rats.",
        "🚨 Th3y always pr0tect their own. Share this b4 they delete it 🔁",
        "No surprise here. They ALWAYS protect their own. Copy and share before they delete it. Pass it on.",
        "They al\u200bways pro\u200btect their own 🙄 Share this before it's deleted.",
    ],
)
def test_a_saying_is_known_with_other_words_before_and_after_it(copy: str) -> None:
    known = plain("Look. They always protect their own. Share this before they delete it.")
    assert alike(known, plain(copy), copy)


@pytest.mark.parametrize(
    "other",
    [
        "They always protect their own, they say. My brother is in the doorway and he's not breathing.",
        "They always protect their own. Share this before they delete it. That is a lie.",
        "They always protect their own. Share this before they delete it. Meet at 8.",
        "They never protect their own. Share this before they delete it.",
    ],
)
def test_a_saying_with_something_else_to_say_stays_apart(other: str) -> None:
    first, second = groups("Look. They always protect their own. Share this before they delete it.", other)
    assert first != second


def test_short_texts_come_together_only_when_they_are_the_same() -> None:
    assert len(set(groups("RIP", "rip!!", "Rip 💔", "@sam.example rip"))) == 1
    assert len(set(groups("so sad", "so bad"))) == 2


def test_a_text_of_links_and_signs_alone_belongs_nowhere() -> None:
    assert groups("https://bad.example/a 😡", "@sam.example", "…", "") == [0, 0, 0, 0]


def test_a_group_does_not_drift_away_from_where_it_began() -> None:
    words = [f"word{chr(97 + n)}x" for n in range(30)]
    window = Window(1_000)
    last = [window.place([" ".join(words[start : start + 12])], start)[0] for start in range(18)]
    assert last[0] != last[-1]


def test_what_has_fallen_out_of_the_window_is_forgotten() -> None:
    window = Window(100)
    first = window.place([SAYING], 1)[0]
    window.place([f"something else number {n} in the evening" for n in range(150)], 2)
    assert window.place([SAYING], 3)[0] != first


def test_a_group_that_goes_on_stays_however_much_comes_between() -> None:
    window = Window(100)
    first = window.place([SAYING], 1)[0]
    for turn in range(20):
        window.place([f"line {turn} and {n} of that long evening" for n in range(90)], 2)
        assert window.place([SAYING], 3)[0] == first
    assert window.place(["They always protect thier own, every single time"], 3)[0] == first


def test_on_a_quiet_night_a_day_is_the_end_of_the_window() -> None:
    window = Window(1_000)
    first = window.place([SAYING], HOUR)[0]
    for hour in range(2, 30):
        window.place([f"hour {hour} of a quiet day passed by"], hour * HOUR)
    assert window.place([SAYING], 30 * HOUR)[0] != first


def test_a_mark_stays_as_long_as_its_group() -> None:
    window = Window(100)
    number = window.place([SAYING], 1)[0]
    window.set_mark(number, 12)
    assert window.place([SAYING], 1)[0] == number
    assert window.mark(number) == 12
    window.set_mark(number, 13)
    assert window.mark(number) == 13
    window.set_mark(10**9, 5)
    assert window.mark(10**9) == 0


def test_names_that_were_shouted_are_no_more_names_than_the_rest() -> None:
    known = plain("THEY ALWAYS PROTECT THEIR OWN EVERY TIME AND WE KNOW IT")
    assert alike(known, plain(known + " lads"), known.upper() + " LADS")


@given(st.text(max_size=300))
def test_plain_words_stay_as_they_are_when_made_plain_again(text: str) -> None:
    once = plain(text)
    assert plain(once) == once


@given(st.lists(st.text(max_size=80), max_size=30), st.integers(1, 30))
def test_how_texts_are_batched_changes_nothing(texts: list[str], size: int) -> None:
    whole, parts = Window(1_000), Window(1_000)
    assert whole.place(texts, 1) == [
        number for at in range(0, len(texts), size) for number in parts.place(texts[at : at + size], 1)
    ]


@given(
    st.lists(st.sampled_from([SAYING, "so sad", "Where was this? I was there at nine", "rip"]), max_size=40)
)
def test_the_same_words_are_always_together(texts: list[str]) -> None:
    numbers = groups(*texts)
    assert len(set(zip(texts, numbers, strict=True))) == len(set(texts))


def test_memory_stays_the_same_when_texts_never_repeat() -> None:
    chance = random.Random(3)
    window = Window(500)
    for _ in range(20):
        window.place([f"{chance.random()} {chance.random()} of four words" for _ in range(500)], 1)
    assert len(window._exact) <= window._slots
    assert len(window) == 0


WORDS = [
    f"{first}{second}{third}"
    for first in ("ba", "ke", "li", "mo")
    for second in ("ra", "ste", "ti", "vo")
    for third in ("cro", "fle", "gri", "plo", "sna")
]


def edited(chance: random.Random, saying: str) -> str:
    """A light edit: letters that changed places, a word less, something put around it, its end cut off."""
    words = saying.split()
    kind = chance.randrange(5)
    if kind == 0:
        place = chance.randrange(1, len(saying) - 2)
        return saying[:place] + saying[place + 1] + saying[place] + saying[place + 2 :]
    if kind == 1:
        del words[chance.randrange(len(words))]
        return " ".join(words)
    if kind == 2:
        return f"RT @sam.example: {saying.upper()} \U0001f621 https://bad.example/{chance.random()}"
    if kind == 3:
        return " ".join(["please", "share", *words])
    return saying[: len(saying) * 4 // 5] + "…"


def test_nineteen_in_twenty_light_edits_join_their_saying_and_no_two_sayings_meet() -> None:
    chance = random.Random(11)
    sayings = [" ".join(chance.sample(WORDS, chance.randint(9, 20))) for _ in range(200)]
    window = Window()
    known = window.place(sayings, 1)
    assert len(set(known)) == len(sayings)
    copies = [(place, edited(chance, saying)) for place, saying in enumerate(sayings) for _ in range(10)]
    chance.shuffle(copies)
    found = window.place([text for _, text in copies], 2)
    right = sum(number == known[place] for number, (place, _) in zip(found, copies, strict=True))
    others = [
        number in known and number != known[place] for number, (place, _) in zip(found, copies, strict=True)
    ]
    assert right >= 0.95 * len(copies)
    assert not any(others)
