"""What YouTube's errors mean, each as the reference pages and the sheet have it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from console.api import Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.web import Reply
from plugins.youtube.refusals import PlaceLost, Refused, TokenEnded, Unprocessed, judge, next_reset

NOW = int(datetime(2026, 11, 21, 23, 0, tzinfo=UTC).timestamp() * 1000)


def reply(status: int, body: object, *, does_write: bool = False) -> Reply:
    return Reply("YouTube", status, {}, json.dumps(body).encode(), NOW, does_write)


def error(
    status: int, reason: str, message: str = "They said why.", domain: str = "youtube.comment"
) -> object:
    detail = {"message": message, "domain": domain, "reason": reason}
    return {"error": {"code": status, "message": message, "errors": [detail]}}


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (403, "quotaExceeded", SlowDown),
        (403, "dailyLimitExceeded", SlowDown),
        (403, "rateLimitExceeded", SlowDown),
        (403, "userRateLimitExceeded", SlowDown),
        (429, "somethingNew", SlowDown),
        (401, "authError", TokenEnded),
        (401, "somethingNew", TokenEnded),
        (403, "insufficientPermissions", SignInAgain),
        (403, "forbidden", Refused),
        (404, "commentNotFound", Gone),
        (404, "parentCommentNotFound", Gone),
        (404, "videoNotFound", Gone),
        (404, "somethingNew", Gone),
        (400, "processingFailure", Unprocessed),
        (400, "banWithoutReject", Refused),
        (400, "operationNotSupported", Refused),
        (400, "parentCommentIsPrivate", Refused),
        (400, "commentTextTooLong", Refused),
        (403, "commentsDisabled", Refused),
        (403, "ineligibleAccount", Refused),
        (403, "liveChatEnded", Refused),
        (403, "liveChatDisabled", Refused),
        (404, "liveChatNotFound", Refused),
        (403, "liveStreamingNotEnabled", Refused),
        (403, "accessNotConfigured", Refused),
        (400, "invalidPageToken", PlaceLost),
        (400, "pageTokenInvalid", PlaceLost),
        (400, "somethingNew", Refused),
        (200, "somethingNew", Refused),
    ],
)
def test_every_error_has_a_meaning(status: int, reason: str, kind: type[Failure]) -> None:
    failure = judge(reply(status, error(status, reason)))
    assert type(failure) is kind
    assert failure is not None
    assert failure.words.strip()
    assert not failure.sent


def test_a_fault_of_youtubes_own_is_left_to_the_status() -> None:
    assert judge(reply(503, error(503, "backendError"))) is None
    assert isinstance(judge(reply(200, error(500, "backendError"))), TryLater)


def test_the_kinds_of_our_own_are_kinds_of_the_contract() -> None:
    assert issubclass(TokenEnded, SignInAgain)
    assert issubclass(PlaceLost, Misunderstood)
    assert issubclass(Unprocessed, TryLater)
    assert issubclass(Refused, NotAllowed)


@pytest.mark.parametrize(
    "body", [{"items": []}, {"error": "upstream"}, [], "words", {"error": {"code": "x"}}]
)
def test_what_is_no_error_of_youtubes_shape_says_nothing_more(body: object) -> None:
    assert judge(reply(200, body)) is None


def test_an_answer_without_a_body_is_no_error() -> None:
    assert judge(Reply("YouTube", 204, {}, b"", NOW, does_write=True)) is None
    assert isinstance(judge(Reply("YouTube", 401, {}, b"", NOW, does_write=False)), TokenEnded)


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        # Winter, the night on which the clocks go forward there, and the one on which they go back.
        ("2026-11-21T23:00:00+00:00", "2026-11-22T08:00:00+00:00"),
        ("2026-11-22T07:59:59+00:00", "2026-11-22T08:00:00+00:00"),
        ("2026-11-22T08:00:00+00:00", "2026-11-23T08:00:00+00:00"),
        ("2026-03-08T09:00:00+00:00", "2026-03-09T07:00:00+00:00"),
        ("2026-11-01T08:00:00+00:00", "2026-11-02T08:00:00+00:00"),
        ("2026-07-01T12:00:00+00:00", "2026-07-02T07:00:00+00:00"),
    ],
)
def test_the_units_of_a_day_come_back_at_midnight_in_california(now: str, midnight: str) -> None:
    found = next_reset(int(datetime.fromisoformat(now).timestamp() * 1000))
    assert found == int(datetime.fromisoformat(midnight).timestamp() * 1000)


def test_a_used_up_day_is_rested_until_then() -> None:
    failure = judge(reply(403, error(403, "quotaExceeded", domain="youtube.quota")))
    assert isinstance(failure, SlowDown)
    assert failure.until == next_reset(NOW)
