"""What can be done to one item on Reddit, and why not; pure, and known without asking anybody.

What a newcomer would get wrong: the place decides, and then our permissions there. A nasty comment in our
own subreddit can be removed whoever wrote it; a nasty answer to us elsewhere can be reported at most.
"""

from dataclasses import replace

from console.api import Capabilities, ItemKind, ItemState, Manifest, Target, Verb
from console.api.orders import capabilities_of
from plugins.reddit.mapping import MESSAGE, kind_of, read_note
from plugins.reddit.rights import Rights

NOT_HERE = "Not here: only in our own subreddit."
A_MESSAGE = "Not for a private message."
OUR_OWN = "This is our own."
NOT_OURS = "Not ours: on Reddit a moderator can hide another's words, and never delete them."
GONE = "It is no longer at Reddit."
HIDDEN_ALREADY = "Hidden already."
NOT_HIDDEN = "Not hidden."
HELD_BACK = "It is held back, and not hidden: publish it."
NOT_HELD = "Not held back."
NO_AUTHOR = "Its author's name is gone, and Reddit bans and mutes by name."
NO_NAME = "The network did not say enough about this item."
NO_RIGHT = "The account lacks the permission “{}” in our subreddit."
HELD_HIDE = "Removes what is held back. To show it later means to publish it for the first time."
MESSAGE_REPLY = "Private: only its author reads it. Reddit does not let us look afterwards."

_HERE_ONLY = {
    Verb.HIDE: "posts",
    Verb.UNHIDE: "posts",
    Verb.PUBLISH: "posts",
    Verb.BLOCK: "access",
    Verb.UNBLOCK: "access",
    Verb.MUTE: "mail",
    Verb.UNMUTE: "mail",
}
"""Verbs of moderators, and the permission that each needs."""
ABOUT_THE_AUTHOR = frozenset({Verb.BLOCK, Verb.UNBLOCK, Verb.MUTE, Verb.UNMUTE})
_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})


def capabilities(target: Target, manifest: Manifest, rights: Rights) -> Capabilities:
    """Every verb of the manifest for one item."""
    found = dict(capabilities_of(manifest, lambda verb: reason_against(verb, target, rights)))
    if target.state is ItemState.HELD and found[Verb.HIDE].can:
        found[Verb.HIDE] = replace(found[Verb.HIDE], words=HELD_HIDE, reversible=False)
    if target.kind is ItemKind.MESSAGE and found[Verb.REPLY].can:
        found[Verb.REPLY] = replace(found[Verb.REPLY], words=MESSAGE_REPLY, verifiable=False)
    return found


def reason_against(verb: Verb, target: Target, rights: Rights) -> str:
    """Why a verb cannot be done, in words; empty when it can."""
    kind = kind_of(target.remote_id)
    if not kind:
        return NO_NAME
    if verb in _HERE_ONLY:
        return _against_moderating(verb, target, rights)
    if target.state in _NOT_THERE:
        return GONE
    if verb is Verb.DELETE:
        return A_MESSAGE if kind == MESSAGE else "" if target.is_ours else NOT_OURS
    if verb in {Verb.LIKE, Verb.REPORT}:
        return OUR_OWN if target.is_ours else A_MESSAGE if kind == MESSAGE and verb is Verb.LIKE else ""
    return ""


def _against_moderating(verb: Verb, target: Target, rights: Rights) -> str:
    note = read_note(target.note)
    if not note.here:
        return A_MESSAGE if kind_of(target.remote_id) == MESSAGE else NOT_HERE
    if not rights.may(_HERE_ONLY[verb]):
        return NO_RIGHT.format(_HERE_ONLY[verb])
    if verb in ABOUT_THE_AUTHOR:
        return OUR_OWN if target.is_ours else "" if note.author else NO_AUTHOR
    if target.state in _NOT_THERE:
        return GONE
    return _against_in_state(verb, target.state)


def _against_in_state(verb: Verb, state: ItemState) -> str:
    if verb is Verb.HIDE:
        return HIDDEN_ALREADY if state is ItemState.HIDDEN else ""
    if verb is Verb.UNHIDE:
        return {ItemState.VISIBLE: NOT_HIDDEN, ItemState.HELD: HELD_BACK}.get(state, "")
    return {ItemState.VISIBLE: NOT_HELD, ItemState.HIDDEN: NOT_HELD}.get(state, "")
