"""Planning: what would be done, to how many, where not and why."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import Target
from console.domain.accounts import Account
from console.domain.acts import HOLD_MS, INVERSE, ActState, Verb, hold_ms, is_sealed_first, removes
from console.domain.capabilities import Capabilities, Capability, Ceiling
from console.domain.ids import AccountId, ItemId, RemoteId
from console.domain.items import Author, Item, ItemKind, ItemState, Media
from console.services.ceilings import Ceilings, Load
from console.services.planning import READING_ONLY, Plan, make_plan

NOW = 1_800_000_000_000
OURS: Capabilities = {
    Verb.HIDE: Capability(can=True, words="Reversible.", reversible=True),
    Verb.UNHIDE: Capability(can=True, words="Puts it back.", reversible=True),
    Verb.DELETE: Capability(can=True, words="For good."),
}
ELSEWHERE: Capabilities = {Verb.HIDE: Capability(can=False, words="Not here: only in our threads.")}


def account(number: int) -> Account:
    return Account(
        id=AccountId(number),
        key=f"x:{number}",
        network="x",
        connector="x",
        handle=f"force{number}",
        name="Dellin Valley Police",
        lead="A. Rowe",
        deputy=None,
        may_act=True,
    )


def item(number: int, account_id: int = 1, state: ItemState = ItemState.VISIBLE) -> Item:
    return Item(
        id=ItemId(number),
        account_id=AccountId(account_id),
        network="x",
        kind=ItemKind.REPLY,
        remote_id=RemoteId(f"r{number}"),
        author=Author("u1", "tomosw", "Tomos W"),
        text="Invented words.",
        lang="en",
        created_at=NOW,
        received_at=NOW,
        state=state,
        grade=3,
        parent=None,
        thread=RemoteId("t1"),
        where="",
        permalink="",
        media=(),
        is_ours=False,
        note="",
    )


def planned(
    verb: Verb,
    items: Sequence[Item],
    *,
    can: Capabilities = OURS,
    ceilings: Ceilings | None = None,
    text_alone: bool = True,
    may_act: bool = True,
) -> Plan:
    accounts = {AccountId(n): replace(account(n), may_act=may_act) for n in (1, 2)}
    return make_plan(
        verb,
        items,
        accounts,
        lambda _account, _target, asked: can.get(asked),
        ceilings or Ceilings(),
        now=NOW,
        text_alone=text_alone,
    )


def test_each_account_has_its_own_row_and_the_rows_add_up() -> None:
    plan = planned(Verb.HIDE, [item(1), item(2), item(3, account_id=2)])
    assert [(row.account.key, row.selected) for row in plan.rows] == [("x:1", 2), ("x:2", 1)]
    assert (plan.selected, plan.will, plan.left_out) == (3, 3, 0)


def test_what_the_network_does_not_allow_is_left_out_with_its_reason() -> None:
    plan = planned(Verb.HIDE, [item(1)], can=ELSEWHERE)
    assert plan.will == 0
    assert plan.why_nothing == "Not here: only in our threads."


@pytest.mark.parametrize(
    ("verb", "state", "why"),
    [
        (Verb.HIDE, ItemState.HIDDEN, "Already hidden."),
        (Verb.UNHIDE, ItemState.VISIBLE, "Already public."),
        (Verb.HIDE, ItemState.GONE, "It is no longer there."),
        (Verb.DELETE, ItemState.DELETED, "It is no longer there."),
    ],
)
def test_what_is_so_already_is_left_out(verb: Verb, state: ItemState, why: str) -> None:
    assert planned(verb, [item(1, state=state)]).why_nothing == why


def test_what_is_held_may_be_set_aside_where_its_network_has_that() -> None:
    assert planned(Verb.HOLD, [item(1, state=ItemState.HELD)], can=FINAL).will == 1


def test_an_act_that_is_under_way_is_not_asked_for_twice() -> None:
    under_way = replace(item(1), act_verb=Verb.HIDE, act_state=ActState.SENDING)
    assert planned(Verb.HIDE, [under_way]).why_nothing == "Under way already."


def test_an_item_whose_unhide_is_under_way_may_be_hidden_again() -> None:
    coming_back = replace(item(1, state=ItemState.HIDDEN), act_verb=Verb.UNHIDE, act_state=ActState.QUEUED)
    assert planned(Verb.HIDE, [coming_back]).will == 1


def test_an_account_for_reading_only_is_never_acted_on_but_decided_on() -> None:
    assert planned(Verb.HIDE, [item(1)], may_act=False).why_nothing == READING_ONLY
    assert planned(Verb.LEAVE_UP, [item(1)], may_act=False).will == 1


def test_pictures_that_were_not_captured_are_said_or_hold_the_item_back() -> None:
    pictured = replace(item(1), media=(Media("picture", "https://pictures.invalid/1"),))
    assert planned(Verb.HIDE, [pictured]).media_not_captured == 1
    held_back = planned(Verb.HIDE, [pictured], text_alone=False)
    assert held_back.will == 0
    assert "not captured" in held_back.why_nothing


def test_a_delete_is_said_to_have_no_way_back_and_to_wait() -> None:
    plan = planned(Verb.DELETE, [item(1)])
    assert not plan.reversible
    assert plan.hold_ms == 10_000
    assert plan.finishes_at is not None
    assert plan.finishes_at >= NOW + 10_000


FINAL: Capabilities = {verb: Capability(can=True, words="For good.") for verb in INVERSE}
"""A network where what elsewhere can be taken back cannot."""


@pytest.mark.parametrize("verb", [Verb.HIDE, Verb.HOLD, Verb.BLOCK, Verb.MUTE])
def test_what_this_item_does_not_allow_back_waits_and_is_sealed_whatever_the_verb(verb: Verb) -> None:
    pictured = replace(item(1), media=(Media("picture", "https://pictures.invalid/1"),))
    plan = planned(verb, [pictured], can=FINAL)
    assert (plan.hold_ms, plan.is_sealed_first, plan.media_not_captured) == (10_000, True, 1)
    assert plan.finishes_at is not None
    assert plan.finishes_at >= NOW + 10_000
    assert "not captured" in planned(verb, [pictured], can=FINAL, text_alone=False).why_nothing


def test_a_block_that_can_be_taken_back_waits_for_nothing_and_leaves_the_pictures() -> None:
    pictured = replace(item(1), media=(Media("picture", "https://pictures.invalid/1"),))
    back = {Verb.BLOCK: Capability(can=True, words="Reversible.", reversible=True)}
    plan = planned(Verb.BLOCK, [pictured], can=back, text_alone=False)
    assert (plan.will, plan.hold_ms, plan.is_sealed_first, plan.media_not_captured) == (1, 0, True, 0)


@pytest.mark.parametrize("verb", [Verb.REPLY, Verb.PRIVATE_REPLY, Verb.LIKE])
def test_an_answer_waits_but_takes_nothing_away_that_would_have_to_be_sealed(verb: Verb) -> None:
    pictured = replace(item(1), media=(Media("picture", "https://pictures.invalid/1"),))
    final = {verb: Capability(can=True, words="Public at once.")}
    plan = planned(verb, [pictured], can=final, text_alone=False)
    assert (plan.will, plan.hold_ms, plan.is_sealed_first) == (1, 10_000, False)


def test_one_item_without_a_way_back_makes_the_plan_say_so() -> None:
    mixed = {"r1": OURS, "r2": FINAL}
    plan = make_plan(
        Verb.HIDE,
        [item(1), item(2)],
        {AccountId(1): account(1)},
        lambda _account, target, asked: mixed[target.remote_id].get(asked),
        Ceilings(),
        now=NOW,
        text_alone=True,
    )
    assert not plan.reversible
    assert plan.hold_ms == 10_000


@given(st.sampled_from(sorted(Verb)), st.booleans())
def test_whatever_has_no_way_back_is_held_and_whatever_removes_is_sealed(
    verb: Verb, reversible: bool
) -> None:
    assert hold_ms(verb, reversible=reversible) == (0 if reversible or verb is Verb.LEAVE_UP else HOLD_MS)
    assert is_sealed_first(verb, reversible=reversible) or not removes(verb, reversible=reversible)


def test_the_ceiling_and_the_finishing_time_are_those_of_the_network() -> None:
    ceilings = Ceilings()
    ceilings.watch(AccountId(1), [Ceiling("hour", 10, 3600, {Verb.HIDE: 1})])
    ceilings.spend(AccountId(1), Verb.HIDE, Load(10), NOW)
    plan = planned(Verb.HIDE, [item(n) for n in range(1, 13)], ceilings=ceilings)
    assert plan.rows[0].allowance == "0 left this hour"
    assert plan.finishes_at is not None
    assert 2 * 3_600_000 <= plan.finishes_at - NOW <= 2 * 3_600_000 + 12 * 1_000


@given(
    st.lists(st.tuples(st.integers(1, 2), st.sampled_from(list(ItemState))), max_size=40),
    st.sampled_from(list(Verb)),
)
def test_every_item_is_either_done_or_left_out_with_a_reason(
    kinds: list[tuple[int, ItemState]], verb: Verb
) -> None:
    items = [item(n, account_id, state) for n, (account_id, state) in enumerate(kinds, start=1)]
    plan = planned(verb, items)
    done = {item_id for row in plan.rows for item_id in row.will}
    left = {out.item_id: out.why for row in plan.rows for out in row.left_out}
    assert done | left.keys() == {one.id for one in items}
    assert not done & left.keys()
    assert all(left.values())


def test_the_opposite_of_the_opposite_is_the_verb_itself() -> None:
    assert all(INVERSE[INVERSE[verb]] is verb for verb in INVERSE)


@pytest.mark.parametrize("lasting", [1, 2, 3])
def test_one_item_that_cannot_be_put_back_is_said_of_its_whole_account(lasting: int) -> None:
    def can(_: AccountId, target: Target, __: Verb) -> Capability:
        is_lasting = target.remote_id == f"r{lasting}"
        return Capability(can=True, words="", reversible=not is_lasting)

    accounts = {AccountId(1): account(1)}
    items = [item(number) for number in (1, 2, 3)]
    plan = make_plan(Verb.HIDE, items, accounts, can, Ceilings(), now=NOW, text_alone=True)
    assert not plan.reversible
    assert plan.rows[0].undo == "Never"
