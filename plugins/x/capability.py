"""What can be done to one item on X, and why not; pure, and known without asking anybody.

What a newcomer would get wrong: whether a reply can be hidden depends on who began the conversation, and
whether it can be answered on whether its author named us. Neither follows from the kind of the item; the
connector found both out when it read it, and wrote them into the item's note.
"""

from collections.abc import Callable

from console.api import Capabilities, ItemKind, ItemState, Manifest, Target, Verb
from console.api.orders import capabilities_of
from plugins.x.mapping import read_note
from plugins.x.session import BLOCKS

ANSWERS = "replies_below_our_posts"
OUR_OWN = "This is our own post."
NOT_OURS = "Not ours: X lets nobody delete another's post."
GONE = "It is no longer at X."
HIDDEN_ALREADY = "Hidden already, by Cordon's own record."
NOT_HIDDEN = "Not hidden, by Cordon's own record."
NOT_OUR_CONVERSATION = "Not here: X hides replies only in conversations that this account began."
A_QUOTE = "A quote stands on its author's own page; X hides replies only."
A_MENTION = "A mention stands in its author's own conversation; X hides replies in ours only."
A_MESSAGE = "A private message: there is nothing in public to act on."
A_FOUND = "Said elsewhere and not to us: X hides replies in our conversations only."
NO_ANSWER_TO_MESSAGES = "Cordon reads private messages of X and does not answer them."
NOT_SUMMONED = (
    "X lets programs answer only those who name or quote the account in their own words, and this author "
    "did not."
)
PERHAPS_SUMMONED = (
    "Its author did not name the account themselves. Whether X lets programs answer a reply below our own "
    "post is not documented: turn on “replies_below_our_posts” for this account to try."
)
BLOCKS_OFF = (
    "X lets programs block for Enterprise plans only: turn on “enterprise_blocks” for this account if the "
    "force has one. Mute instead."
)
NO_NUMBER = "The network did not say enough about this item."

_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})
_NO_HIDING = {ItemKind.QUOTE: A_QUOTE, ItemKind.MENTION: A_MENTION, ItemKind.FOUND: A_FOUND}
_ABOUT_THE_AUTHOR = frozenset({Verb.MUTE, Verb.UNMUTE, Verb.BLOCK, Verb.UNBLOCK})
_BLOCKING = frozenset({Verb.BLOCK, Verb.UNBLOCK})


def capabilities(target: Target, manifest: Manifest, is_on: Callable[[str], bool]) -> Capabilities:
    """Every verb of the manifest for one item; `is_on` tells which switches a person has turned on."""
    return capabilities_of(manifest, lambda verb: reason_against(verb, target, is_on))


def reason_against(verb: Verb, target: Target, is_on: Callable[[str], bool]) -> str:
    """Why a verb cannot be done to an item, in words; empty when it can."""
    if verb in _ABOUT_THE_AUTHOR:
        return _against_the_author(verb, target, is_on)
    if target.kind is ItemKind.MESSAGE:
        return NO_ANSWER_TO_MESSAGES if verb is Verb.REPLY else A_MESSAGE
    if target.state in _NOT_THERE:
        return GONE
    if verb is Verb.DELETE:
        return "" if target.is_ours else NOT_OURS
    if verb is Verb.REPLY:
        return _against_an_answer(target, is_on)
    if verb in {Verb.HIDE, Verb.UNHIDE}:
        return _against_hiding(verb, target)
    return "X has nothing of this kind."


def _against_the_author(verb: Verb, target: Target, is_on: Callable[[str], bool]) -> str:
    if target.is_ours:
        return OUR_OWN
    if verb in _BLOCKING and not is_on(BLOCKS):
        return BLOCKS_OFF
    return "" if target.author_id.isdecimal() else NO_NUMBER


def _against_hiding(verb: Verb, target: Target) -> str:
    if target.is_ours:
        return OUR_OWN
    if not read_note(target.note).is_below_us:
        return _NO_HIDING.get(target.kind, NOT_OUR_CONVERSATION)
    if verb is Verb.HIDE:
        return HIDDEN_ALREADY if target.state is ItemState.HIDDEN else ""
    return NOT_HIDDEN if target.state is ItemState.VISIBLE else ""


def _against_an_answer(target: Target, is_on: Callable[[str], bool]) -> str:
    note = read_note(target.note)
    if target.is_ours or note.is_summoned:
        return "" if note.me else NO_NUMBER
    if not note.is_below_us:
        return NOT_SUMMONED
    return "" if is_on(ANSWERS) else PERHAPS_SUMMONED
