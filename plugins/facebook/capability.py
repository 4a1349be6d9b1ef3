"""What can be done to one item on a Page, and why not; pure, and known without asking anybody.

What a newcomer would get wrong: the network says of each comment what may be done to it, and only of comments
that it listed. Where it said nothing (comments heard live), the answer is yes: a refusal comes in words.
"""

from console.api import Capabilities, Capability, ItemState, Manifest, Target, Verb
from plugins.facebook.mapping import Note, is_known, read_note
from plugins.facebook.rights import ACTS, MESSAGES, READS_PEOPLE, WHAT_IS_LOST, Rights

UNKNOWN = "The network did not say enough about this item."
OUR_OWN = "This is our own."
GONE = "It is no longer at Facebook."
HIDDEN_ALREADY = "Hidden already."
NOT_HIDDEN = "Not hidden."
A_MESSAGE = "A private message is seen by nobody else, so there is nothing to hide or delete."
A_REVIEW = "Facebook lets no program do that to a review: use the Page itself."
ELSEWHERE = "It stands on somebody else's page; Facebook lets us change nothing there."
OUR_POST = "This is our own post: Cordon does not take down what the force published."
NOBODY = "Facebook does not say who wrote this, so nobody can be banned for it."
FACEBOOK_SAYS_NO = "Facebook says that this cannot be done to this very comment."
NOT_PRIVATELY = (
    "Facebook allows no private reply here: it was answered privately before, is older than 7 days, or its"
    " author takes none."
)
NOBODY_TO_ANSWER = "Facebook does not say who wrote this, so there is nobody to answer."
ONLY_COMMENTS = "Private replies go to comments only."
BLOCKS_MESSAGES = (
    "Reversible. Stops this person's private messages only; Facebook does not show it afterwards."
)
UNBLOCKS_MESSAGES = "Lets this person write private messages again; Facebook does not show it afterwards."
ANSWERS_MESSAGE = "A private message to this person, as the Page; within 24 hours of theirs."

_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})
_ABOUT_THE_AUTHOR = frozenset({Verb.BLOCK, Verb.UNBLOCK})
_ON_THE_PAGE = frozenset({"comment", "visitor"})
_MESSAGE_WORDS = {
    Verb.BLOCK: BLOCKS_MESSAGES,
    Verb.UNBLOCK: UNBLOCKS_MESSAGES,
    Verb.REPLY: ANSWERS_MESSAGE,
}


def capabilities(target: Target, manifest: Manifest, rights: Rights) -> Capabilities:
    """Every verb of the manifest for one item."""
    note = read_note(target.note)
    found: dict[Verb, Capability] = {}
    for verb, facts in manifest.verbs.items():
        reason = _reason_against(verb, target, note, rights)
        is_unseen = note.sort == "message" and verb in _ABOUT_THE_AUTHOR
        if reason:
            found[verb] = Capability(can=False, words=reason, verifiable=facts.verifiable)
            continue
        words = _MESSAGE_WORDS.get(verb, facts.words) if note.sort == "message" else facts.words
        found[verb] = Capability(
            can=True,
            words=words,
            reversible=facts.reversible,
            verifiable=facts.verifiable and not is_unseen,
        )
    return found


def reason_against(verb: Verb, target: Target) -> str:
    """Why a verb makes no sense for an item, whatever our rights and its flags; empty when it does."""
    return _by_sort(verb, target, read_note(target.note))


def _reason_against(verb: Verb, target: Target, note: Note, rights: Rights) -> str:
    """Why a verb cannot be done, in words; empty when it can."""
    reason = _by_sort(verb, target, note)
    if reason:
        return reason
    right = MESSAGES if verb is Verb.PRIVATE_REPLY or note.sort == "message" else ACTS
    if verb is Verb.DELETE and not target.is_ours:
        right = READS_PEOPLE  # Meta counts deleting what visitors wrote to the right of reading it
    # Which right a ban takes is not known, so none is asked for: Facebook says it if one is missing.
    is_ban = verb in _ABOUT_THE_AUTHOR and note.sort != "message"
    if not is_ban and rights.lacks(right):
        return f"The right {right} is missing: {WHAT_IS_LOST[right]}."
    if verb in _ABOUT_THE_AUTHOR:
        return ""
    if target.state in _NOT_THERE:
        return GONE
    if verb is Verb.HIDE and target.state is ItemState.HIDDEN:
        return HIDDEN_ALREADY
    if verb is Verb.UNHIDE and target.state is ItemState.VISIBLE:
        return NOT_HIDDEN
    return _by_flags(verb, note)


def _by_sort(verb: Verb, target: Target, note: Note) -> str:
    """What the sort of an item rules out."""
    if verb in _ABOUT_THE_AUTHOR:
        no_author = OUR_OWN if target.is_ours else "" if is_known(target.author_id) else NOBODY
        return no_author if note.sort else UNKNOWN
    if note.sort == "message":
        return _by_message(verb, target)
    if note.sort in _ON_THE_PAGE:
        return _on_the_page(verb, target, note)
    if note.sort == "post":
        return "" if verb is Verb.REPLY else OUR_POST
    return {"review": A_REVIEW, "tagged": ELSEWHERE}.get(note.sort, UNKNOWN)


def _by_message(verb: Verb, target: Target) -> str:
    if verb is not Verb.REPLY:
        return A_MESSAGE
    return OUR_OWN if target.is_ours else "" if is_known(target.author_id) else NOBODY_TO_ANSWER


def _on_the_page(verb: Verb, target: Target, note: Note) -> str:
    if target.is_ours and verb in {Verb.HIDE, Verb.PRIVATE_REPLY}:
        return OUR_OWN
    return ONLY_COMMENTS if verb is Verb.PRIVATE_REPLY and note.sort != "comment" else ""


def _by_flags(verb: Verb, note: Note) -> str:
    """What the network said of this very comment. Only a plain no is one; silence is not."""
    flag = {
        Verb.HIDE: note.can_hide,
        Verb.UNHIDE: note.can_hide,
        Verb.DELETE: note.can_remove,
        Verb.REPLY: note.can_comment,
        Verb.LIKE: note.can_like,
        Verb.PRIVATE_REPLY: note.can_reply_privately,
    }.get(verb)
    if flag is not False:
        return ""
    return NOT_PRIVATELY if verb is Verb.PRIVATE_REPLY else FACEBOOK_SAYS_NO
