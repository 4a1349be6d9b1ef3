"""What LinkedIn's answers mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console.api import Failure, Gone, NotAllowed, SlowDown, TryLater
from console.api.web import DAY_MS, Reply
from plugins.linkedin.refusals import TokenEnded, judge

NOW = 20_000 * DAY_MS + 3_600_000


def answer(body: Any, status: int = 200, **headers: str) -> Failure | None:
    return judge(Reply("LinkedIn", status, headers, json.dumps(body).encode(), NOW, does_write=True))


def refusal(status: int, message: str = "no", code: str = "X", *, by: int | None = None) -> Failure | None:
    body = {"status": status, "serviceErrorCode": 100, "code": code, "message": message}
    return answer(body, status if by is None else by)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, NotAllowed),
        (401, TokenEnded),
        (403, NotAllowed),
        (404, Gone),
        (410, Gone),
        (422, NotAllowed),
        (426, NotAllowed),
        (429, SlowDown),
        (500, TryLater),
        (503, TryLater),
    ],
)
def test_each_status_is_one_of_the_few_failures(status: int, kind: type[Failure]) -> None:
    found = refusal(status)
    assert type(found) is kind
    assert found.sent is (kind is TryLater)
    # An error below a good status is an error all the same.
    assert type(refusal(status, by=200)) is kind


def test_a_comment_and_a_list_are_no_errors() -> None:
    assert answer({"elements": []}) is None
    assert answer({"id": "1", "message": {"text": "words"}, "status": "ok"}) is None
    assert answer([], 200) is None
    assert judge(Reply("LinkedIn", 204, {}, b"", NOW, does_write=True)) is None


def test_an_error_of_another_kind_below_a_good_status_is_their_fault() -> None:
    assert isinstance(answer({"error": {"message": "Something went wrong"}}), TryLater)


def test_the_calls_of_the_day_are_back_at_midnight_utc() -> None:
    found = refusal(429, "Resource level throttle APPLICATION DAY limit is reached.")
    assert isinstance(found, SlowDown)
    assert found.until == 20_001 * DAY_MS
    assert "midnight" in found.words


def test_a_throttle_of_comments_is_over_soon() -> None:
    found = refusal(429, "Comment create throttled")
    assert isinstance(found, SlowDown)
    assert found.until == NOW + 60_000


@pytest.mark.parametrize(
    ("status", "words"), [(403, "role"), (426, "newer year and month"), (422, "duplicate")]
)
def test_a_refusal_says_what_to_do(status: int, words: str) -> None:
    found = refusal(status, "Content is a duplicate of urn:li:share:1")
    assert found is not None
    assert words in found.words
