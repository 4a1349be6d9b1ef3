"""Checks requests to the false network against rules taken from Bluesky's lexicons.

`rules.json` holds, for each call and record that we use, what it takes and needs. What a newcomer would
get wrong: the real server lets unknown query parameters pass. Here they are refused, since a misspelt one
would change nothing and be noticed by nobody.
Source: https://github.com/bluesky-social/atproto, folder `lexicons`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

RULES: dict[str, Any] = json.loads(Path(__file__).with_name("rules.json").read_text(encoding="utf-8"))

_DID = r"did:[a-z]+:[a-zA-Z0-9._:%-]+"
_FORMATS = {
    "at-uri": re.compile(rf"at://{_DID}/[a-zA-Z0-9.]+/[a-zA-Z0-9._~:-]+"),
    "at-identifier": re.compile(rf"{_DID}|[a-z0-9-]+(\.[a-z0-9-]+)+"),
    "did": re.compile(_DID),
    "nsid": re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z][a-zA-Z0-9-]*){2,}"),
    "cid": re.compile(r"baf[a-z2-7]{20,}"),
    "record-key": re.compile(r"[a-zA-Z0-9._~:-]{1,512}"),
    "datetime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "unknown": dict,
    "union": dict,
    "ref": (str, dict),
}


class InvalidError(Exception):
    """The request breaks a rule; the message says which."""


def read_query(nsid: str, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """The typed parameters of a query. Raises InvalidError."""
    rule = RULES["calls"][nsid].get("parameters", {"required": [], "properties": {}})
    query: dict[str, Any] = {}
    for name, text in pairs:
        field = rule["properties"].get(name)
        if field is None:
            raise InvalidError(f"{nsid} takes no parameter {name}")
        if field["type"] == "array":
            query.setdefault(name, []).append(text)
        elif field["type"] == "integer":
            query[name] = int(text) if text.isdecimal() else text
        elif field["type"] == "boolean":
            query[name] = {"true": True, "false": False}.get(text, text)
        else:
            query[name] = text
    _check_object(nsid, query, rule)
    return query


def check_body(nsid: str, body: dict[str, Any] | None) -> None:
    """Raises InvalidError when a procedure's body breaks a rule."""
    rule = RULES["calls"][nsid].get("input")
    if rule is None:
        if body:
            raise InvalidError(f"{nsid} takes no body")
        return
    if body is None:
        raise InvalidError(f"{nsid} needs a body")
    _check_object(nsid, body, rule)
    if "record" in body:
        record = body["record"]
        kind = record.get("$type")
        if kind != body["collection"] or kind not in RULES["records"]:
            raise InvalidError(f"a record of the type {kind} in {body['collection']}")
        _check_object(kind, record, RULES["records"][kind])


def _check_object(name: str, given: dict[str, Any], rule: dict[str, Any]) -> None:
    missing = [field for field in rule["required"] if field not in given]
    if missing:
        raise InvalidError(f"{name} needs {', '.join(missing)}")
    for field, value in given.items():
        if field == "$type":
            continue
        facts = rule["properties"].get(field)
        if facts is None:
            raise InvalidError(f"{name} has no {field}")
        if value is None and field in rule.get("nullable", []):
            continue
        _check_value(f"{name}/{field}", value, facts)


def _check_value(name: str, value: Any, facts: dict[str, Any]) -> None:
    wanted = _TYPES[facts["type"]]
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise InvalidError(f"{name} must be a {facts['type']}")
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if is_number and not facts.get("minimum", value) <= value <= facts.get("maximum", value):
        raise InvalidError(f"{name} can not be {value}")
    if isinstance(value, list):
        if len(value) > facts.get("maxLength", len(value)):
            raise InvalidError(f"{name} must not have more than {facts['maxLength']} elements")
        for one in value:
            _check_value(name, one, facts.get("items", {"type": "unknown"}))
    if isinstance(value, str):
        pattern = _FORMATS.get(facts.get("format", ""))
        if pattern is not None and not pattern.fullmatch(value):
            raise InvalidError(f"{name} must be a valid {facts['format']}: {value!r}")
        if len(value) > facts.get("maxGraphemes", len(value)):
            raise InvalidError(f"{name} must not be longer than {facts['maxGraphemes']} graphemes")
