"""What can be done to one item on TikTok, and why not; pure, and known without asking anybody.

What a newcomer would get wrong: TikTok would take a reply below anybody's video. Cordon acts below the
force's own videos only, and knows them by the note that its own reading put on the item.
"""

from console.api import Capabilities, ItemKind, ItemState, Manifest, Target, Verb
from console.api.orders import capabilities_of
from plugins.tiktok.mapping import read_note

NOT_OUR_VIDEO = "Not here: only below this account's own videos."
A_VIDEO = "This is our own video; TikTok lets no program hide, delete or like one."
OUR_OWN = "This is our own comment: delete it instead."
OUR_OWN_LIKE = "This is our own comment."
NOT_OURS = "Not ours: TikTok lets a program delete the account's own comments only. Hide it."
GONE = "It is no longer at TikTok."
HIDDEN_ALREADY = "Hidden already."
NOT_HIDDEN = "Not hidden."

_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})


def capabilities(target: Target, manifest: Manifest) -> Capabilities:
    """Every verb of the manifest for one item."""
    return capabilities_of(manifest, lambda verb: reason_against(verb, target))


def reason_against(verb: Verb, target: Target) -> str:
    """Why a verb cannot be done, in words; empty when it can."""
    if not read_note(target.note).video:
        return NOT_OUR_VIDEO
    if target.state in _NOT_THERE:
        return GONE
    if target.kind is ItemKind.POST:
        return "" if verb is Verb.REPLY else A_VIDEO
    if verb is Verb.DELETE:
        return "" if target.is_ours else NOT_OURS
    if verb is Verb.LIKE:
        return OUR_OWN_LIKE if target.is_ours else ""
    if verb is Verb.HIDE:
        return OUR_OWN if target.is_ours else HIDDEN_ALREADY if target.state is ItemState.HIDDEN else ""
    if verb is Verb.UNHIDE:
        return NOT_HIDDEN if target.state is ItemState.VISIBLE else ""
    return ""
