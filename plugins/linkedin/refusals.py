"""What LinkedIn's answers mean.

What a newcomer would get wrong: two refusals share the status 429. “DAY limit” ends at midnight UTC, however
far off that is; a throttle of new comments is over in a minute.
"""

from typing import Any

from console.api import Failure, Gone, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.web import DAY_MS, Reply, words_of


class TokenEnded(SignInAgain):
    """The access token is no longer taken; the refresh token may be."""


def judge(reply: Reply) -> Failure | None:
    """What an answer means in LinkedIn's own words; None when it is a success or says nothing more."""
    found = reply.data()
    if not isinstance(found, dict):
        return None
    status = reply.status
    if reply.is_success:
        # An error may hide below a good status; what it was then stands in the body.
        inner = found.get("status")
        is_error = isinstance(inner, int) and inner >= 400 and "message" in found
        if not is_error and not ("error" in found and "elements" not in found):
            return None
        status = inner if is_error and isinstance(inner, int) else 500
    return _meaning(status, found, reply)


def _meaning(status: int, found: dict[str, Any], reply: Reply) -> Failure | None:
    said = words_of(found.get("message") or found.get("code")) or f"status {status}"
    match status:
        case 401:
            return TokenEnded(f"LinkedIn no longer accepts the sign-in: {said}")
        case 403:
            return NotAllowed(
                f"LinkedIn refuses this: {said} A permission of the app or the role at the page is too low; "
                "ask an administrator of the page."
            )
        case 404 | 410:
            return Gone(f"It is no longer at LinkedIn: {said}")
        case 426:
            return NotAllowed(
                f"LinkedIn has ended the version of its interface that this account uses: {said} "
                "Set the account's version to a newer year and month."
            )
        case 429:
            is_daily = "DAY" in said
            until = (reply.now // DAY_MS + 1) * DAY_MS if is_daily else reply.resumes_at()
            rest = " The calls of the day are used up; it goes on at midnight UTC." if is_daily else ""
            return SlowDown(f"LinkedIn asks us to slow down: {said}{rest}", until=until)
    if status >= 500:
        return TryLater(f"LinkedIn has a fault of its own: {said}", sent=reply.does_write)
    return NotAllowed(f"LinkedIn does not take this: {said}")
