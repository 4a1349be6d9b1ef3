"""From a reply on Bluesky's own servers to a hidden reply, an undo, an outage, and the record of it all."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from console.domain.acts import ActState, Verb
from console.domain.items import ItemState
from tests.journeys.programs import Program, program
from tests.journeys.seat import PASSPHRASE, Seat, seat
from tests.servers.bluesky.people import BlueskyNetwork, Person, Ref
from tests.servers.proxy import Proxy
from tests.servers.waiting import until

LIVE_S = 5.0
OUTAGE_S = 20.0

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]  # the first run installs the servers


@pytest.fixture
def force(bluesky_network: BlueskyNetwork) -> Person:
    """The force's own account."""
    return bluesky_network.create_account("force")


def connect(here: Seat, force: Person, link: Proxy) -> str:
    """Adds the force's account, as the window does; its key."""
    account = here.ask(
        here.engine.add_account(
            "bluesky",
            {"handle": force.handle, "host": link.url},
            {"password": force.app_password()},
            lead="A. Rowe",
            deputy=None,
            may_act=True,
            who=here.engine.who,
        )
    )
    return account.key


def test_two_strangers_reply_one_is_hidden_and_shown_again_and_an_outage_loses_nothing(
    tmp_path: Path,
    bluesky_network: BlueskyNetwork,
    bluesky_link: Proxy,
    force: Person,
) -> None:
    kind_person = bluesky_network.create_account("alwyn")
    unkind_person = bluesky_network.create_account("brack")
    post = force.post("The ford road at Hexley is closed. Use the upper bridge.")
    profile = tmp_path / "profile"

    with seat(profile) as here:
        key = connect(here, force, bluesky_link)
        assert key.startswith("bluesky:")
        here.ask(here.engine.open_incident("Flood at Hexley ford", "critical", here.engine.who))

        # Live, in under five seconds at the speed of an open incident.
        for person, words in (
            (kind_person, "Thank you, we turned back."),
            (unkind_person, "Liars, all of you."),
        ):
            said_at = time.monotonic()
            person.reply(post, words)
            here.item(words, LIVE_S)
            assert time.monotonic() - said_at < LIVE_S
        kind, unkind = here.item("Thank you, we turned back."), here.item("Liars, all of you.")
        assert unkind.where == "The ford road at Hexley is closed. Use the upper bridge."

        # Hidden: confirmed by looking, and so for everybody.
        hidden = here.do(Verb.HIDE, [unkind.id])
        here.settled(hidden, ActState.CONFIRMED)
        assert here.in_state(unkind.id, ItemState.HIDDEN)
        assert bluesky_network.hidden_replies(post) == [unkind.remote_id]
        assert bluesky_network.shown_replies(post) == [kind.remote_id]

        # Undone.
        undone = here.ask(here.engine.undo(hidden, here.engine.who))
        here.settled(undone.acts, ActState.CONFIRMED)
        here.settled(hidden, ActState.UNDONE)
        assert here.in_state(unkind.id, ItemState.VISIBLE)
        assert bluesky_network.hidden_replies(post) == []
        assert set(bluesky_network.shown_replies(post)) == {kind.remote_id, unkind.remote_id}

        # Cut off for twenty seconds, while others go on talking.
        mended = bluesky_link.cut_for(OUTAGE_S)
        missed = [f"Past the cut, number {number}." for number in range(12)]
        for number, words in enumerate(missed):
            (kind_person, unkind_person)[number % 2].reply(post, words)
        waiting = here.do(Verb.HIDE, [kind.id])  # asked for while the link is down
        assert not mended.is_set(), "it took longer to write than the outage lasted"
        assert mended.wait(OUTAGE_S + 5)
        for words in missed:
            here.item(words)
        here.settled(waiting, ActState.CONFIRMED)
        assert bluesky_network.hidden_replies(post) == [kind.remote_id]
        counts = Counter(item.text for item in here.outside())
        assert set(counts) == {kind.text, unkind.text, *missed}
        assert set(counts.values()) == {1}, "an item came twice"
        verdict = here.ask(here.engine.verify())
        assert verdict.ok, verdict.first_bad

    audit_says_it_all(tmp_path, profile, acts=3)


