"""LinkedIn's names, and how they stand in addresses."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.linkedin.urns import (
    address,
    comment_urn,
    comments_path,
    escaped,
    listed,
    number_of,
    organisation_urn,
    parts_of,
)

COMMENT = "urn:li:comment:(urn:li:activity:12,34)"


@pytest.mark.parametrize(
    ("text", "full"),
    [
        (COMMENT, COMMENT),
        ("urn:li:comment:(activity:12,34)", COMMENT),
        ("urn:li:comment:(urn:li:ugcPost:12,34)", "urn:li:comment:(urn:li:ugcPost:12,34)"),
        ("urn:li:comment:(urn:li:activity:12,34) ", COMMENT),
        ("urn:li:activity:12", ""),
        ("urn:li:comment:(urn:li:person:12,34)", ""),
        ("34", ""),
        ("", ""),
    ],
)
def test_a_comments_name_is_made_full(text: str, full: str) -> None:
    assert comment_urn(text) == full


def test_a_comments_name_has_the_post_and_the_number() -> None:
    assert parts_of(COMMENT) == ("urn:li:activity:12", "34")
    assert parts_of("urn:li:share:1") == ("", "")


@pytest.mark.parametrize(
    ("text", "urn"),
    [
        ("5005", "urn:li:organization:5005"),
        (" urn:li:organization:5005 ", "urn:li:organization:5005"),
        ("chandlers-row", ""),
        ("", ""),
    ],
)
def test_a_page_is_named_by_its_number(text: str, urn: str) -> None:
    assert organisation_urn(text) == urn
    assert not urn or number_of(urn) == "5005"


def test_a_name_is_escaped_to_its_brackets_and_its_comma() -> None:
    assert escaped(COMMENT) == "urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A12%2C34%29"
    assert comments_path("urn:li:share:1", "34") == "socialActions/urn%3Ali%3Ashare%3A1/comments/34"


def test_what_is_put_around_names_leaves_this_machine_unescaped() -> None:
    where = address(
        "organizationalEntityNotifications",
        {
            "organizationalEntity": escaped("urn:li:organization:1"),
            "actions": listed(["A", "B"]),
            "t": "(s:1,e:2)",
        },
    )
    sent = httpx.Request("GET", f"https://api.example/rest/{where}").url.raw_path.decode()
    assert sent.endswith("?organizationalEntity=urn%3Ali%3Aorganization%3A1&actions=List(A,B)&t=(s:1,e:2)")


@given(st.integers(0, 10**19), st.integers(0, 10**19), st.sampled_from(["activity", "share", "ugcPost"]))
def test_an_escaped_name_leaves_this_machine_as_it_is(post: int, number: int, kind: str) -> None:
    urn = f"urn:li:comment:(urn:li:{kind}:{post},{number})"
    path = comments_path(urn)
    assert httpx.Request("GET", f"https://api.example/{path}").url.raw_path.decode() == f"/{path}"
    assert parts_of(urn) == (f"urn:li:{kind}:{post}", str(number))
    assert not set("():,") & set(escaped(urn))
