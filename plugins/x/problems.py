"""What X's errors mean to the console.

What a newcomer would get wrong: an error may come under status 200, in `errors` beside whatever could be
had. For a list that is a part of the answer (posts that are gone); for an act it is a refusal. And the
words of a 403 are the same for at least six causes, so they are passed on and not interpreted.
Source: x-api/fundamentals/response-codes-and-errors of https://github.com/xdevplatform/docs.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from console.api import Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.web import MINUTE_MS, Reply, words_of
from plugins.x.wire import Problem

RESET = "x-rate-limit-reset"
"""The header that says when a ceiling opens again, in seconds since 1970."""
MISSING = frozenset({"resource-not-found"})
"""The post or author is gone."""
CLOSED = frozenset({"not-authorized-for-resource", "resource-unavailable", "disallowed-resource"})
"""It is there, and not for us: protected, suspended, withheld."""
_PARTIAL = MISSING | CLOSED | {"not-authorized-for-field", "field-unauthorized", "field-hydration-failure"}
_CAPPED = frozenset({"usage-capped", "usage-cap-exceeded", "credits", "credits-depleted"})
_HOUR_MS = 60 * MINUTE_MS
_RATE_CODES = frozenset({88, 185})
"""Codes of the old kind for too many requests. Source: X's response codes page."""
_TOKEN_CODES = frozenset({32, 89})

NO_CREDIT = (
    "X takes no more requests because the app's credit or its limit at X is used up. "
    "Buy credits or raise the limit at https://console.x.com."
)


def problems_in(body: Any) -> list[Problem]:
    """The errors that an answer names, of whatever kind; none when it is no error."""
    if not isinstance(body, dict):
        return []
    listed = body.get("errors")
    found = [_problem(one) for one in listed] if isinstance(listed, list) else []
    if not found and "data" not in body and ("title" in body or "error" in body):
        found = [_problem(body)]
    return found


def meaning(reply: Reply) -> Failure | None:
    """What an answer means in X's own words; the `judge` of every request."""
    body = reply.data()
    problems = problems_in(body)
    if reply.is_success:
        return _under_success(reply, body, problems)
    first = problems[0] if problems else Problem()
    said = words_of(first.words)
    kinds = {problem.kind for problem in problems}
    failure: Failure | None = None
    if reply.status == 402 or kinds & _CAPPED or first.title in {"CreditsDepleted", "UsageCapExceeded"}:
        failure = SlowDown(NO_CREDIT, until=reply.now + _HOUR_MS)
    elif reply.status == 429:
        if first.connection_issue:
            failure = TryLater("All the streams that X gives the app are in use.")
        else:
            failure = SlowDown("X asks us to slow down.", until=reply.resumes_at(RESET))
    elif reply.status == 401:
        failure = SignInAgain("X no longer accepts the sign-in.")
    elif reply.status == 403:
        failure = _forbidden(first, said)
    elif reply.status == 400:
        failure = NotAllowed(f"X does not take the request: {said or 'it did not say why'}")
    elif reply.status == 503 and first.connection_issue:
        failure = TryLater("X's stream is not ready yet.")
    return failure


def about(problems: Sequence[Problem] | None) -> str:
    """A complaint of what an answer had to leave out, without anybody's words; empty when that is nothing."""
    odd = [problem for problem in problems or () if problem.kind not in MISSING]
    if not odd:
        return ""
    kinds = sorted({problem.kind or problem.title or "an error without a name" for problem in odd})
    return f"{len(odd)} left out by X itself: {words_of(', '.join(kinds))}"


def _under_success(reply: Reply, body: Any, problems: Sequence[Problem]) -> Failure | None:
    if not problems or not isinstance(body, dict):
        return None
    if body.get("data") is not None and not reply.does_write:
        return None  # the rest of the answer stands
    serious = [problem for problem in problems if problem.kind not in _PARTIAL]
    if not serious:
        return _refusal(problems[0]) if reply.does_write else None
    first = serious[0]
    if first.code in _RATE_CODES:
        return SlowDown("X asks us to slow down.", until=reply.resumes_at(RESET))
    if first.code in _TOKEN_CODES:
        return SignInAgain("X no longer accepts the sign-in.")
    said = words_of(first.words) or "without a reason"
    if reply.does_write and body.get("data") is not None:
        return Misunderstood(f"X says that it was done, and that it failed: {said}", sent=True)
    return TryLater(f"X answers that something went wrong: {said}", sent=reply.does_write)


def _refusal(problem: Problem) -> Failure:
    if problem.kind in MISSING:
        return Gone("It is no longer at X.")
    return NotAllowed(f"X refuses this: {words_of(problem.words) or 'it did not say why'}")


def _forbidden(problem: Problem, said: str) -> Failure:
    """A refusal by right. X's own words are the same for many causes, so the likely ones are named."""
    if "duplicate content" in said.lower():
        return NotAllowed("X takes the same words only once. Change them a little.")
    if problem.title == "Unsupported Authentication":
        return NotAllowed(f"X wants another kind of sign-in for this: {said}")
    return NotAllowed(
        f"X forbids this ({said or 'it did not say why'}). It may be outside what the app's plan, its rights "
        "or the author's own settings allow."
    )


def _problem(found: Any) -> Problem:
    try:
        return msgspec.convert(found, Problem)
    except msgspec.ValidationError:
        return Problem(title="an error that cannot be read")
