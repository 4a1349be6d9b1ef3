"""What Meta's error objects mean to the console.

Classified by `code`, then `error_subcode`, then `is_transient`, as Meta's page "Handle errors" has it:
https://developers.facebook.com/docs/graph-api/guides/error-handling. The status is nearly always 400 and is
looked at last.

What a newcomer would get wrong: code 100 with subcode 33 is the one answer for "it is gone" and for "you may
not see it". Here it is `Gone`; whoever sweeps many items must look at something that is surely there before
believing that all of them are gone.
"""

from typing import Any

import msgspec

from console.api import Failure, Gone, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.web import MINUTE_MS, Reply, words_of
from plugins.meta.usage import REST_MS, usage_in


class TokenEnded(SignInAgain):
    """The token is no longer taken (code 190). Another may be had without a person where a session can."""


class WrongKind(NotAllowed):
    """Code 100: the node has no such field or call; a user's token is no Page's, for example."""


ABUSE_REST_MS = 60 * MINUTE_MS
"""How long nothing is sent after the network called something abuse (code 368): it names no time."""

_RATE = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})
_TOKEN = frozenset({102, 190})
_TRANSIENT = frozenset({1, 2})
_TOKEN_WORDS = {
    458: "the app was removed from the account",
    459: "the account must be confirmed at the network first",
    460: "the password was changed",
    463: "it has expired",
    464: "the account is not confirmed",
    467: "it is not valid any more",
    492: "the person who gave it no longer has a role there",
}


class ErrorObject(msgspec.Struct, frozen=True):
    """The `error` of an answer. Anything may be missing."""

    message: str = ""
    code: int = 0
    error_subcode: int = 0
    is_transient: bool = False
    error_user_title: str = ""
    error_user_msg: str = ""

    @property
    def words(self) -> str:
        """The network's own words, those for people first, without its number in front."""
        said = words_of(self.error_user_msg or self.message)
        return said.removeprefix(f"(#{self.code})").strip()


def error_in(found: Any) -> ErrorObject | None:
    """The error in an answer's JSON; None when it has none in this shape."""
    if not isinstance(found, dict):
        return None
    error = found.get("error")
    if not isinstance(error, dict):
        if "error_message" not in found:  # the sign-in hosts of Instagram and Threads say it flat
            return None
        error = {"message": found["error_message"], "code": found.get("code", 0)}
    code, subcode = error.get("code"), error.get("error_subcode")
    return ErrorObject(
        message=str(error.get("message") or ""),
        code=code if isinstance(code, int) else 0,
        error_subcode=subcode if isinstance(subcode, int) else 0,
        is_transient=error.get("is_transient") is True,
        error_user_title=str(error.get("error_user_title") or ""),
        error_user_msg=str(error.get("error_user_msg") or ""),
    )


def judge(reply: Reply) -> Failure | None:
    """The judge of every `Web` that speaks to Meta; see `console.api.web.Judge`."""
    error = error_in(reply.data())
    return None if error is None else failure_of(error, reply)


def failure_of(error: ErrorObject, reply: Reply) -> Failure:
    """What one error means. `sent` is set only where the network itself does not know what it has done."""
    network, code, said = reply.network, error.code, error.words
    if code in _RATE:
        words = f"{network} asks us to slow down: its allowance for this account is used up for a while."
        return SlowDown(words, until=_regained_at(reply))
    if code == 368:
        words = (
            f"{network} has stopped this account for a while because what was sent looks like abuse, such as"
            " many like replies. Nothing is sent for an hour."
        )
        return SlowDown(words, until=reply.now + ABUSE_REST_MS)
    if code in _TOKEN:
        why = _TOKEN_WORDS.get(error.error_subcode, "")
        return TokenEnded(f"{network} no longer accepts the sign-in{f': {why}' if why else ''}.")
    if (code, error.error_subcode) == (100, 33) or code == 803:
        return Gone(f"It is no longer at {network}, or this account may no longer see it.")
    if code in _TRANSIENT or error.is_transient:
        words = f"{network} has a fault of its own ({said or code}). It may work later."
        return TryLater(words, sent=reply.does_write)
    return _refusal(error, reply)


def _refusal(error: ErrorObject, reply: Reply) -> Failure:
    """What an error means that no waiting and no new sign-in mends."""
    network, code, said = reply.network, error.code, error.words
    if code in {3, 10} or 200 <= code <= 299:
        return NotAllowed(f"{network} refuses this because a right is missing: {said or code}")
    if code == 1705:
        return NotAllowed(f"{network} takes this only from the Page itself, not from a person's sign-in.")
    if code == 506:
        return NotAllowed(
            f"{network} has the very same words from this account already. Change them a little."
        )
    if code == 100:
        return WrongKind(f"{network} refuses this: {said or code}")
    if reply.status >= 500:
        return TryLater(
            f"{network} has a fault of its own and answers nothing useful.", sent=reply.does_write
        )
    return NotAllowed(f"{network} refuses this: {said or code or reply.status}")


def _regained_at(reply: Reply) -> int:
    """When the network takes requests again. Too early a try lengthens the wait, so a guess is generous."""
    usage = usage_in(reply.headers, reply.now)
    if usage is not None and usage.regained_at is not None:
        return usage.regained_at
    return reply.resumes_at() if "retry-after" in reply.headers else reply.now + REST_MS
