"""What YouTube's own contract says of requests and answers, and samples of both.

The table is taken from Google's discovery document, cut down to the methods that the connector calls. What a
newcomer would get wrong: a request that breaks it is refused as YouTube would refuse it, and remembered
besides, since a connector may survive its own mistakes without anybody noticing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.servers.false.server import Request

RULES: dict[str, Any] = json.loads(Path(__file__).with_name("youtube_rules.json").read_text(encoding="utf-8"))
METHODS: dict[str, Any] = RULES["methods"]
SCHEMAS: dict[str, Any] = RULES["schemas"]


def offence_of(request: Request) -> str:
    """How a request breaks the contract, in words; empty when it keeps to it."""
    rule = METHODS.get(f"{request.method} {request.path}")
    if rule is None:
        return f"no such method: {request.method} {request.path}"
    known: dict[str, Any] = rule["query"]
    for name, values in request.query.items():
        if name not in known:
            return f"{request.path} knows no {name}"
        problem = _wrong(known[name], values)
        if problem:
            return f"{request.path}, {name}: {problem}"
    missing = [name for name, facts in known.items() if facts.get("required") and name not in request.query]
    if missing:
        return f"{request.path} needs {missing}"
    if "body" in rule:
        return _wrong_body(rule["body"], request.json, request.path)
    return f"{request.path} takes no body" if request.body else ""


def _wrong(facts: Mapping[str, Any], values: list[str]) -> str:
    if len(values) > 1 and not facts.get("repeated"):
        return "said more than once"
    for value in values:
        if "enum" in facts and value not in facts["enum"]:
            return f"not one of {facts['enum']}"
        if facts["type"] == "boolean" and value not in {"true", "false"}:
            return "neither true nor false"
        if facts["type"] == "integer" and not facts.get("minimum", 0) <= int(value) <= facts.get(
            "maximum", 2**32
        ):
            return f"{value} is out of bounds"
    return ""


def _wrong_body(schema: str, body: Any, where: str) -> str:
    if not isinstance(body, dict):
        return f"{where} needs a body"
    for name, value in body.items():
        facts = SCHEMAS[schema].get(name)
        if facts is None:
            return f"{where}: {schema} has no {name}"
        if "ref" in facts:
            problem = _wrong_body(facts["ref"], value, where)
            if problem:
                return problem
        elif facts["type"] == "string" and not isinstance(value, str):
            return f"{where}: {name} is a text"
        elif "enum" in facts and value not in facts["enum"]:
            return f"{where}: {name} is not one of {facts['enum']}"
    return ""


def full(schema: str, **given: Any) -> dict[str, Any]:
    """A sample of a schema with every field there is; `given` in place of what would be made up."""
    return {
        name: given[name] if name in given else _sample(name, facts)
        for name, facts in SCHEMAS[schema].items()
    }


def _sample(name: str, facts: Mapping[str, Any]) -> Any:
    if "ref" in facts:
        return full(facts["ref"])
    if "enum" in facts:
        return facts["enum"][0]
    if facts.get("format") == "date-time":
        return "2026-11-20T18:00:05Z"
    samples: dict[str, Any] = {"string": f"some {name}", "integer": 3, "boolean": True, "object": {}}
    return [_sample(name, facts["of"])] if facts["type"] == "array" else samples[facts["type"]]
