"""Every error that X is known to answer with means one of the few failures of the contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console.api import Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.web import Reply
from plugins.x.problems import NO_CREDIT, about, meaning, problems_in

NOW = 1_790_000_000_000
TYPES = "https://api.x.com/2/problems/"
NOT_FOUND = {
    "resource_id": "456",
    "resource_type": "tweet",
    "title": "Not Found Error",
    "detail": "Could not find tweet with id: [456].",
    "type": TYPES + "resource-not-found",
}
FORBIDDEN = {
    "title": "Forbidden",
    "detail": "You are not permitted to perform this action.",
    "type": "about:blank",
    "status": 403,
}
BUSY = {
    "title": "ConnectionException",
    "detail": "This stream is currently at the maximum allowed connection limit.",
    "connection_issue": "TooManyConnections",
    "type": TYPES + "streaming-connection",
}


def _meaning(status: int, body: Any, *, does_write: bool = False, **headers: str) -> Failure | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return meaning(Reply("X", status, named, json.dumps(body).encode(), NOW, does_write))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, {"title": "Too Many Requests", "type": "about:blank", "status": 429}, SlowDown),
        (429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, SlowDown),
        (200, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, SlowDown),
        (401, {"title": "Unauthorized", "type": "about:blank", "status": 401}, SignInAgain),
        (200, {"errors": [{"code": 89, "message": "Invalid or expired token."}]}, SignInAgain),
        (403, FORBIDDEN, NotAllowed),
        (403, {"title": "Unsupported Authentication", "detail": "User context", "status": 403}, NotAllowed),
        (400, {"title": "Invalid Request", "detail": "bad", "type": TYPES + "invalid-request"}, NotAllowed),
        (402, {"title": "CreditsDepleted", "detail": "no credits", "type": TYPES + "credits"}, SlowDown),
        (429, {"title": "UsageCapExceeded", "type": TYPES + "usage-capped", "period": "Monthly"}, SlowDown),
        (429, BUSY, TryLater),
        (503, {**BUSY, "connection_issue": "ProvisioningSubscription"}, TryLater),
        (200, {"errors": [{"title": "Internal Error", "type": TYPES + "internal-error"}]}, TryLater),
        (200, {"title": "Forbidden", "detail": "no", "type": "about:blank"}, TryLater),
    ],
)
def test_an_error_is_told_by_its_words_and_not_by_its_status_alone(
    status: int, body: Any, kind: type[Failure]
) -> None:
    failure = _meaning(status, body)
    assert isinstance(failure, kind), failure
    assert failure.words.strip()
    assert not failure.sent


def test_what_a_list_lacks_is_no_failure_of_the_list() -> None:
    assert _meaning(200, {"data": [], "errors": [NOT_FOUND]}) is None
    assert _meaning(200, {"errors": [NOT_FOUND]}) is None
    assert _meaning(200, {"data": [{}], "errors": [{"title": "odd", "type": TYPES + "new-kind"}]}) is None
    assert _meaning(200, {"meta": {"result_count": 0}}) is None


def test_the_same_under_an_act_is_a_refusal() -> None:
    assert isinstance(_meaning(200, {"errors": [NOT_FOUND]}, does_write=True), Gone)
    closed = {**NOT_FOUND, "type": TYPES + "not-authorized-for-resource"}
    assert isinstance(_meaning(200, {"errors": [closed]}, does_write=True), NotAllowed)


def test_an_act_that_both_worked_and_failed_may_have_been_done() -> None:
    broken = {"title": "Internal Error", "type": TYPES + "internal-error"}
    failure = _meaning(200, {"data": {"hidden": True}, "errors": [broken]}, does_write=True)
    assert isinstance(failure, Misunderstood)
    assert failure.sent


def test_a_ceiling_ends_when_the_header_says() -> None:
    failure = _meaning(429, {"title": "Too Many Requests"}, x_rate_limit_reset=str(NOW // 1000 + 90))
    assert isinstance(failure, SlowDown)
    assert failure.until == NOW + 90_000


def test_a_used_up_credit_says_where_to_buy_more() -> None:
    failure = _meaning(402, {"title": "CreditsDepleted"})
    assert failure is not None
    assert failure.words == NO_CREDIT


def test_the_same_words_twice_are_told_as_that() -> None:
    said = {**FORBIDDEN, "detail": "You are not allowed to create a Tweet with duplicate content."}
    failure = _meaning(403, said, does_write=True)
    assert isinstance(failure, NotAllowed)
    assert "same words" in failure.words


def test_an_error_that_cannot_be_read_is_one_all_the_same() -> None:
    assert isinstance(_meaning(200, {"errors": ["what?"]}), TryLater)
    assert problems_in(["no", "object"]) == []


def test_a_complaint_of_what_was_left_out_names_kinds_and_nobodys_words() -> None:
    closed = {"type": TYPES + "not-authorized-for-resource", "detail": "Sorry, Sam said secret things"}
    said = about(problems_in({"errors": [closed, NOT_FOUND]}))
    assert said == "1 left out by X itself: not-authorized-for-resource"
    assert about(problems_in({"errors": [NOT_FOUND]})) == ""
