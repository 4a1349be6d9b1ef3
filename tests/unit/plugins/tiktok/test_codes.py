"""What TikTok's answers mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console.api import Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.web import DAY_MS, Reply
from plugins.tiktok.codes import THROTTLED_MS, TokenEnded, judge

NOW = 20_000 * DAY_MS + 3_600_000


def answer(body: Any, *, status: int = 200, does_write: bool = False) -> Failure | None:
    return judge(Reply("TikTok", status, {}, json.dumps(body).encode(), NOW, does_write))


def refusal(code: int, message: str = "no", **how: Any) -> Failure | None:
    return answer({"code": code, "message": message, "request_id": "1", "data": {}}, **how)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (40100, SlowDown),
        (40105, TokenEnded),
        (40102, TokenEnded),
        (40103, SignInAgain),
        (40001, NotAllowed),
        (40002, NotAllowed),
        (40006, Gone),
        (40007, Gone),
        (40999, NotAllowed),
        (50000, TryLater),
        (51004, TryLater),
    ],
)
def test_each_code_is_one_of_the_few_failures(code: int, kind: type[Failure]) -> None:
    found = refusal(code, does_write=True)
    assert type(found) is kind
    assert found.words.strip()
    # A refusal in words is safe; only their own fault may have come after something was done.
    assert found.sent is (kind is TryLater)


def test_zero_is_success() -> None:
    assert refusal(0, "OK") is None


@pytest.mark.parametrize("body", [None, [], {}, {"code": "0"}, {"code": True}, {"error": {"message": "x"}}])
def test_an_answer_without_a_code_is_no_success(body: Any) -> None:
    found = answer(body, does_write=True)
    assert isinstance(found, Misunderstood)
    assert found.sent


def test_a_gateways_answer_is_told_by_its_status() -> None:
    assert answer({"error": "upstream"}, status=502) is None


def test_after_too_many_requests_five_minutes_pass() -> None:
    found = refusal(40100, "Requests made too frequently.")
    assert isinstance(found, SlowDown)
    assert found.until == NOW + THROTTLED_MS


def test_a_limit_of_a_day_ends_at_midnight_utc() -> None:
    found = refusal(40100, "Daily limit reached.")
    assert isinstance(found, SlowDown)
    assert found.until == 20_001 * DAY_MS


def test_a_missing_permission_says_what_to_do() -> None:
    found = refusal(40001, "Permission error: no permission to operate.")
    assert found is not None
    assert "authorise the account again" in found.words
