"""What can be done to one item on Threads, and why not; pure, and known without asking anybody.

What a newcomer would get wrong: only the replies that answer our post itself can be hidden. Those below them
go with the one above, and cannot be named alone.
Source: https://developers.facebook.com/docs/threads/reply-management.
"""

from collections.abc import Callable

from console.api import Capabilities, ItemKind, ItemState, Manifest, NotAllowed, Target, Verb
from console.api.orders import capabilities_of
from plugins.threads.mapping import IGNORED, WITHHELD, read_note

GONE = "It is no longer at Threads."
OUR_OWN = "This is our own: delete it instead."
NOT_OURS = "Not ours: Threads lets nobody delete another's post."
A_MENTION = "A mention stands in its author's own thread; it cannot be hidden from here."
A_QUOTE = "A quote stands in its author's own thread; it cannot be hidden from here."
NOT_OUR_THREAD = "Not here: only replies to this account's own posts."
NESTED = "A reply to a reply follows the one above it: hide that one, and this goes with it."
HIDDEN_ALREADY = "Hidden already."
NOT_HIDDEN = "Not hidden."
HELD = "It is held and nobody sees it: approve it, or set it aside."
NOT_HELD = "Not held: only posts that were made with reply approvals hold replies."
ASIDE_ALREADY = "Set aside already."
WITHHELD_BY_THREADS = (
    "Threads or a person in its app keeps this out of sight ({0}); only the app undoes that."
)
NO_REPLIES_RIGHT = "The permission threads_manage_replies is missing: sign in again and allow it."
NO_DELETE_RIGHT = "The permission threads_delete is missing: sign in again and allow it."
NO_PUBLISH_RIGHT = "The permission threads_content_publish is missing: sign in again and allow it."
NOT_BELOW_OURS = (
    "Threads takes answers elsewhere only with the permission threads_manage_mentions or"
    " threads_keyword_search: sign in again and allow one."
)

Has = Callable[..., bool]
"""Whether one of the named permissions is there."""
_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})


def capabilities(target: Target, manifest: Manifest, has: Has) -> Capabilities:
    """Every verb of the manifest for one item."""
    return capabilities_of(manifest, lambda verb: reason_against(verb, target, has))


def refuse(verb: Verb, target: Target, has: Has) -> None:
    """Raises NotAllowed, in words, when a verb cannot be done to an item."""
    why = reason_against(verb, target, has)
    if why:
        raise NotAllowed(why)


def reason_against(verb: Verb, target: Target, has: Has) -> str:
    """Why a verb cannot be done, in words; empty when it can."""
    if target.state in _NOT_THERE:
        return GONE
    if verb is Verb.DELETE:
        return _against_deleting(target, has)
    if verb is Verb.REPLY:
        return _against_replying(target, has)
    if verb in {Verb.HIDE, Verb.UNHIDE}:
        return _against_hiding(verb, target, has)
    if verb in {Verb.HOLD, Verb.PUBLISH}:
        return _against_deciding(verb, target, has)
    return "Threads has nothing of this kind."


def _against_deleting(target: Target, has: Has) -> str:
    if not target.is_ours:
        return NOT_OURS
    return "" if has("threads_delete") else NO_DELETE_RIGHT


def _against_replying(target: Target, has: Has) -> str:
    if target.state is ItemState.HELD:
        return HELD
    if not has("threads_content_publish"):
        return NO_PUBLISH_RIGHT
    if read_note(target.note).is_below_ours or target.is_ours:
        return "" if has("threads_manage_replies") else NO_REPLIES_RIGHT
    return "" if has("threads_manage_mentions", "threads_keyword_search") else NOT_BELOW_OURS


def _against_hiding(verb: Verb, target: Target, has: Has) -> str:
    note = read_note(target.note)
    if not note.is_below_ours or target.thread in {None, target.remote_id}:
        return {ItemKind.QUOTE: A_QUOTE, ItemKind.MENTION: A_MENTION}.get(target.kind, NOT_OUR_THREAD)
    if target.is_ours:
        return OUR_OWN
    if target.parent != target.thread:
        return NESTED
    if target.state is ItemState.HELD:
        return HELD
    if not has("threads_manage_replies"):
        return NO_REPLIES_RIGHT
    if verb is Verb.HIDE:
        return HIDDEN_ALREADY if target.state is ItemState.HIDDEN else ""
    if note.status in WITHHELD:
        return WITHHELD_BY_THREADS.format(note.status.lower())
    return NOT_HIDDEN if target.state is ItemState.VISIBLE else ""


def _against_deciding(verb: Verb, target: Target, has: Has) -> str:
    if target.state is not ItemState.HELD:
        return NOT_HELD
    if not has("threads_manage_replies"):
        return NO_REPLIES_RIGHT
    if verb is Verb.HOLD and read_note(target.note).approval == IGNORED:
        return ASIDE_ALREADY
    return ""
