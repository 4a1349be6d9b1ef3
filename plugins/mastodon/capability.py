"""What can be done to one item on Mastodon, and why not; pure, and known without asking anybody.

What a newcomer would get wrong: an ordinary account can do nothing to somebody else's post. It can turn away
from its author, answer, and report. Even the server's own staff have no interface for taking one post down;
what they have is to limit its author.
"""

from dataclasses import replace

from console.api import Capabilities, ItemKind, ItemState, Manifest, Target, Verb
from console.api.orders import capabilities_of
from plugins.mastodon.mapping import read_note
from plugins.mastodon.session import Rights

OUR_OWN = "This is our own post."
NOT_OURS = "Not ours: Mastodon lets nobody delete another's post. Block or mute the author, or report it."
GONE = "It is no longer at Mastodon."
NO_ADDRESS = "The network did not say enough about this item."
NOT_STAFF = "Only the server's staff can: it is off until a person turns it on and the server agrees."
NO_RIGHT = "The sign-in lacks the right to do this: sign in again, and say yes to all of it."
PRIVATE_ANSWER = "Only those see it who can see the post that is answered."

_NEEDS = {
    Verb.REPLY: "write:statuses",
    Verb.DELETE: "write:statuses",
    Verb.LIKE: "write:favourites",
    Verb.BLOCK: "write:blocks",
    Verb.UNBLOCK: "write:blocks",
    Verb.MUTE: "write:mutes",
    Verb.UNMUTE: "write:mutes",
    Verb.REPORT: "write:reports",
    Verb.RESTRICT: "admin:write:accounts",
}
ABOUT_THE_AUTHOR = frozenset({Verb.BLOCK, Verb.UNBLOCK, Verb.MUTE, Verb.UNMUTE, Verb.RESTRICT})
_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})


def capabilities(target: Target, manifest: Manifest, rights: Rights) -> Capabilities:
    """Every verb of the manifest for one item; `rights` are what is known of them."""
    found = capabilities_of(manifest, lambda verb: reason_against(verb, target, rights))
    reply = found[Verb.REPLY]
    if target.kind is ItemKind.MESSAGE and reply.can:
        return {**found, Verb.REPLY: replace(reply, words=PRIVATE_ANSWER)}
    return found


def reason_against(verb: Verb, target: Target, rights: Rights) -> str:
    """Why a verb cannot be done, in words; empty when it can."""
    if verb is Verb.RESTRICT and not rights.is_staff:
        return NOT_STAFF
    if rights.lacks(_NEEDS[verb]):
        return NO_RIGHT
    if verb in ABOUT_THE_AUTHOR:
        return OUR_OWN if target.is_ours else ""
    if target.state in _NOT_THERE:
        return GONE
    if verb is Verb.DELETE:
        return "" if target.is_ours else NOT_OURS
    if verb is Verb.REPLY:
        return "" if read_note(target.note).acct else NO_ADDRESS
    return OUR_OWN if verb is Verb.REPORT and target.is_ours else ""
