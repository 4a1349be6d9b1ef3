"""What can be done to one item on Flickr, and why not; pure, and known without asking anybody.

What a newcomer would get wrong: there is nothing between leaving a comment and deleting it for good.
"""

from dataclasses import replace

from console.api import Capabilities, ItemKind, ItemState, Manifest, Target, Verb
from console.api.orders import capabilities_of
from plugins.flickr.mapping import read_note

SWITCH = "delete_others"
GONE = "It is no longer at Flickr."
A_PHOTO = "Cordon does not delete photos: do that at Flickr."
NOT_OURS = (
    "Not ours. Whether Flickr's interface lets us delete what others wrote below our photos is unproven and "
    "turned off; at Flickr's own page it can be done."
)
UNPROVEN = (
    "Not ours, and unproven: Flickr may refuse. If it agrees it is gone for everybody, with no way back."
)
NO_PHOTO = "The network did not say enough about this item."
_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})


def capabilities(target: Target, manifest: Manifest, *, may_delete_others: bool) -> Capabilities:
    """Every verb of the manifest for one item; `may_delete_others` is the switch."""
    found = dict(
        capabilities_of(
            manifest, lambda verb: reason_against(verb, target, may_delete_others=may_delete_others)
        )
    )
    delete = found[Verb.DELETE]
    if delete.can and not target.is_ours:
        found[Verb.DELETE] = replace(delete, words=UNPROVEN)
    return found


def reason_against(verb: Verb, target: Target, *, may_delete_others: bool) -> str:
    """Why a verb cannot be done, in words; empty when it can."""
    if not read_note(target.note).photo:
        return NO_PHOTO
    if target.state in _NOT_THERE:
        return GONE
    if verb is not Verb.DELETE:
        return ""
    if target.kind is ItemKind.POST:
        return A_PHOTO
    return "" if target.is_ours or may_delete_others else NOT_OURS
