"""Whether a request to X is one that its contract takes.

The table is derived from the contract's two versions (2.159 for paths and the older names in queries, 2.167
for bodies). What a newcomer would get wrong: a list in a query is one text with commas, never a name that
comes several times.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.servers.false.server import Request

RULES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("x_rules.json").read_text("utf-8"))
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "array": list,
}


def rule_for(request: Request) -> dict[str, Any] | None:
    """The rule of a request's method and path; a fixed path goes before one with a part that varies."""
    fitting = [
        rule
        for rule in RULES
        if rule["method"] == request.method
        and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", rule["path"]), request.path)
    ]
    return min(fitting, key=lambda rule: str(rule["path"]).count("{"), default=None)


def offences(request: Request) -> list[str]:
    """What is wrong with a request, one sentence each; none when its contract takes it."""
    rule = rule_for(request)
    if rule is None:
        return [f"{request.method} {request.path} is not in the contract"]
    found = [f"{name} is missing" for name, facts in rule["query"].items() if _lacks(request, name, facts)]
    for name, values in request.query.items():
        facts = rule["query"].get(name)
        if facts is None:
            found.append(f"{name} is not taken by {rule['path']}")
        elif len(values) != 1:
            found.append(f"{name} came {len(values)} times")
        else:
            found += _value(name, values[0], facts)
    if "body" in rule:
        found += _body("the body", request.json, rule["body"])
    elif request.body:
        found.append("a body that nobody asked for")
    return found


def _lacks(request: Request, name: str, facts: dict[str, Any]) -> bool:
    return bool(facts.get("required")) and not request.first(name)


def _value(name: str, value: str, facts: dict[str, Any]) -> list[str]:
    parts = value.split(",") if facts.get("list") else [value]
    found: list[str] = []
    if len(parts) > facts.get("most", len(parts)) or len(set(parts)) != len(parts):
        found.append(f"{name} has {len(parts)} parts, or some twice")
    for part in parts:
        if "enum" in facts and part not in facts["enum"]:
            found.append(f"{name} does not know {part}")
        if "pattern" in facts and not re.fullmatch(facts["pattern"], part):
            found.append(f"{name} is not of the right form")
        if "minimum" in facts and not facts["minimum"] <= int(part) <= facts["maximum"]:
            found.append(f"{name} is {part}, outside {facts['minimum']} to {facts['maximum']}")
    return found


def _body(where: str, value: Any, shape: dict[str, Any]) -> list[str]:
    if "fields" in shape:
        if not isinstance(value, dict):
            return [f"{where} is no object"]
        found = [f"{where} lacks {name}" for name in shape.get("required", ()) if name not in value]
        for name, part in value.items():
            if name not in shape["fields"]:
                found.append(f"{where} has {name}, which nobody knows")
            else:
                found += _body(f"{where}.{name}", part, shape["fields"][name])
        return found
    kind = _TYPES.get(shape.get("type", ""))
    if kind is not None and not isinstance(value, kind):
        return [f"{where} is of another kind than {shape['type']}"]
    if isinstance(value, list) and "items" in shape:
        return [words for one in value for words in _body(f"{where}[]", one, shape["items"])]
    if "enum" in shape and value not in shape["enum"]:
        return [f"{where} does not know {value}"]
    if "pattern" in shape and not re.fullmatch(shape["pattern"], str(value)):
        return [f"{where} is not of the right form"]
    return []
