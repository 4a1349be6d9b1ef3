"""Which requests the false Reddit takes: path, method, names, and what must be there.

Reddit publishes no contract that a machine can read, so this table is written from the endpoints and the
parameters in the package praw 8.0.3. A request that breaks it is answered 400 and remembered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.servers.false.server import Request

AGENT = re.compile(r"[a-z]+:[A-Za-z0-9_.-]+:v[0-9.]+ \(by /u/[A-Za-z0-9_-]+\)")
SUB = r"/r/(?P<sub>[A-Za-z0-9_]{2,21})"
_LIST = frozenset({"limit", "after", "before", "raw_json"})
_WRITE = frozenset({"api_type", "raw_json"})


@dataclass(frozen=True)
class Rule:
    """One call."""

    name: str
    method: str
    path: re.Pattern[str]
    names: frozenset[str]
    required: frozenset[str] = frozenset()
    values: dict[str, str] = field(default_factory=dict)
    """For some names, what their values must look like."""


def _read(name: str, path: str, *more: str, required: str = "", **values: str) -> Rule:
    needs = frozenset(required.split()) | {"raw_json"}
    return Rule(name, "GET", re.compile(path), _LIST | set(more), needs, {"raw_json": "1", **values})


def _write(name: str, path: str, names: str, required: str, **values: str) -> Rule:
    needs = frozenset(required.split()) | {"api_type"}
    said = {"api_type": "json", **values}
    return Rule(name, "POST", re.compile(path), _WRITE | set(names.split()), needs, said)


_THING = r"t[134]_[0-9a-z]+"
RULES = (
    _read("me", "/api/v1/me"),
    _read("mine", "/subreddits/mine/moderator"),
    _read("comments", f"{SUB}/comments"),
    _read("posts", f"{SUB}/new"),
    _read("queue", f"{SUB}/about/modqueue", "only"),
    _read("edited", f"{SUB}/about/edited", "only"),
    _read("log", f"{SUB}/about/log", "type", "mod"),
    _read("moderators", f"{SUB}/about/moderators", "user"),
    _read("banned", f"{SUB}/about/banned", "user"),
    _read("muted", f"{SUB}/about/muted", "user"),
    _read(
        "search",
        f"{SUB}/search",
        *("q", "sort", "t", "type", "restrict_sr"),
        required="q",
        sort="relevance|hot|top|new|comments",
        t="hour|day|week|month|year|all",
        q=".{1,512}",
    ),
    _read("info", "/api/info", "id", required="id", id=rf"({_THING})(,{_THING}){{0,99}}"),
    _read("inbox", "/message/inbox", "mark"),
    _read("own comments", "/user/(?P<user>[A-Za-z0-9_-]+)/comments", "sort"),
    _write("remove", "/api/remove", "id spam", "id spam", id=_THING, spam="true|false"),
    _write("approve", "/api/approve", "id", "id", id=_THING),
    _write("del", "/api/del", "id", "id", id="t[13]_[0-9a-z]+"),
    _write("vote", "/api/vote", "id dir", "id dir", id="t[13]_[0-9a-z]+", dir="-1|0|1"),
    _write("comment", "/api/comment", "thing_id text", "thing_id text", thing_id=_THING),
    _write("report", "/api/report", "thing_id id reason", "thing_id reason", reason=".{1,100}"),
    _write(
        "friend",
        f"{SUB}/api/friend",
        "name type duration ban_reason ban_message note",
        "name type",
        type="banned|muted",
    ),
    _write("unfriend", f"{SUB}/api/unfriend", "name type", "name type", type="banned|muted"),
)


def rule_for(request: Request) -> tuple[Rule, re.Match[str]] | None:
    """The call that a request makes; None when there is none such."""
    for rule in RULES:
        found = rule.path.fullmatch(request.path)
        if found and rule.method == request.method:
            return rule, found
    return None


def offence(rule: Rule, request: Request) -> str:
    """What is wrong with a request, in words; empty when nothing is."""
    if not AGENT.fullmatch(request.headers.get("user-agent", "")):
        return f"{rule.name}: the user agent is not in the form that the terms want"
    said = request.form if request.method == "POST" else {name: request.first(name) for name in request.query}
    kind = request.headers.get("content-type", "")
    if request.method == "POST" and not kind.startswith("application/x-www-form-urlencoded"):
        return f"{rule.name}: a write must be a form"
    if strange := sorted(set(said) - rule.names):
        return f"{rule.name}: unknown {strange}"
    if missing := sorted(rule.required - set(said)):
        return f"{rule.name}: missing {missing}"
    for name, pattern in rule.values.items():
        if name in said and not re.fullmatch(pattern, said[name], re.DOTALL):
            return f"{rule.name}: {name} has another form"
    if "limit" in said and not 1 <= int(said["limit"]) <= 100:
        return f"{rule.name}: limit is out of bounds"
    if {"after", "before"} <= set(said):
        return f"{rule.name}: after and before together"
    return ""
