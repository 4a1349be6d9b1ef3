"""A false Graph interface: what the false Threads and the false Instagram share.

It checks each request against a table of rules (derived from Meta's own collection and specs), knows tokens
with their rights and their ends, and refuses in Meta's error objects. What a newcomer would get wrong: a
request that breaks a rule is refused as the network would, and besides remembered in `offences`, so that a
test can say that the connector never sends one.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from console.api.stage import Trouble
from tests.servers.false.server import Answer, FalseNetwork, Request

T = TypeVar("T")
LONG_SECONDS = 60 * 86_400
SHORT_SECONDS = 3600
DAY_SECONDS = 86_400


@dataclass
class Token:
    """One token of a person. Times are seconds since 1970."""

    scopes: tuple[str, ...]
    issued_at: float
    expires_at: float
    is_long: bool = True


@dataclass(frozen=True)
class Rule:
    """What one kind of request may carry: names with their allowed values (None: any), and fields."""

    names: Mapping[str, Sequence[str] | None]
    required: Sequence[str] = ()
    fields: Sequence[str] = ()


@dataclass(eq=False)
class Refusal(Exception):
    """An error object of Meta's, as an answer."""

    message: str
    code: int
    subcode: int = 0
    status: int = 400
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> Answer:
        """The answer on the wire."""
        said: dict[str, Any] = {"message": self.message, "type": "OAuthException", "code": self.code}
        if self.subcode:
            said["error_subcode"] = self.subcode
        return Answer({"error": {**said, **self.more, "fbtrace_id": "T1"}}, self.status)


def read_rules(path: Path) -> dict[str, Rule]:
    """The rules in a JSON file: `METHOD /path` with names, required and fields."""
    return {name: Rule(**found) for name, found in json.loads(path.read_text(encoding="utf-8")).items()}


def gone(thing: str) -> Refusal:
    """The one answer for what is gone and for what may not be seen."""
    return Refusal(f"Unsupported request. Object with ID '{thing}' does not exist", 100, 33)


