"""LinkedIn's names of things (`urn:li:…`), and how they are written in addresses; pure.

What a newcomer would get wrong: inside an address every colon, bracket and comma of a name is escaped, but
the brackets, colons and commas that LinkedIn itself puts around names (`List(…)`, `(start:…,end:…)`) are not.
A library that escapes a query for you breaks both, so addresses are put together here.
Source: https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/protocol-version
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

_COMMENT = re.compile(r"urn:li:comment:\((?:urn:li:)?(activity|share|ugcPost):(\d+),(\d+)\)")
_NUMBER = re.compile(r"\d+")


def escaped(urn: str) -> str:
    """A name as it stands in an address."""
    return quote(urn, safe="")


def organisation_urn(number: str) -> str:
    """A page's name, from its number or from the name itself; empty when it is neither."""
    text = number.strip().removeprefix("urn:li:organization:")
    return f"urn:li:organization:{text}" if _NUMBER.fullmatch(text) else ""


def number_of(urn: str) -> str:
    """The last part of a name: a page's number, a person's id."""
    return urn.rpartition(":")[2]


def comment_urn(text: str) -> str:
    """A comment's name in its full form; empty when it is none. Notifications shorten the inner name."""
    found = _COMMENT.fullmatch(text.strip())
    return f"urn:li:comment:(urn:li:{found[1]}:{found[2]},{found[3]})" if found else ""


def parts_of(urn: str) -> tuple[str, str]:
    """The post and the number of a comment; two empty texts when it is none."""
    found = _COMMENT.fullmatch(urn)
    return (f"urn:li:{found[1]}:{found[2]}", found[3]) if found else ("", "")


def address(path: str, query: Mapping[str, str | int] | None = None) -> str:
    """A path with its query, both ready: names in them are escaped already."""
    if not query:
        return path
    return f"{path}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def listed(words: Sequence[str]) -> str:
    """Several words as LinkedIn wants them in a query."""
    return f"List({','.join(words)})"


def comments_path(post: str, number: str = "") -> str:
    """Where the comments of a post are, or of a comment; or one of them."""
    path = f"socialActions/{escaped(post)}/comments"
    return f"{path}/{escaped(number)}" if number else path
