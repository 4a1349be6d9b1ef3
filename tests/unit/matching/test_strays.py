"""Strays: the one in the flood that is unlike the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.matching.strays import Crowds, signs

SHOUTS = [
    "Disgrace, they always protect their own {n}",
    "Resign the lot of them, shocking force {n}",
    "Why are they never there when needed, useless {n}",
    "Typical, same story every single week {n}",
    "Absolute joke of a police force honestly {n}",
]


def crowd(*texts: str, flood: int = 60, at: int = 1_000_000) -> list[str | None]:
    crowds = Crowds()
    for number in range(flood):
        crowds.look("thread", SHOUTS[number % len(SHOUTS)].format(n=number), at + number, is_copy=False)
    return [crowds.look("thread", text, at + 100, is_copy=False) for text in texts]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("I saw which way he ran, past the chip shop", "First-hand (“i saw"),
        ("My son is not answering his phone and he was in town", "First-hand (“my son"),
        ("We are hiding in the kitchen, please send somebody", "First-hand (“we are hiding"),
        ("Man wearing a grey hood got into a silver hatchback", "A sighting (“wearing"),
        ("The lad lives at 14 Chandlers Row", "A place (“14 Chandlers Row"),
        ("Ring his mother on 01632 960123", "A number (“01632 960123"),
        ("Is the swimming pool evacuated, or can parents collect?", "A question that no one else asks"),
        ("Welais i ddyn yn rhedeg tuag at y bont", "First-hand"),
        ("Mae fy merch yno o hyd a dydy hi ddim yn ateb", "First-hand (“fy merch"),
        ("Oes rhywun wedi clywed o'r ysgol heno?", "A question that no one else asks"),
    ],
)
def test_what_nobody_else_says_is_raised_with_its_reason(text: str, why: str) -> None:
    (found,) = crowd(text)
    assert found is not None
    assert found.startswith(why)


@pytest.mark.parametrize(
    "text", ["Shame on the whole lot of you", "Thank you for all that you do", "🙏🙏🙏", ""]
)
def test_one_more_voice_in_the_crowd_is_none(text: str) -> None:
    assert crowd(text) == [None]


def test_on_a_quiet_thread_nothing_is_odd() -> None:
    assert crowd("I saw which way he ran, past the chip shop", flood=5) == [None]


def test_what_half_of_the_crowd_says_is_not_odd() -> None:
    told = [f"I saw it on the news channel number {n} tonight" for n in range(60)]
    found = crowd(*told, "I saw it on the news as well tonight", flood=40)
    assert found[-1] is None


def test_a_copy_of_what_many_say_is_never_odd() -> None:
    crowds = Crowds()
    found = [crowds.look(1, "I saw him on Mill Road", 1_000 + n, is_copy=True) for n in range(90)]
    assert set(found) == {None}


def test_where_everybody_is_odd_only_the_first_are_raised() -> None:
    odd = [f"I saw person{n} wearing colour{n} near place{n}x house{n}y" for n in range(100)]
    assert sum(found is not None for found in crowd(*odd)) <= 8


def test_a_flood_that_is_long_over_makes_no_crowd() -> None:
    crowds = Crowds()
    for number in range(60):
        crowds.look("thread", SHOUTS[number % 5].format(n=number), 1_000, is_copy=False)
    assert crowds.look("thread", "I saw which way he ran", 3_600_000, is_copy=False) is None


def test_another_thread_is_another_crowd() -> None:
    crowds = Crowds()
    for number in range(60):
        crowds.look("one", SHOUTS[number % 5].format(n=number), 1_000, is_copy=False)
    assert crowds.look("two", "I saw which way he ran", 1_001, is_copy=False) is None


@given(st.text(max_size=400))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert [sign.weight for sign in signs(text)] == sorted(
        (sign.weight for sign in signs(text)), reverse=True
    )
    crowd(text, flood=20)


def test_a_long_text_without_blanks_costs_no_more_than_its_length() -> None:
    assert signs("A1" * 50_000) == []
    assert signs("i " * 50_000) == []
