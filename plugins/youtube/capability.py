"""What can be done to one item at YouTube, and why not; pure, and known without asking anybody.

What a newcomer would get wrong: comments and live chat share words and nothing else. A comment can be hidden
and shown again but its author's ban cannot be lifted; a message of a chat can only be deleted, and there a
ban can be lifted.
"""

from dataclasses import replace

from console.api import Capabilities, Capability, ItemState, Manifest, Target, Verb
from console.api.orders import capabilities_of
from plugins.youtube.mapping import read_note

NOT_KNOWN = "Cordon does not know enough about this item: it did not come from this channel."
GONE = "It is no longer at YouTube."
OUR_OWN = "This is the channel's own comment: it can be deleted."
OURSELVES = "This is the channel itself."
NO_HIDING = "A live chat has no hiding: a message can only be deleted."
IN_QUEUE = "Nobody sees it now: it is in YouTube's queue already."
IS_PUBLIC = "It is public already."
NO_REPLY = "YouTube does not let this channel reply in this thread."
NOT_PUBLIC = "It is not public, so nobody can reply to it."
STUDIO_ONLY = "Only YouTube Studio can lift a ban from the channel's comments."
CHAT_ONLY = "Only in a live chat: YouTube has no time-out for comments."

DELETE_OWN = "Ours. Deleted for good, and its replies with it."
DELETE_MESSAGE = "Removes the message from the chat for everybody. There is no way back."
REPLY_IN_CHAT = "Said in the live chat for everybody, under the channel's own name."
BAN_COMMENT = (
    "No way back: removes this comment for good and bans its author. Only YouTube Studio can lift the ban."
    " Cordon cannot see the ban; that it stands is its own record."
)
BAN_CHAT = (
    "Reversible. The author cannot write in this channel's live chats. Cordon cannot see the ban itself."
)

SHOWS = frozenset({Verb.UNHIDE, Verb.PUBLISH})
HIDES = frozenset({Verb.HIDE, Verb.HOLD})
_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})
_HIDDEN = frozenset({ItemState.HIDDEN, ItemState.HELD})


def capabilities(target: Target, manifest: Manifest) -> Capabilities:
    """Every verb of the manifest for one item."""
    return capabilities_of(
        manifest,
        lambda verb: reason_against(verb, target) or _reason_now(verb, target),
        lambda verb, capability: _on_this_item(verb, target, capability),
    )


def reason_against(verb: Verb, target: Target) -> str:
    """Why a verb can never be done to this item, in words; empty when it can."""
    note = read_note(target.note)
    if note.chat:
        return _never_in_chat(verb, target)
    if not note.top:
        return NOT_KNOWN
    match verb:
        case Verb.HIDE | Verb.HOLD | Verb.UNHIDE | Verb.PUBLISH:
            return OUR_OWN if target.is_ours else ""
        case Verb.BLOCK:
            return OURSELVES if target.is_ours else ""
        case Verb.UNBLOCK:
            return STUDIO_ONLY
        case Verb.RESTRICT:
            return CHAT_ONLY
        case Verb.REPLY:
            return "" if note.can_reply else NO_REPLY
    return ""


def _never_in_chat(verb: Verb, target: Target) -> str:
    if verb in HIDES | SHOWS:
        return NO_HIDING
    is_about_author = verb in {Verb.BLOCK, Verb.UNBLOCK, Verb.RESTRICT}
    return OURSELVES if is_about_author and target.is_ours else ""


def _reason_now(verb: Verb, target: Target) -> str:
    """Why a verb cannot be done in the item's present state."""
    note = read_note(target.note)
    if note.chat:
        # An author can be banned for a message that is gone, and the chat answered to.
        return GONE if verb is Verb.DELETE and target.state in _NOT_THERE else ""
    if target.state in _NOT_THERE:
        return GONE
    if verb in HIDES and target.state in _HIDDEN:
        return IN_QUEUE
    if verb in SHOWS and target.state is ItemState.VISIBLE:
        return IS_PUBLIC
    return NOT_PUBLIC if verb is Verb.REPLY and target.state in _HIDDEN else ""


def _on_this_item(verb: Verb, target: Target, general: Capability) -> Capability:
    """What the verb means here, where that differs from what the manifest says of all items."""
    is_chat = bool(read_note(target.note).chat)
    match verb:
        case Verb.DELETE if is_chat:
            return replace(general, words=DELETE_MESSAGE)
        case Verb.DELETE if target.is_ours:
            return replace(general, words=DELETE_OWN)
        case Verb.REPLY if is_chat:
            return replace(general, words=REPLY_IN_CHAT)
        case Verb.BLOCK if is_chat:
            return replace(general, words=BAN_CHAT, reversible=True)
        case Verb.BLOCK:
            return replace(general, words=BAN_COMMENT)
    return general
