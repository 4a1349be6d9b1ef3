"""What can be done to one item on Bluesky, and why not; pure, and known without asking anybody.

What a newcomer would get wrong: who began the thread decides, not who wrote the item. A nasty reply three
levels down can be hidden when the thread is ours; a nasty answer to our own reply in somebody else's
thread cannot.
"""

from collections.abc import Mapping

from console.api import Capabilities, ItemKind, ItemState, Manifest, Target, Verb
from console.api.orders import capabilities_of
from plugins.bluesky.gates import MOST_HIDDEN
from plugins.bluesky.mapping import parts_of, read_note

NOT_OUR_THREAD = "Not here: only in threads that this account began."
A_QUOTE = "A quote stands in its author's own thread; it cannot be hidden from here."
A_MENTION = "A mention stands in its author's own thread; it cannot be hidden from here."
OUR_OWN = "This is our own post."
NOT_OURS = "Not ours: Bluesky lets nobody delete another's post."
GONE = "It is no longer at Bluesky."
HIDDEN_ALREADY = "Hidden already."
NOT_HIDDEN = "Not hidden."
NO_ROOM = (
    f"This thread has {MOST_HIDDEN} hidden replies, the most that Bluesky allows: block or mute the author."
)
NO_ADDRESS = "The network did not say enough about this item."

_ABOUT_THE_AUTHOR = (Verb.BLOCK, Verb.UNBLOCK, Verb.MUTE, Verb.UNMUTE)
_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})


def capabilities(target: Target, manifest: Manifest, gate_sizes: Mapping[str, int]) -> Capabilities:
    """Every verb of the manifest for one item; `gate_sizes` as `Gates.sizes` keeps them."""
    return capabilities_of(manifest, lambda verb: _reason_against(verb, target, gate_sizes))


def is_our_thread(target: Target) -> bool:
    """Whether the item is a reply somewhere below a post of our own."""
    me = read_note(target.note).me
    is_below = target.thread is not None and target.thread != target.remote_id
    return bool(me) and is_below and parts_of(target.thread or "")[0] == me


def _reason_against(verb: Verb, target: Target, gate_sizes: Mapping[str, int]) -> str:
    """Why a verb cannot be done, in words; empty when it can."""
    if verb in _ABOUT_THE_AUTHOR:
        return OUR_OWN if target.is_ours else ""
    if target.state in _NOT_THERE:
        return GONE
    if verb is Verb.DELETE:
        return "" if target.is_ours else NOT_OURS
    if verb in {Verb.HIDE, Verb.UNHIDE}:
        return _reason_against_hiding(verb, target, gate_sizes)
    if not read_note(target.note).cid:
        return NO_ADDRESS  # a reply and a report must name the very version they are about
    return OUR_OWN if verb is Verb.REPORT and target.is_ours else ""


def _reason_against_hiding(verb: Verb, target: Target, gate_sizes: Mapping[str, int]) -> str:
    if not is_our_thread(target):
        return {ItemKind.QUOTE: A_QUOTE, ItemKind.MENTION: A_MENTION}.get(target.kind, NOT_OUR_THREAD)
    is_hidden = target.state is ItemState.HIDDEN
    if verb is Verb.UNHIDE:
        return NOT_HIDDEN if target.state is ItemState.VISIBLE else ""
    if is_hidden:
        return HIDDEN_ALREADY
    return NO_ROOM if gate_sizes.get(target.thread or "", 0) >= MOST_HIDDEN else ""
