"""The walk through a browser and the renewal of tokens, before endpoints that check what they are sent."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from console.api import landing as landing_parts
from console.api.failures import Failure, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.oauth import App, ask_for_token, renew, walk_through
from console.api.stage import Trouble
from tests.servers.false.server import Answer, FalseNetwork, Request
from tests.servers.false.stage import Walker
from tests.unit.api.rooms import NAME, NOW, PAGE, context

CLIENT, CLIENT_SECRET = "chandlers-desk", "of-the-desk-alone"
TOKEN, REFRESH = "token-of-the-force", "refresh-of-the-force"
ELSEWHERE = "https://force.example/back"


class Endpoints(FalseNetwork):
    """Where a person says yes and where a code becomes a token; `offences` has what was wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.offences: list[str] = []
        self.asked: dict[str, str] = {}
        """The query of the last visit."""
        self.brings: Callable[[dict[str, str]], dict[str, str]] = lambda query: query
        """Changes what the browser carries back."""
        self.token_answer: Answer | None = None
        """What the token endpoint answers in place of a token."""
        self.is_basic = False

    def is_sign_in(self, request: Request) -> bool:
        return False  # trouble is made for these too

    def app(self, **more: Any) -> App:
        """The force's app here."""
        plain = App(NAME, f"{self.url}/yes", f"{self.url}/token", CLIENT, CLIENT_SECRET, ["read", "write"])
        return replace(plain, **more)

    def answer(self, request: Request) -> Answer:
        if request.path == "/yes":
            self.asked = {name: values[0] for name, values in request.query.items()}
            back = self.brings({"code": "code-1", "state": self.asked["state"]})
            return Answer(None, 302, {"location": f"{self.asked['redirect_uri']}?{urlencode(back)}"})
        assert request.path == "/token"
        if self.token_answer is not None:
            return self.token_answer
        self._check(request)
        return Answer({"access_token": TOKEN, "refresh_token": REFRESH, "expires_in": 3600})

    def _check(self, request: Request) -> None:
        form = dict(request.form)
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        known = (form.pop("client_id", None), form.pop("client_secret", None))
        who = (None, None) if self.is_basic else (CLIENT, CLIENT_SECRET)
        wanted = {
            "who asks": known == who,
            "its header": (request.headers.get("authorization") == basic) is self.is_basic,
        }
        if form.pop("grant_type") == "authorization_code":
            verifier = form.pop("code_verifier", "")
            digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
            if verifier or "code_challenge" in self.asked:
                wanted["the verifier"] = len(verifier) >= 43 and digest == self.asked.get("code_challenge")
                wanted["its method"] = self.asked.get("code_challenge_method") == "S256"
            wanted["the rest"] = form == {"code": "code-1", "redirect_uri": self.asked["redirect_uri"]}
        else:
            wanted["the rest"] = form == {"refresh_token": REFRESH}
        self.offences += [name for name, is_right in wanted.items() if not is_right]


def walk(network: Endpoints, guide: Walker | None = None, **more: Any) -> dict[str, Any]:
    """A walk to its end. Raises what it raises."""

    async def work() -> dict[str, Any]:
        async with context() as given:
            return await walk_through(given, guide or Walker(), network.app(**more))

    return asyncio.run(work())


def refusal(network: Endpoints, work: Callable[..., object] = walk, **more: Any) -> Failure:
    """How a walk or a renewal fails."""
    with pytest.raises(Failure) as caught:
        work(network, **more)
    for secret in (CLIENT_SECRET, TOKEN, REFRESH, "code-1"):
        assert secret not in caught.value.words
    return caught.value


def renewal(network: Endpoints, **more: Any) -> dict[str, Any]:
    """A renewal to its end. Raises what it raises."""

    async def work() -> dict[str, Any]:
        async with context() as given:
            return await renew(given, network.app(**more), REFRESH)

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("redirect", "has_pkce", "is_basic"),
    [("", True, False), ("", False, True), (ELSEWHERE, True, True), (ELSEWHERE, False, False)],
)
def test_a_walk_ends_with_a_token_with_a_landing_and_by_pasting(
    redirect: str, has_pkce: bool, is_basic: bool
) -> None:
    guide = Walker()
    with Endpoints() as network:
        network.is_basic = is_basic
        found = walk(network, guide, redirect=redirect, has_pkce=has_pkce, uses_basic=is_basic)
    assert found["access_token"] == TOKEN
    assert network.offences == []
    assert (network.asked["response_type"], network.asked["client_id"]) == ("code", CLIENT)
    assert network.asked["scope"] == "read write"
    assert ("code_challenge" in network.asked) is has_pkce
    assert len(network.asked["state"]) > 20
    assert any(NAME in words for words in guide.said)
    assert len(guide.said) == (2 if redirect else 1)