def test_what_was_said_while_cordon_did_not_run_is_there_when_it_starts_again(
    tmp_path: Path, bluesky_network: BlueskyNetwork, bluesky_link: Proxy, force: Person
) -> None:
    stranger = bluesky_network.create_account("calla")
    post = force.post("The march begins at noon.")
    profile = tmp_path / "profile"
    with seat(profile) as here:
        connect(here, force, bluesky_link)
        stranger.reply(post, "Which way does it go?")
        here.item("Which way does it go?")
    nested: Ref = stranger.reply(post, "Still no answer.")
    stranger.reply(nested, "A reply to that.", root=post)
    stranger.mention(force, "are you there?")
    stranger.quote(post, "Look at this.")
    with seat(profile) as here:
        for words in (
            "Still no answer.",
            "A reply to that.",
            f"@{force.handle} are you there?",
            "Look at this.",
            "The march begins at noon.",
        ):
            here.item(words)
        counts = Counter(item.text for item in here.items())
        assert set(counts.values()) == {1}, "an item came twice"
        assert len(counts) == 6


def test_a_bulk_hide_of_one_thread_is_one_change_and_undo_brings_all_back(
    tmp_path: Path, bluesky_network: BlueskyNetwork, bluesky_link: Proxy, force: Person
) -> None:
    crowd = [bluesky_network.create_account(name) for name in ("dunn", "ebba")]
    post = force.post("Two arrests were made.")
    words = [f"Lies, number {number}." for number in range(10)]
    for number, text in enumerate(words):
        crowd[number % 2].reply(post, text)
    with seat(tmp_path / "profile") as here:
        connect(here, force, bluesky_link)
        ids = [here.item(text).id for text in words]
        acts = here.do(Verb.HIDE, ids)
        here.settled(acts, ActState.CONFIRMED)
        assert bluesky_network.shown_replies(post) == []
        assert len(bluesky_network.hidden_replies(post)) == len(words)
        undone = here.ask(here.engine.undo(acts, here.engine.who))
        here.settled(undone.acts, ActState.CONFIRMED)
        until("everything to be back", lambda: len(bluesky_network.shown_replies(post)) == len(words))


def test_the_command_line_alone_does_the_same(
    tmp_path: Path, bluesky_network: BlueskyNetwork, bluesky_link: Proxy, force: Person
) -> None:
    stranger = bluesky_network.create_account("gwil")
    post = force.post("The ford road is open again.")
    stranger.reply(post, "Liars, said on the command line.")
    cordon = program(tmp_path)
    [added] = cordon.told(
        *("account", "add", "bluesky", "--handle", force.handle, "--host", bluesky_link.url),
        *("--secret-stdin", "--lead", "A. Rowe"),
        said=f"{force.app_password()}\n",
    )
    assert added["handle"] == force.handle
    watched = cordon.told("watch", "--seconds", "4")
    assert "Liars, said on the command line." in {line["text"] for line in watched}
    [item] = cordon.told("items", "command line")
    assert item["can"]["hide"] is True
    assert "nobody" in item["can"]["delete"]
    [act] = cordon.told("act", "hide", item["key"], "--reason", "House rule 3: abuse.", "--wait")
    assert act["state"] == "confirmed"
    assert bluesky_network.shown_replies(post) == []
    undone = {act["verb"]: act["state"] for act in cordon.told("undo", act["act"], "--wait")}
    assert undone == {"hide": "undone", "unhide": "confirmed"}
    assert len(bluesky_network.shown_replies(post)) == 1
    [record] = cordon.told("evidence", "show", item["key"])
    assert record["digest"]
    refused = cordon.run("act", "delete", item["key"], "--reason", "Not ours to delete.")
    assert refused.returncode == 1
    assert "Bluesky lets nobody delete another's post" in refused.stderr


def audit_says_it_all(folder: Path, profile: Path, *, acts: int) -> None:
    """The command line, later and elsewhere: the ledger verifies and names every act."""
    passphrase = folder / "passphrase"
    passphrase.write_text(PASSPHRASE, encoding="utf-8")
    cordon = Program(profile=profile, passphrase=passphrase)
    [verdict] = cordon.told("audit", "verify")
    assert verdict["ok"], verdict["first_bad"]
    queue = cordon.told("acts")
    assert len(queue) == acts
    entries = cordon.told("audit", "list")
    named = {entry["facts"].get("act") for entry in entries}
    assert {act["act"] for act in queue} <= named
