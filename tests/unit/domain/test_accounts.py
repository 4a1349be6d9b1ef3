"""Accounts: a sign-in that ends is said in words, in good time."""

from dataclasses import replace

import pytest

from console.domain.accounts import WARNED_MS, Account
from console.domain.ids import AccountId
from console.domain.times import day_words, parse_iso

NOW = parse_iso("2026-11-21T12:00:00Z")
ENDS = parse_iso("2026-12-03T09:00:00Z")
ACCOUNT = Account(
    id=AccountId(1),
    key="x:force",
    network="x",
    connector="x",
    handle="force",
    name="Dellin Valley Police",
    lead=None,
    deputy=None,
    may_act=True,
)


def test_an_account_without_an_end_has_no_warning() -> None:
    assert ACCOUNT.warning(NOW) is None
    assert ACCOUNT.as_of(NOW).notice is None


def test_two_weeks_before_the_end_a_person_is_told_the_day() -> None:
    account = replace(ACCOUNT, sign_in_ends_at=ENDS)
    assert account.warning(ENDS - WARNED_MS - 1) is None
    assert account.warning(NOW) == "The sign-in ends on 3 December; sign in again before that."
    assert account.warning(ENDS) == "The sign-in ended on 3 December; sign in again."


def test_the_end_and_what_else_is_to_be_known_are_said_together() -> None:
    account = replace(ACCOUNT, sign_in_ends_at=ENDS, notice="The right to read messages is missing.")
    assert account.as_of(NOW).notice == (
        "The sign-in ends on 3 December; sign in again before that. The right to read messages is missing."
    )


@pytest.mark.parametrize(("at", "words"), [(0, "1 January"), (NOW, "21 November"), (10**18, "31 December")])
def test_a_day_in_words(at: int, words: str) -> None:
    assert day_words(at) == words
