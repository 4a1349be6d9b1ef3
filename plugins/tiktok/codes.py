"""What TikTok's answers mean: the field `code`, which is 0 when all is well.

What a newcomer would get wrong: the status is 200 for refusals too, and an answer without a `code` is no
success either: something between us and TikTok made it.
"""

from typing import Any

from console.api import Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.web import DAY_MS, MINUTE_MS, Reply, words_of

THROTTLED_MS = 5 * MINUTE_MS
"""How long TikTok wants to be left alone after too many requests."""

_OK = 0
_NO_PERMISSION = 40001
_BAD_PARAMETER = 40002
_NOT_FOUND = frozenset({40006, 40007})
_TOO_MANY = 40100
_TOKEN_ENDED = frozenset({40102, 40104, 40105})
_REFRESH_ENDED = frozenset({40103, 40106})
_THEIR_FAULT = 50_000  # and everything above


class TokenEnded(SignInAgain):
    """The access token is no longer taken; the refresh token may be."""


def judge(reply: Reply) -> Failure | None:
    """What an answer means in TikTok's own words; None when it is a success."""
    found = reply.data()
    code = found.get("code") if isinstance(found, dict) else None
    if not isinstance(code, int) or isinstance(code, bool):
        if not reply.is_success:
            return None  # a gateway's answer: the status says all there is
        return Misunderstood(
            "TikTok's answer does not say whether it worked; something else may have answered in its place.",
            sent=reply.does_write,
        )
    return None if code == _OK else _meaning(code, found, reply)


def _meaning(code: int, found: dict[str, Any], reply: Reply) -> Failure:
    said = words_of(found.get("message")) or f"code {code}"
    if code == _TOO_MANY:
        is_daily = "day" in said.lower() or "daily" in said.lower()
        until = _midnight_after(reply.now) if is_daily else reply.now + THROTTLED_MS
        return SlowDown(f"TikTok asks us to slow down: {said}", until=until)
    if code in _TOKEN_ENDED:
        return TokenEnded(f"TikTok no longer accepts the sign-in: {said}")
    if code in _REFRESH_ENDED:
        return SignInAgain(f"TikTok wants the account to be authorised again: {said}")
    if code in _NOT_FOUND:
        return Gone(f"It is no longer at TikTok: {said}")
    if code == _NO_PERMISSION:
        return NotAllowed(
            f"TikTok says that a permission is missing: {said} Check the app's permissions in the developer "
            "portal, then authorise the account again."
        )
    if code == _BAD_PARAMETER:
        return NotAllowed(f"TikTok does not take this request: {said}")
    if code >= _THEIR_FAULT:
        return TryLater(f"TikTok has a fault of its own: {said}", sent=reply.does_write)
    return NotAllowed(f"TikTok refuses this: {said}")


def _midnight_after(now: int) -> int:
    """A limit of a day ends at midnight UTC."""
    return (now // DAY_MS + 1) * DAY_MS
