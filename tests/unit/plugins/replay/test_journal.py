"""The simulated network remembers what was done to whom, and names nobody."""

from pathlib import Path

from console.api import ItemKind, ItemState, RemoteId, Target, Verb
from plugins.replay.journal import NAME, Journal

TARGET = Target(
    remote_id=RemoteId("c7"),
    kind=ItemKind.COMMENT,
    author_id="sam-tolworthy",
    parent=None,
    thread=None,
    state=ItemState.VISIBLE,
    is_ours=False,
    note="",
)


def test_a_blocked_author_stays_blocked_over_a_restart_and_is_not_named_on_disk(tmp_path: Path) -> None:
    before = Journal(tmp_path)
    before.change(Verb.BLOCK, [TARGET], 1)
    before.change(Verb.HIDE, [TARGET], 2)

    again = Journal(tmp_path)
    again.read()
    assert again.is_done(Verb.BLOCK, TARGET, None)
    assert again.state(TARGET) is ItemState.HIDDEN
    assert "tolworthy" not in (tmp_path / NAME).read_text(encoding="utf-8")