def stamp(at: float) -> str:
    """A time of theirs, from seconds since 1970: whole seconds, and no colon in the offset."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(at))


class GraphNetwork(FalseNetwork):
    """To derive: `rules`, `versions` (prefixes of paths), `route`, and the words of sign-in in `signing`."""

    rules: Mapping[str, Rule]
    versions: Sequence[str]
    limit_code = 4
    secret = "the-secret-of-the-app"
    app_id = "770000000000001"
    redirect = "https://force.example/signed-in"
    scopes: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.tokens: dict[str, Token] = {}
        self.codes: dict[str, tuple[str, ...]] = {}
        self.withheld: set[str] = set()
        """Rights that the person did not give."""
        self.is_revoked = False
        self.clock = 0.0
        """Seconds by which this network is ahead of the world, for what takes months."""

    # tokens ----------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Seconds since 1970 here."""
        return time.time() + self.clock

    def give_token(self, *, age: float = 0.0, is_long: bool = True) -> str:
        """A token that was issued so many seconds ago."""
        life = LONG_SECONDS if is_long else SHORT_SECONDS
        token = f"THT{secrets.token_hex(12)}"
        issued = self.now - age
        self.tokens[token] = Token(self.granted, issued, issued + life, is_long)
        return token

    @property
    def granted(self) -> tuple[str, ...]:
        """The rights that a token has now."""
        return tuple(scope for scope in self.scopes if scope not in self.withheld)

    def revoke(self, *, is_revoked: bool) -> None:
        self.is_revoked = is_revoked

    def holder(self, request: Request, *rights: str) -> Token:
        """The token of a request, when it is taken and has these rights. Raises Refusal."""
        given = request.bearer or request.first("access_token") or request.form.get("access_token", "")
        token = self.tokens.get(given)
        if token is None or self.is_revoked:
            raise Refusal("Invalid OAuth access token - Cannot parse access token", 190)
        if token.expires_at <= self.now:
            raise Refusal("Error validating access token: Session has expired", 190, 463)
        if any(right in self.withheld for right in rights):
            raise Refusal("Application does not have permission for this action", 10)
        return token

    # requests --------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        path = request.path
        for version in self.versions:
            if path.startswith(f"{version}/"):
                path = path[len(version) :]
        try:
            if path.endswith(("/authorize", "/dialog/oauth")):
                return self._authorize(request)
            said = self._checked(request, path)
            return Answer(self.route(request, path, said))
        except Refusal as refusal:
            return refusal.answer

    def route(self, request: Request, path: str, said: Mapping[str, str]) -> Any:
        """What is answered to a request that breaks no rule. Raises Refusal."""
        raise AssertionError(f"this network answers nothing at {path}")

    def pattern_of(self, path: str) -> str:
        """The path as the rules name it: what stands for a thing's id in braces."""
        return re.sub(r"/[0-9]+(?=/|$)", "/{id}", path)

    def _checked(self, request: Request, path: str) -> dict[str, str]:
        """Everything that a request says in query and body, when it keeps to its rule."""
        name = f"{request.method} {self.pattern_of(path)}"
        rule = self.rules.get(name)
        if rule is None:
            raise self._offence(f"{name} is not there")
        body = request.headers.get("content-type", "")
        said = {one: values[0] for one, values in request.query.items()}
        said |= self._flat(request.json) if "json" in body else request.form
        for one, value in said.items():
            if one == "access_token":
                continue
            if one not in rule.names:
                raise self._offence(f"{name} does not take {one}")
            allowed = rule.names[one]
            if allowed is not None and value not in allowed:
                raise self._offence(f"{name} does not take {one}={value}")
        missing = [one for one in rule.required if not said.get(one)]
        if missing:
            raise self._offence(f"{name} lacks {missing}")
        strange = [one for one in top_fields(said.get("fields", "")) if one not in rule.fields]
        if strange:
            raise self._offence(f"{name} has no fields {strange}")
        return said

    @staticmethod
    def _flat(body: Any) -> dict[str, str]:
        if not isinstance(body, dict):
            return {}
        return {name: one if isinstance(one, str) else json.dumps(one) for name, one in body.items()}

    def _offence(self, words: str) -> Refusal:
        self.offences.append(words)
        return Refusal(f"(#100) {words}", 100)

    # signing in ------------------------------------------------------------------------------------

    def is_sign_in(self, request: Request) -> bool:
        return request.path.endswith(("access_token", "authorize", "dialog/oauth"))

    def _authorize(self, request: Request) -> Answer:
        """The page where a person says yes; the browser is sent on at once."""
        wrong = [
            name
            for name, wanted in (
                ("client_id", self.app_id),
                ("redirect_uri", self.redirect),
                ("response_type", "code"),
            )
            if request.first(name) != wanted
        ]
        asked = tuple(request.first("scope").split(","))
        if wrong or not set(asked) <= set(self.scopes):
            self.offences.append(f"authorize with a wrong {wrong or asked}")
            return Answer({"error_message": f"Invalid platform app: {wrong}"}, 400)
        code = secrets.token_hex(8)
        self.codes[code] = asked
        sent_to = f"{self.redirect}?code={code}&state={request.first('state')}#_"
        return Answer(b"", 302, {"location": sent_to}, "text/html")

    def redeemed(self, said: Mapping[str, str]) -> str:
        """A short token for a code that is redeemed for the first time. Raises Refusal."""
        if said["client_id"] != self.app_id or said["client_secret"] != self.secret:
            raise Refusal("Error validating client secret.", 1)
        if self.codes.pop(said["code"], None) is None or said["redirect_uri"] != self.redirect:
            raise Refusal("This authorization code has been used", 100)
        return self.give_token(is_long=False)

    def exchanged(self, request: Request, said: Mapping[str, str]) -> dict[str, Any]:
        """A long token for a short one. Raises Refusal."""
        token = self.holder(request)
        if said["client_secret"] != self.secret or token.is_long:
            raise Refusal("Error validating client secret.", 1)
        return {"access_token": self.give_token(), "token_type": "bearer", "expires_in": LONG_SECONDS}

    def refreshed(self, request: Request) -> dict[str, Any]:
        """A long token for a long one that is a day old. Raises Refusal."""
        token = self.holder(request)
        if not token.is_long or self.now - token.issued_at < DAY_SECONDS:
            raise Refusal("The access token cannot be refreshed yet", 100)
        return {"access_token": self.give_token(), "token_type": "bearer", "expires_in": LONG_SECONDS}

    # trouble ---------------------------------------------------------------------------------------

    def early(self, trouble: Trouble, request: Request) -> Answer | None:
        if trouble is Trouble.LIMIT:
            refused = Refusal(
                "Application request limit reached", self.limit_code, more={"is_transient": True}
            )
            return Answer(refused.answer.body, 400, self.limit_headers())
        return super().early(trouble, request)

    def limit_headers(self) -> Mapping[str, str]:
        return self.low_headers()

    def low_headers(self) -> Mapping[str, str]:
        used = {"type": "api", "call_count": 100, "total_cputime": 3, "total_time": 4}
        used["estimated_time_to_regain_access"] = 1
        return {"x-business-use-case-usage": json.dumps({"1": [used]})}


def top_fields(text: str) -> list[str]:
    """The names in a `fields`, those inside braces and their modifiers left out."""
    outer, depth = "", 0
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        outer += letter if depth == 0 and letter != "}" else ""
    return [one.partition(".")[0] for one in outer.split(",") if one]


def page_of(entries: Sequence[T], said: Mapping[str, str], *, most: int = 100, usual: int = 25) -> list[T]:
    """The part of a list that `limit` and `after` (the place of the last one that was shown) ask for."""
    start = int(said.get("after") or 0)
    return list(entries[start : start + min(int(said.get("limit") or usual), most)])


def cursors(said: Mapping[str, str], shown: int) -> dict[str, Any]:
    """The cursors of a page, the last one's too; how far the list goes on they do not tell."""
    start = int(said.get("after") or 0)
    return {"cursors": {"before": str(start), "after": str(start + shown)}} if shown else {}
