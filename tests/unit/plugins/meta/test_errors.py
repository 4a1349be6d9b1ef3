"""What Meta's error objects mean, code by code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import Failure, Gone, NotAllowed, SignInAgain, SlowDown, TryLater
from plugins.meta.errors import ABUSE_REST_MS, TokenEnded, WrongKind, judge
from plugins.meta.usage import MINUTE_MS, REST_MS
from tests.unit.plugins.meta.rooms import NOW, business, error, reply


def _judged(code: int, subcode: int = 0, **how: object) -> Failure:
    failure = judge(reply(error(code, subcode), **how))  # type: ignore[arg-type]  # the tests name its fields
    assert failure is not None
    assert failure.words.strip()
    return failure


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80001, 80002])
def test_a_ceiling_means_slow_down_even_where_it_is_called_transient(code: int) -> None:
    failure = judge(reply(error(code, is_transient=True)))
    assert isinstance(failure, SlowDown)
    assert failure.until == NOW + REST_MS
    assert not failure.sent


def test_the_header_says_when_a_ceiling_ends_in_minutes() -> None:
    usage = business(call_count=100, estimated_time_to_regain_access=7)
    failure = judge(reply(error(80001), x_business_use_case_usage=usage))
    assert isinstance(failure, SlowDown)
    assert failure.until == NOW + 7 * MINUTE_MS


@pytest.mark.parametrize(
    ("subcode", "why"),
    [
        (458, "removed"),
        (459, "confirmed"),
        (460, "password"),
        (463, "expired"),
        (464, "confirmed"),
        (467, "not valid"),
        (492, "role"),
        (0, "no longer accepts"),
    ],
)
def test_a_dead_token_says_why_it_died(subcode: int, why: str) -> None:
    failure = _judged(190, subcode)
    assert isinstance(failure, TokenEnded)
    assert why in failure.words


@pytest.mark.parametrize("code", [10, 200, 230, 299, 3])
def test_a_missing_right_is_not_allowed_and_keeps_the_networks_words(code: int) -> None:
    failure = _judged(code)
    assert isinstance(failure, NotAllowed)
    assert "right" in failure.words
    assert "words of theirs" in failure.words


def test_gone_and_not_visible_are_one_answer() -> None:
    assert isinstance(_judged(100, 33), Gone)
    assert isinstance(_judged(803), Gone)


def test_a_field_that_a_node_does_not_have_is_told_apart() -> None:
    assert isinstance(_judged(100), WrongKind)


def test_not_as_the_page_and_said_already_are_refused_in_plain_words() -> None:
    assert "Page itself" in _judged(1705).words
    assert "very same words" in _judged(506).words


def test_what_looks_like_abuse_stops_everything_for_an_hour() -> None:
    failure = _judged(368)
    assert isinstance(failure, SlowDown)
    assert failure.until == NOW + ABUSE_REST_MS


@pytest.mark.parametrize("code", [1, 2])
def test_a_fault_of_theirs_may_have_done_it(code: int) -> None:
    assert _judged(code, does_write=True).sent
    assert not _judged(code, does_write=False).sent
    assert isinstance(_judged(code), TryLater)


def test_an_unknown_transient_error_is_tried_later_and_any_other_is_refused() -> None:
    assert isinstance(judge(reply(error(9999, is_transient=True))), TryLater)
    assert isinstance(judge(reply(error(9999))), NotAllowed)
    assert isinstance(judge(reply(error(9999), 503)), TryLater)


def test_a_refusal_in_their_own_words_is_safe_to_send_again() -> None:
    assert not _judged(200, does_write=True).sent
    assert not _judged(190, does_write=True).sent
    assert not _judged(4, does_write=True).sent


def test_an_error_under_status_200_is_an_error() -> None:
    assert isinstance(judge(reply(error(190, 463), 200)), SignInAgain)


def test_the_sign_in_hosts_say_it_flat() -> None:
    failure = judge(reply({"error_type": "OAuthException", "code": 190, "error_message": "no"}))
    assert isinstance(failure, SignInAgain)


def test_their_words_for_people_come_first_and_the_number_in_front_is_left_out() -> None:
    said = judge(reply(error(200, message="(#200) Permissions error")))
    assert said is not None
    assert "(#200)" not in said.words
    nicer = judge(reply(error(200, message="x", error_user_msg="You may not moderate here.")))
    assert nicer is not None
    assert "You may not moderate here." in nicer.words


@pytest.mark.parametrize("body", [None, [], {"data": []}, {"error": "upstream"}, 5, {"success": True}])
def test_what_is_no_error_object_is_no_error(body: object) -> None:
    assert judge(reply(body, 200)) is None


@given(
    st.dictionaries(
        st.sampled_from(["code", "error_subcode", "is_transient", "message"]),
        st.none() | st.text() | st.integers() | st.booleans(),
    )
)
def test_an_error_object_of_any_shape_means_something(found: dict[str, object]) -> None:
    failure = judge(reply({"error": found}))
    assert isinstance(failure, Failure)
    assert failure.words.strip()
