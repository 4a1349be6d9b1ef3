"""What Mastodon's interface takes, from its machine-readable description; for the false server.

`mastodon_rules.json` was derived from https://github.com/abraham/mastodon-openapi (version 4.7.0): the paths
that the connector uses, with the names, the types and the allowed values of queries and bodies. What a
newcomer would get wrong: Mastodon itself passes over what it does not know, so a misspelt name fails silently
there. Here it is an offence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

RULES: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
_STAFF = {
    # https://docs.joinmastodon.org/methods/admin/accounts/, which the description leaves out
    "GET /api/v1/admin/accounts/{id}": {},
    "POST /api/v1/admin/accounts/{id}/action": {
        "body": {
            "type": {
                "type": "string",
                "enum": ["none", "sensitive", "disable", "silence", "suspend"],
            },
            "report_id": {"type": "string"},
            "warning_preset_id": {"type": "string"},
            "text": {"type": "string"},
            "send_email_notification": {"type": "boolean"},
        },
        "required_body": ["type"],
    },
    # https://docs.joinmastodon.org/methods/instance/#v1
    "GET /api/v1/instance": {},
}
RULES.update(_STAFF)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", r"([^/]+)", template))


_ROUTES = sorted(
    ((name.split(" ", 1)[0], _pattern(name.split(" ", 1)[1]), name) for name in RULES),
    key=lambda route: "{" in route[2],
)


def route_of(method: str, path: str) -> tuple[str, tuple[str, ...]]:
    """The rule of a request, and the parts of its path that vary; an empty name for none."""
    for one, pattern, name in _ROUTES:
        found = pattern.fullmatch(path) if one == method else None
        if found:
            return name, found.groups()
    return "", ()


def offences_in(rule: str, query: Mapping[str, list[str]], body: Any) -> list[str]:
    """What a request has that the description does not allow, or lacks."""
    known = RULES[rule]
    given = {name.removesuffix("[]"): values for name, values in query.items()}
    texts = {
        name: values if _is_list(known.get("query", {}).get(name)) else values[0]
        for name, values in given.items()
    }
    return [
        f"{rule}: {words}"
        for words in (
            *_wrong(known.get("query", {}), known.get("required_query", ()), texts, is_text=True),
            *_wrong(known.get("body", {}), known.get("required_body", ()), body or {}, is_text=False),
        )
    ]


def _is_list(kind: Mapping[str, Any] | None) -> bool:
    return kind is not None and kind["type"] == "array"


def _wrong(
    known: Mapping[str, Any], required: Iterable[str], given: Mapping[str, Any], *, is_text: bool
) -> Iterable[str]:
    for name in required:
        if name not in given:
            yield f"{name} is missing"
    for name, value in given.items():
        if name not in known:
            yield f"{name} is unknown"
        elif not _fits(known[name], value, is_text=is_text):
            yield f"{name} is {value!r}"


def _fits(kind: Mapping[str, Any], value: Any, *, is_text: bool) -> bool:
    if kind["type"] == "array":
        # A single text stands for a list of one, and did so before there were lists.
        values = value if isinstance(value, list) else [value]
        return all(_fits(kind["items"], one, is_text=is_text) for one in values)
    if is_text:
        value = _read(kind["type"], value)
    types: dict[str, type] = {"string": str, "boolean": bool, "integer": int, "number": int, "object": dict}
    is_right = isinstance(value, types.get(kind["type"], str))
    return (
        is_right
        and not (kind["type"] == "integer" and isinstance(value, bool))
        and ("enum" not in kind or value in kind["enum"])
    )


def _read(kind: str, text: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind == "integer":
        return int(text) if text.isdecimal() else text
    return text
