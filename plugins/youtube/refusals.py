"""What YouTube's errors mean to the console; pure.

    TokenEnded (a SignInAgain)    the hour's token has ended: renewed without a person
    PlaceLost (a Misunderstood)   a page token is no longer taken: the list is read from its start
    Unprocessed (a TryLater)      "processing failed": one of the ids may be gone, or a passing fault

What a newcomer would get wrong: status 403 means five different things here (the day's units are used up,
too many requests at once, a right that is missing, comments that are closed, somebody else's comment). Only
the reason tells, never the status.
Sources: https://developers.google.com/youtube/v3/docs/errors,
https://developers.google.com/youtube/v3/live/docs/errors
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from console.api import Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.web import MINUTE_MS, Reply, words_of
from plugins.youtube.wire import ErrorBody, Refusal

PURSE = "units a day"
"""The ceiling of the manifest from which everything is paid."""

_PACIFIC = ZoneInfo("America/Los_Angeles")
_USED_UP = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "userRequestsExceedRateLimit"})
_TOKEN = frozenset({"authError", "invalidCredentials", "UNAUTHENTICATED"})
_SCOPE = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_GONE = frozenset(
    {
        "commentNotFound",
        "commentThreadNotFound",
        "parentCommentNotFound",
        "videoNotFound",
        "liveChatMessageNotFound",
        "liveChatNotFound",
        "liveChatBanNotFound",
        "notFound",
    }
)
_PLACE = frozenset({"invalidPageToken", "pageTokenInvalid"})
NOT_LIVE = "liveStreamingNotEnabled"
CHAT_OVER = frozenset({"liveChatEnded", "liveChatDisabled", "liveChatNotFound"})

_SENTENCES = {
    "banWithoutReject": "YouTube bans an author only together with removing a comment.",
    "operationNotSupported": "YouTube does not allow this on this comment.",
    "parentCommentIsPrivate": "The comment is not public, so nobody can reply to it.",
    "commentsDisabled": "Comments are turned off for this video.",
    "commentTextTooLong": "The reply is longer than YouTube takes.",
    "commentTextRequired": "A reply needs words.",
    "ineligibleAccount": "This channel cannot comment: its account at YouTube is not set up for it.",
    "liveChatEnded": "The live chat is over.",
    "liveChatDisabled": "The live chat is turned off.",
    "liveChatNotFound": "The live chat is over.",
    NOT_LIVE: "This channel is not set up for live broadcasts.",
    "accessNotConfigured": (
        "The YouTube Data API is not turned on in the app's project. Turn it on in the Google Cloud console,"
        " under APIs and services."
    ),
    "forbidden": "YouTube does not let this channel do that.",
    "channelSuspended": "YouTube has suspended this channel.",
    "youtubeSignupRequired": "This Google account has no YouTube channel.",
}
MISSING_RIGHT = (
    "The sign-in lacks the right to manage comments. Sign in again, and tick every box that Google shows."
)


class TokenEnded(SignInAgain):
    """The access token is no longer taken; a new one may be."""


class PlaceLost(Misunderstood):
    """The token of a page is no longer taken."""


class Unprocessed(TryLater):
    """YouTube could not process a write: one of its ids is gone, or a fault that passes."""


class Refused(NotAllowed):
    """Refused in YouTube's own words. `reason` is its code word."""

    def __init__(self, words: str, reason: str) -> None:
        super().__init__(words)
        self.reason = reason


def judge(reply: Reply) -> Failure | None:
    """What an answer means in YouTube's own words; None when it says nothing of an error."""
    try:
        error = msgspec.json.decode(reply.body, type=Refusal).error if reply.body.strip() else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # no refusal in YouTube's shape: the status decides
    if error is None:
        return TokenEnded("YouTube no longer accepts the sign-in.") if reply.status == 401 else None
    return meaning(error, reply.now, status=reply.status, resumes_at=reply.resumes_at())


def meaning(error: ErrorBody, now: int, *, status: int = 0, resumes_at: int = 0) -> Failure | None:
    """What one error means; None when only its status tells. `now` is milliseconds since 1970."""
    reasons = {one.reason for one in error.errors if one.reason} or {error.status}
    code = error.code or status
    said = words_of(error.message or next(iter(sorted(reasons)), ""))
    failure = _of_the_account(reasons, code, said, now, resumes_at) or _of_the_item(reasons, code)
    if failure is not None:
        return failure
    if code >= 500:
        return None if status >= 500 else TryLater("YouTube has a fault of its own.")
    return Refused(f"YouTube refuses this: {said}", next(iter(sorted(reasons)), ""))


def _of_the_account(
    reasons: set[str], code: int, said: str, now: int, resumes_at: int
) -> SlowDown | SignInAgain | None:
    """What stops everything on the account, not this request alone."""
    if reasons & _USED_UP:
        words = (
            "The units that Google allows the force's app for one day are used up;"
            " they come back at midnight in California."
        )
        return SlowDown(words, until=next_reset(now))
    if reasons & _TOO_FAST or code == 429:
        return SlowDown("YouTube asks us to slow down.", until=max(resumes_at, now + MINUTE_MS))
    if reasons & _SCOPE:
        return SignInAgain(MISSING_RIGHT)
    if reasons & _TOKEN or code == 401:
        return TokenEnded(f"YouTube no longer accepts the sign-in: {said}")
    return None


def _of_the_item(reasons: set[str], code: int) -> Failure | None:
    """What is about this one request."""
    if reasons & _PLACE:
        return PlaceLost("YouTube no longer takes the place in this list.")
    if "processingFailure" in reasons:
        return Unprocessed("YouTube could not process this.")
    for reason in sorted(reasons & set(_SENTENCES)):
        return Refused(_SENTENCES[reason], reason)
    if reasons & _GONE or code in {404, 410}:
        return Gone("It is no longer at YouTube.")
    return None


def next_reset(now: int) -> int:
    """The next midnight in California, when the units of a day come back; milliseconds since 1970.

    Source: https://developers.google.com/youtube/v3/determine_quota_cost
    """
    there = datetime.fromtimestamp(now / 1000, UTC).astimezone(_PACIFIC)
    midnight = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(midnight.timestamp() * 1000)
