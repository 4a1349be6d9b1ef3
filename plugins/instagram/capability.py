"""What can be done to one item on Instagram, and why not; pure, and known without asking anybody.

What a newcomer would get wrong: hiding comes after answering. A hidden comment cannot be answered in public,
and what Instagram's own filters have hidden is hidden like any other.
Sources: https://developers.facebook.com/docs/instagram-api/guides/comment-moderation, and the references "IG
Comment" and "IG Comment Replies".
"""

from collections.abc import Callable

from console.api import Capabilities, ItemKind, ItemState, Manifest, NotAllowed, Target, Verb
from console.api.orders import capabilities_of
from console.api.web import DAY_MS
from plugins.instagram.mapping import Note, read_note
from plugins.instagram.session import COMMENTS, MESSAGES

ANSWERABLE_MS = DAY_MS
"""How long after it came a private message may be answered."""
PRIVATE_REPLY_MS = 7 * DAY_MS

GONE = "It is no longer at Instagram."
A_POST = "This is our own post: use Instagram itself to change it."
OUR_OWN = "This is our own. Instagram shows it even when it is hidden: delete it instead."
OURS_ALREADY = "This is our own."
A_TAG = "A post that tags the account stands at its author's; it can only be answered from here."
A_MESSAGE = "A private message: nobody else sees it, and it cannot be hidden or deleted from here."
NOT_BELOW_OURS = "Not here: only comments below this account's own posts."
HIDDEN_ALREADY = "Hidden already."
NOT_HIDDEN = "Not hidden."
HIDDEN_FIRST = "Instagram takes no public answer to a hidden comment: show it first, or answer in private."
LIVE = "Instagram takes no public answers to comments on live video."
TOO_LATE = "Instagram takes answers to a private message for 24 hours only."
TOO_LATE_PRIVATE = "Instagram takes a private answer to a comment for 7 days only."
ONLY_COMMENTS = "Only comments below this account's own posts can be answered in private."
NOBODY = "The network did not say who wrote this."
NO_COMMENTS_RIGHT = f"The permission {COMMENTS} is missing: sign in again and leave it on."
NO_MESSAGES_RIGHT = f"The permission {MESSAGES} is missing: sign in again and leave it on."

Has = Callable[[str], bool]
"""Whether a permission is there."""
_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})


def capabilities(target: Target, manifest: Manifest, has: Has, now: int) -> Capabilities:
    """Every verb of the manifest for one item; `now` in milliseconds since 1970."""
    return capabilities_of(manifest, lambda verb: reason_against(verb, target, has, now))


def refuse(verb: Verb, target: Target, has: Has, now: int) -> None:
    """Raises NotAllowed, in words, when a verb cannot be done to an item."""
    why = reason_against(verb, target, has, now)
    if why:
        raise NotAllowed(why)


def reason_against(verb: Verb, target: Target, has: Has, now: int) -> str:
    """Why a verb cannot be done, in words; empty when it can."""
    if target.state in _NOT_THERE:
        return GONE
    note = read_note(target.note)
    if verb is Verb.PRIVATE_REPLY:
        return _against_private(target, note, has, now)
    if target.kind is ItemKind.MESSAGE:
        return _against_message(verb, target, note, has, now)
    if not note.is_below_ours:
        return _against_elsewhere(verb, target, has)
    return _against_comment(verb, target, note) if has(COMMENTS) else NO_COMMENTS_RIGHT


def _against_comment(verb: Verb, target: Target, note: Note) -> str:
    is_hidden = target.state is ItemState.HIDDEN
    if verb is Verb.HIDE:
        return OUR_OWN if target.is_ours else HIDDEN_ALREADY if is_hidden else ""
    if verb is Verb.UNHIDE:
        return NOT_HIDDEN if target.state is ItemState.VISIBLE else ""
    if verb is Verb.REPLY:
        return LIVE if note.is_live else HIDDEN_FIRST if is_hidden else ""
    return "" if verb is Verb.DELETE else "Instagram has nothing of this kind."


def _against_private(target: Target, note: Note, has: Has, now: int) -> str:
    if not note.is_below_ours:
        return ONLY_COMMENTS
    if target.is_ours:
        return OURS_ALREADY
    if not has(MESSAGES):
        return NO_MESSAGES_RIGHT
    return TOO_LATE_PRIVATE if now - note.at > PRIVATE_REPLY_MS else ""


def _against_message(verb: Verb, target: Target, note: Note, has: Has, now: int) -> str:
    if verb is not Verb.REPLY:
        return A_MESSAGE
    if target.is_ours:
        return OURS_ALREADY
    if not note.writer:
        return NOBODY
    if not has(MESSAGES):
        return NO_MESSAGES_RIGHT
    return TOO_LATE if now - note.at > ANSWERABLE_MS else ""


def _against_elsewhere(verb: Verb, target: Target, has: Has) -> str:
    if not target.is_ours and target.kind is not ItemKind.MENTION:
        return NOT_BELOW_OURS
    if verb is not Verb.REPLY:
        return A_POST if target.is_ours else A_TAG
    return "" if has(COMMENTS) else NO_COMMENTS_RIGHT
