"""What the network's own error objects mean, as its answers show them."""

from __future__ import annotations

from typing import Any

import pytest

from console.api import Failure, Gone, NotAllowed, SignInAgain, SlowDown, TryLater, Verb
from tests.servers.false.metagraph import Refusal
from tests.servers.false.server import Answer, Request
from tests.unit.plugins.threads.rooms import Room, in_room

ERRORS = [
    (Refusal("Error validating access token: Session has expired", 190, 463), SignInAgain, "it has expired"),
    (Refusal("Invalid OAuth access token", 190), SignInAgain, "no longer accepts"),
    (Refusal("Application does not have permission for this action", 10), NotAllowed, "a right is missing"),
    (Refusal("Permissions error", 200), NotAllowed, "a right is missing"),
    (Refusal("Application request limit reached", 4), SlowDown, "slow down"),
    (Refusal("User request limit reached", 17), SlowDown, "slow down"),
    (Refusal("Calls to this api have exceeded the rate limit", 613), SlowDown, "slow down"),
    (Refusal("Unsupported post request. Object with ID '180' does not exist", 100, 33), Gone, "no longer"),
    (Refusal("Invalid parameter", 100), NotAllowed, "Invalid parameter"),
    (Refusal("An unknown error has occurred", 1, status=500), TryLater, "fault"),
    (Refusal("The requested resource does not exist", 24, 4279009), NotAllowed, "does not exist"),
]


@pytest.mark.parametrize(("refusal", "kind", "words"), ERRORS)
@pytest.mark.parametrize("status", [400, 200])
def test_an_error_means_the_same_under_any_status(
    refusal: Refusal, kind: type[Failure], words: str, status: int
) -> None:
    async def go(here: Room) -> None:
        target = await here.target("hide me")
        real = here.network.answer

        def answer(request: Request) -> Answer:
            body: Any = refusal.answer.body
            return Answer(body, status) if request.method == "POST" else real(request)

        here.network.answer = answer  # type: ignore[method-assign]  # the network in a bad mood
        failure = (await here.do(Verb.HIDE, target)).failure
        assert isinstance(failure, kind)
        assert words in failure.words

    in_room(go, lambda network: network.say("hide me"))