def test_a_landing_has_the_path_and_the_name_that_the_network_wants() -> None:
    class Browser(Walker):
        async def visit(self, address: str, words: str) -> None:
            # This machine may know `localhost` as another address; a browser tries them all.
            await super().visit(address.replace("localhost", "127.0.0.1"), words)

    with Endpoints() as network:
        walk(network, path="/back")
        assert urlsplit(network.asked["redirect_uri"]).path == "/back"
        network.token_answer = Answer({"access_token": TOKEN})
        walk(network, Browser(), landing_host="localhost")
        redirect = urlsplit(network.requests[-1].form["redirect_uri"])
    assert (redirect.hostname, redirect.path) == ("localhost", "/")


def test_each_walk_has_a_state_and_a_challenge_of_its_own() -> None:
    with Endpoints() as network:
        seen = set()
        for _ in range(3):
            walk(network)
            seen |= {network.asked["state"], network.asked["code_challenge"]}
    assert len(seen) == 6


def test_a_network_may_call_things_its_own_way() -> None:
    with Endpoints() as network:
        network.token_answer = Answer({"access_token": TOKEN})
        walk(
            network,
            id_name="client_key",
            scope_by=",",
            extra={"prompt": "consent"},
            headers={"x-app": "ours"},
        )
        request = network.requests[-1]
    assert network.asked["client_key"] == CLIENT
    assert (network.asked["scope"], network.asked["prompt"]) == ("read,write", "consent")
    assert (request.form["client_key"], request.headers["x-app"]) == (CLIENT, "ours")
    assert "client_id" not in request.form


def test_a_yes_that_does_not_say_to_which_attempt_is_none() -> None:
    with Endpoints() as network:
        network.brings = lambda query: {"code": query["code"]}
        failure = refusal(network, redirect="")
        assert all(request.path != "/token" for request in network.requests)
    assert "another attempt" in failure.words


@pytest.mark.parametrize("redirect", ["", ELSEWHERE])
@pytest.mark.parametrize(
    ("brings", "words"),
    [
        (lambda query: {**query, "state": "of another"}, "another attempt"),
        (lambda query: {"error": "access_denied", "state": query["state"]}, "access_denied"),
        (lambda _: {"error": "access_denied", "error_description": "You said no."}, "You said no."),
        (lambda query: {"state": query["state"]}, "no code"),
        (lambda query: {"code": "", "state": query["state"]}, "no code"),
    ],
)
def test_what_the_browser_brings_must_be_a_yes_to_this_very_attempt(
    brings: Callable[[dict[str, str]], dict[str, str]], words: str, redirect: str
) -> None:
    with Endpoints() as network:
        network.brings = brings
        failure = refusal(network, redirect=redirect)
        assert all(request.path != "/token" for request in network.requests)
    assert type(failure) is NotAllowed
    assert words in failure.words


@pytest.mark.parametrize("pasted", ["", "https://[?code=code-1", "https://force.example/back?code="])
def test_something_useless_that_is_pasted_is_said(pasted: str) -> None:
    class Mistyper(Walker):
        async def paste(self, question: str) -> str:
            await super().paste(question)
            return pasted

    with Endpoints() as network:
        failure = refusal(network, lambda where: walk(where, Mistyper(), redirect=ELSEWHERE))
    assert type(failure) is NotAllowed


def test_a_bare_code_may_be_pasted() -> None:
    class Copier(Walker):
        async def paste(self, question: str) -> str:
            return " code-1\n" if question else ""

    with Endpoints() as network:
        assert walk(network, Copier(), redirect=ELSEWHERE)["access_token"] == TOKEN
    assert network.offences == []


def test_a_code_may_have_the_other_name() -> None:
    with Endpoints() as network:
        network.brings = lambda query: {"auth_code": query["code"], "state": query["state"]}
        assert walk(network)["access_token"] == TOKEN
    assert network.offences == []


