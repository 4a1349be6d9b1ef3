"""What can be done to one item on LinkedIn, and why not; pure, and known without asking anybody.

What a newcomer would get wrong: LinkedIn has no hide. Below our own post a member's comment can only be
answered, or deleted by a person in LinkedIn itself, until somebody has proved that its interface does it too.
"""

from dataclasses import replace

from console.api import Capabilities, ItemState, Manifest, Target, Verb
from console.api.orders import capabilities_of
from plugins.linkedin.mapping import read_note

NOT_KNOWN = "LinkedIn did not say enough about this item."
GONE = "It is no longer at LinkedIn."
NOT_OURS = (
    "Not ours: that LinkedIn's interface lets a page delete members' comments is unproven. Delete it in "
    "LinkedIn itself, or turn on the switch “delete-others” for this account."
)
ELSEWHERE = "It stands below somebody else's post; it cannot be deleted from here."
A_POST = "This is a post; Cordon deletes comments only."
OUR_OWN = "This is our own."
OTHERS = "Unproven: LinkedIn may refuse it. There is no way back."

_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})


def capabilities(target: Target, manifest: Manifest, *, may_delete_others: bool) -> Capabilities:
    """Every verb of the manifest for one item."""

    def against(verb: Verb) -> str:
        return reason_against(verb, target, may_delete_others=may_delete_others)

    found = dict(capabilities_of(manifest, against))
    if found[Verb.DELETE].can and not target.is_ours:
        found[Verb.DELETE] = replace(found[Verb.DELETE], words=OTHERS)
    return found


def reason_against(verb: Verb, target: Target, *, may_delete_others: bool) -> str:
    """Why a verb cannot be done, in words; empty when it can."""
    note = read_note(target.note)
    if not note.post:
        return NOT_KNOWN
    if target.state in _NOT_THERE:
        return GONE
    if verb is Verb.LIKE:
        return OUR_OWN if target.is_ours else ""
    if verb is not Verb.DELETE:
        return ""
    if not note.urn:
        return A_POST
    if target.is_ours:
        return ""
    if not note.is_own_post:
        return ELSEWHERE
    return "" if may_delete_others else NOT_OURS
