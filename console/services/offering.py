"""What can be done to an item, as its connector says, with leaving it up, which needs no network.

What a newcomer would get wrong: this is what the network allows. Whether it makes sense now (already
hidden, gone, for reading only) is judged by `planning.judge`.
"""

import logging

from console.api import LEAVE_UP, Capabilities, Capability, Target, Verb
from console.domain.ids import AccountId
from console.domain.items import Item
from console.services.lines import target_of
from console.services.supervise import Supervisor

_log = logging.getLogger(__name__)


REMOVED = "Its account was removed."
_NO_JUDGE = "%s: its connector cannot judge an item."
NO_CONNECTOR = "The connector of its account cannot be used."


def capabilities(supervisor: Supervisor, item: Item) -> Capabilities:
    """What an item's connector offers, and leaving it up, which needs none."""
    return offered(supervisor, item.account_id, target_of(item))


def offer(supervisor: Supervisor, account_id: AccountId, target: Target, verb: Verb) -> Capability | None:
    """What the connector of an account says about one verb on an item; None when there is no such verb."""
    running = supervisor.get(account_id)
    if verb is Verb.LEAVE_UP or running is None or running.manifest is None or running.connector is None:
        return offered(supervisor, account_id, target).get(verb)
    try:
        return running.connector.can(target).get(verb)
    except Exception as fault:  # noqa: BLE001 - third parties' code; nothing is offered that it cannot judge
        _log.error(_NO_JUDGE, running.account.key, exc_info=fault)
        return None


def offered(supervisor: Supervisor, account_id: AccountId, target: Target) -> Capabilities:
    """What the connector of an account offers for an item there, and leaving it up, which needs none."""
    running = supervisor.get(account_id)
    found: dict[Verb, Capability] = {Verb.LEAVE_UP: LEAVE_UP}
    if running is None or running.manifest is None:
        return found
    if running.connector is None:
        words = running.complaint or NO_CONNECTOR
        return found | {verb: Capability(can=False, words=words) for verb in running.manifest.verbs}
    try:
        return found | dict(running.connector.can(target))
    except Exception as fault:  # noqa: BLE001 - third parties' code; nothing is offered that it cannot judge
        _log.error(_NO_JUDGE, running.account.key, exc_info=fault)
        return found