def test_a_person_who_never_comes_back_ends_the_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    class Sleeper(Walker):
        async def visit(self, address: str, words: str) -> None:
            self.said += [address, words]

    monkeypatch.setattr(landing_parts, "PATIENCE_S", 0.01)
    with Endpoints() as network:
        failure = refusal(network, lambda where: walk(where, Sleeper()))
        assert network.requests == []
    assert type(failure) is NotAllowed


REFUSALS = [
    (Answer({"error": "invalid_grant"}, 400), SignInAgain),
    (Answer({"error": "invalid_client", "error_description": "No such app."}, 401), SignInAgain),
    (Answer({"error": "invalid_grant"}), SignInAgain),
    (Answer({"error": {"message": "Session has ended", "code": 190}}, 400), SignInAgain),
    (Answer({"error": "invalid_scope"}, 403), NotAllowed),
    (Answer({"error": {"code": 5}}), NotAllowed),
    (Answer({"words": "no"}, 401), SignInAgain),
    (Answer({"words": "no"}, 403), NotAllowed),
    (Answer({"error": "slow"}, 429, {"retry-after": "30"}), SlowDown),
    (Answer({"error": "fault"}, 503), TryLater),
    (Answer({"token_type": "bearer"}), NotAllowed),
    (Answer({"access_token": "", "refresh_token": REFRESH}), NotAllowed),
    (Answer([TOKEN]), NotAllowed),
    (Answer(None, 204), NotAllowed),
    (Answer(PAGE, kind="text/html"), Misunderstood),
]


@pytest.mark.parametrize(("answer", "kind"), REFUSALS)
def test_a_renewal_that_is_refused_has_its_kind(answer: Answer, kind: type[Failure]) -> None:
    with Endpoints() as network:
        network.token_answer = answer
        failure = refusal(network, renewal)
    assert type(failure) is kind
    assert not failure.sent
    if isinstance(failure, SlowDown):
        assert failure.until == NOW + 30_000


@pytest.mark.parametrize(("answer", "kind"), REFUSALS)
def test_at_the_end_of_a_walk_nobody_is_asked_to_sign_in_again(answer: Answer, kind: type[Failure]) -> None:
    with Endpoints() as network:
        network.token_answer = answer
        failure = refusal(network)
    assert type(failure) is (NotAllowed if kind is SignInAgain else kind)


def test_the_networks_reason_is_repeated() -> None:
    with Endpoints() as network:
        network.token_answer = Answer(
            {"error": "invalid_grant", "error_description": "The code is old."}, 400
        )
        assert "The code is old." in refusal(network).words
        assert "The code is old." in refusal(network, renewal).words


@pytest.mark.parametrize("trouble", [Trouble.CUT, Trouble.CUT_AFTER, Trouble.HALF])
def test_a_link_that_breaks_during_a_renewal_does_not_end_the_sign_in(trouble: Trouble) -> None:
    with Endpoints() as network:
        network.misbehave(trouble)
        assert type(refusal(network, renewal)) is TryLater
        network.behave()
        assert renewal(network)["access_token"] == TOKEN


@pytest.mark.parametrize("is_basic", [False, True])
def test_a_renewal_sends_the_refresh_token_and_who_asks(is_basic: bool) -> None:
    with Endpoints() as network:
        network.is_basic = is_basic
        assert renewal(network, uses_basic=is_basic)["refresh_token"] == REFRESH
    assert network.offences == []


def test_an_app_without_a_secret_sends_none() -> None:
    async def work() -> dict[str, Any]:
        async with context() as given:
            app = network.app(client_secret="", uses_basic=True)
            return await ask_for_token(given, app, {"grant_type": "password", "username": "us"})

    with Endpoints() as network:
        network.token_answer = Answer({"access_token": TOKEN})
        asyncio.run(work())
        [request] = network.requests
    assert request.form == {"client_id": CLIENT, "grant_type": "password", "username": "us"}
    assert "authorization" not in request.headers


def test_an_app_does_not_show_its_secret() -> None:
    app = App(NAME, "", "", CLIENT, CLIENT_SECRET, headers={"authorization": TOKEN})
    assert CLIENT_SECRET not in repr(app)
    assert TOKEN not in repr(app)
