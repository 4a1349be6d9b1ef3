"""What can be done to one played item, and why not; pure, and known without reading anything.

What a newcomer would get wrong: an exercise's networks differ as the real ones do, so the same key works
on one item and not on the next. A plain file belongs to no network: everything a replay can show works.
"""

from collections.abc import Mapping

from console.api import Capabilities, Capability, ItemKind, ItemState, Manifest, Target, Verb
from plugins.replay.scenario import VerbTable

OUR_THREAD = "our thread"
"""The note of an item below a post of the force; see `Mapper.arrival`."""
NOT_OUR_THREAD = "Not here: only in threads that this account began."
NOT_OURS = "Not ours: only our own posts can be deleted here."
OUR_OWN = "This is our own post."
GONE = "It is no longer there."
HIDDEN_ALREADY = "Hidden already."
NOT_HIDDEN = "Not hidden."
HELD_ALREADY = "Held already."
NOT_HELD = "Not held."
NOT_THERE = "This network has no such thing."
NOT_IN_A_FILE = "A played file has no such thing."
PRIVATE = "A private message; nobody else sees it."

IN_A_FILE = frozenset({
    Verb.HIDE, Verb.UNHIDE, Verb.DELETE, Verb.REPLY, Verb.BLOCK, Verb.UNBLOCK, Verb.MUTE, Verb.UNMUTE,
    Verb.REPORT,
})  # fmt: skip
"""What can be done to the items of a plain file."""
_ABOUT_THE_AUTHOR = frozenset({Verb.BLOCK, Verb.UNBLOCK, Verb.MUTE, Verb.UNMUTE})
_VISIBILITY = frozenset({Verb.HIDE, Verb.UNHIDE, Verb.HOLD, Verb.PUBLISH})
_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})
_IN_THE_WAY = {
    (Verb.HIDE, ItemState.HIDDEN): HIDDEN_ALREADY,
    (Verb.UNHIDE, ItemState.VISIBLE): NOT_HIDDEN,
    (Verb.UNHIDE, ItemState.HELD): NOT_HIDDEN,
    (Verb.HOLD, ItemState.HELD): HELD_ALREADY,
    (Verb.PUBLISH, ItemState.VISIBLE): NOT_HELD,
    (Verb.PUBLISH, ItemState.HIDDEN): NOT_HELD,
}


def capabilities(target: Target, manifest: Manifest, table: Mapping[Verb, VerbTable] | None) -> Capabilities:
    """Every verb of the manifest for one item; `table` is its network's, None for a plain file."""
    found: dict[Verb, Capability] = {}
    for verb, facts in manifest.verbs.items():
        allowed = (
            VerbTable(can=verb in IN_A_FILE, words=facts.words, reversible=facts.reversible)
            if table is None
            else table.get(verb) or VerbTable(can=False, words=NOT_THERE)
        )
        reason = NOT_IN_A_FILE if table is None and not allowed.can else _reason(verb, target, allowed)
        verifiable = facts.verifiable and allowed.verifiable
        found[verb] = (
            Capability(can=False, words=reason, verifiable=verifiable)
            if reason
            else Capability(True, allowed.words, reversible=allowed.reversible, verifiable=verifiable)
        )
    return found


def _reason(verb: Verb, target: Target, allowed: VerbTable) -> str:
    """Why a verb cannot be done, in words; empty when it can."""
    if allowed.can is False:
        return allowed.words
    if verb in _ABOUT_THE_AUTHOR:
        return OUR_OWN if target.is_ours else ""
    if target.state in _NOT_THERE:
        return GONE
    if verb in _VISIBILITY and target.kind is ItemKind.MESSAGE:
        return PRIVATE
    if verb in _VISIBILITY | {Verb.REPORT, Verb.PRIVATE_REPLY} and target.is_ours:
        return OUR_OWN
    if allowed.can == "own" and not target.is_ours:
        return NOT_OURS
    if allowed.can == "our-threads" and not (target.is_ours or target.note == OUR_THREAD):
        return NOT_OUR_THREAD
    return _IN_THE_WAY.get((verb, target.state), "")
