"""Judging many items says of each what asking its connector says, however seldom that is asked."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from console.api import Manifest, Target
from console.api.orders import capabilities_of
from console.domain.acts import ActState, Verb
from console.domain.approving import Rules
from console.domain.capabilities import Capability
from console.domain.ids import AccountId, ItemId, RemoteId
from console.domain.items import Author, Item, ItemKind, ItemState, Media
from console.domain.sketches import sketch_of
from console.services.ceilings import Ceilings
from console.services.hosting import Hosting
from console.services.judging import Judging, judge_offer
from console.services.lines import target_of
from console.services.planning import TAKEN_OUT, Planner
from plugins.bluesky.capability import capabilities as of_bluesky
from plugins.youtube.capability import capabilities as of_youtube
from tests.fakes.connectors import manifest
from tests.unit.services.test_planning import NOW, account, item

MANY = replace(manifest(), verbs={})
NOTES = ["", '{"me":"did:plc:us","cid":"c1"}', '{"video":"v1","top":"r1"}', '{"chat":"c"}', "not ours"]
THREADS = [None, "t1", "at://did:plc:us/app.bsky.feed.post/1", "at://did:plc:other/app.bsky.feed.post/1"]
Ask = Callable[[AccountId, Target, Verb], Capability | None]


def by_facts(_: AccountId, target: Target, verb: Verb) -> Capability | None:
    """An invented network with many rules, which looks at different things of different items."""
    if verb is Verb.MUTE:
        return None
    if target.is_ours:
        return Capability(can=False, words="Ours.")
    if target.kind is ItemKind.MESSAGE:
        return Capability(can=verb is Verb.DELETE, words=f"A message from {target.author_id}.")
    if target.thread is None:
        return Capability(can=target.remote_id.endswith(("1", "3")), words="", reversible=bool(target.parent))
    return Capability(can=target.state is ItemState.VISIBLE, words=str(target.note), reversible=True)


def in_any_order(_: AccountId, target: Target, verb: Verb) -> Capability | None:
    """One that looks at things now in this order, now in that."""
    del verb
    names = ["kind", "note", "thread", "remote_id"]
    random.shuffle(names)
    return Capability(can=all(getattr(target, name) != "t1" for name in names), words=target.note)


def real(_: AccountId, target: Target, verb: Verb) -> Capability | None:
    """Two of the networks that there are."""
    found = of_bluesky(target, MANIFESTS["bluesky"], {}) if "did" in target.note else None
    found = found or of_youtube(target, MANIFESTS["youtube"])
    return found.get(verb)


def _manifests() -> dict[str, Manifest]:
    hosting = Hosting()
    hosting.find()
    return {name: hosting.manifest(name) for name in ("bluesky", "youtube")}


MANIFESTS = _manifests()

ITEMS = st.builds(
    lambda number, kind, state, ours, note, thread, parent, author, act: replace(
        item(number, account_id=1 + number % 2, state=state),
        kind=kind,
        is_ours=ours,
        note=note,
        thread=None if thread is None else RemoteId(thread),
        parent=None if parent is None else RemoteId(parent),
        author=Author(author, author, author),
        act_verb=act[0],
        act_state=act[1],
    ),
    st.integers(1, 40),
    st.sampled_from(list(ItemKind)),
    st.sampled_from(list(ItemState)),
    st.booleans(),
    st.sampled_from(NOTES),
    st.sampled_from(THREADS),
    st.sampled_from([None, "t1"]),
    st.sampled_from(["u1", "u2"]),
    st.sampled_from([(None, None), (Verb.HIDE, ActState.QUEUED), (Verb.HIDE, ActState.CONFIRMED)]),
)
ACCOUNTS = {AccountId(number): account(number) for number in (1, 2)}


@given(
    st.sampled_from(list(Verb)), st.lists(ITEMS, max_size=60), st.sampled_from([by_facts, in_any_order, real])
)
def test_of_every_item_the_same_is_said_as_by_asking_about_it_alone(
    verb: Verb, items: Sequence[Item], ask: Ask
) -> None:
    judging = Judging(verb, ACCOUNTS, ask)
    for one in items:
        alone = judge_offer(verb, one, ACCOUNTS[one.account_id], ask(one.account_id, target_of(one), verb))
        assert judging.judge(sketch_of(one)) == alone


def test_a_connector_is_asked_as_seldom_as_its_items_differ() -> None:
    asked: Counter[AccountId] = Counter()

    def ask(account_id: AccountId, target: Target, verb: Verb) -> Capability | None:
        asked[account_id] += 1
        return by_facts(account_id, target, verb)

    judging = Judging(Verb.HIDE, ACCOUNTS, ask)
    for number in range(5_000):
        judging.judge(sketch_of(item(number)))
    assert asked == {AccountId(1): 1}


def test_a_verb_alone_is_found_out_without_the_others() -> None:
    asked: list[Verb] = []

    def reason(verb: Verb) -> str:
        asked.append(verb)
        return "" if verb is Verb.HIDE else "Not here."

    found = capabilities_of(MANIFESTS["bluesky"], reason)
    assert found[Verb.HIDE].can
    assert asked == [Verb.HIDE]
    assert {verb for verb, can in found.items() if can.can} == {Verb.HIDE}


def planner(verb: Verb = Verb.HIDE) -> Planner:
    """A plan for four comments: two that can be taken back, one that cannot, and one of another account."""

    def ask(_: AccountId, target: Target, __: Verb) -> Capability:
        lasting = target.remote_id == "r3"
        return Capability(can=True, words="For good." if lasting else "Reversible.", reversible=not lasting)

    made = Planner(verb, ACCOUNTS, ask, text_alone=True)
    pictured = replace(item(4, 2), media=(Media("picture", "https://x.test/1.png"),))
    made.add(sketch_of(one) for one in (item(1), item(2), item(3), pictured))
    return made


def test_a_plan_can_be_edited_before_it_is_carried_out() -> None:
    made = planner()
    plan = made.plan(
        Ceilings(), made.orders(lambda _: 25), {}, now=NOW, rules=Rules(over=0), bytes_each=2_000
    )
    assert (plan.will, plan.evidence, plan.evidence_bytes) == (4, 4, 8_000)
    assert [(row.account.key, row.number, row.irreversible) for row in plan.rows] == [
        ("x:1", 3, 1),
        ("x:2", 1, 0),
    ]
    no_second = plan.without(accounts=["x:2"])
    assert (no_second.will, no_second.left_out, no_second.rows[1].why) == (3, 1, TAKEN_OUT)
    assert no_second.rows[1].finishes_at is None
    assert plan.without(irreversible=True).reversible
    assert plan.without(reasons=["For good."]).rows[0].will == (1, 2)
    assert plan.without(items=[ItemId(1), ItemId(2)]).will == 2
    nothing = plan.without(accounts=["x:1", "x:2"])
    assert (nothing.will, nothing.why_nothing, nothing.finishes_at) == (0, TAKEN_OUT, None)
    assert plan.will == 4, "the first plan is as it was"
