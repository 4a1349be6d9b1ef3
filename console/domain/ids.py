"""One type for each kind of identity, so that they cannot be mixed up.

Identities are small integers inside the program (they are row numbers of the local cache, never used
twice) and short texts outside it: `i123` an item, `a45` an act, `b3` a bulk act, `e12` an evidence
record, `t7` a topic. An account's text key is readable (`bluesky:force.example`) and is stored, not derived.
"""

import re
from typing import NewType

from console.domain.errors import UsageError

ItemId = NewType("ItemId", int)
AccountId = NewType("AccountId", int)
ActId = NewType("ActId", int)
BulkId = NewType("BulkId", int)
EvidenceId = NewType("EvidenceId", int)
TopicId = NewType("TopicId", int)
RemoteId = NewType("RemoteId", str)
"""An identity given by a network; its text means nothing to us."""

_KEY = re.compile(r"([iabet])([1-9][0-9]{0,17})")


def item_key(item_id: ItemId) -> str:
    """The text by which people and scripts name an item."""
    return f"i{item_id}"


def act_key(act_id: ActId) -> str:
    """The text by which people and scripts name an act."""
    return f"a{act_id}"


def bulk_key(bulk_id: BulkId) -> str:
    """The text by which people and scripts name a bulk act."""
    return f"b{bulk_id}"


def evidence_key(evidence_id: EvidenceId) -> str:
    """The text by which people and scripts name an evidence record."""
    return f"e{evidence_id}"


def _number(key: str, letter: str, kind: str) -> int:
    found = _KEY.fullmatch(key.strip())
    if found is None or found[1] != letter:
        raise UsageError(f"“{key}” is not the key of {kind}; such keys look like {letter}123.")
    return int(found[2])


def parse_item_key(key: str) -> ItemId:
    """The item that a text names. Raises UsageError when it names none."""
    return ItemId(_number(key, "i", "an item"))


def parse_act_key(key: str) -> ActId:
    """The act that a text names. Raises UsageError when it names none."""
    return ActId(_number(key, "a", "an act"))


def parse_bulk_key(key: str) -> BulkId:
    """The bulk act that a text names. Raises UsageError when it names none."""
    return BulkId(_number(key, "b", "a bulk act"))


def parse_evidence_key(key: str) -> EvidenceId:
    """The evidence record that a text names. Raises UsageError when it names none."""
    return EvidenceId(_number(key, "e", "an evidence record"))


def topic_key(topic_id: TopicId) -> str:
    """The text by which people and scripts name a topic."""
    return f"t{topic_id}"


def parse_topic_key(key: str) -> TopicId:
    """The topic that a text names. Raises UsageError when it names none."""
    return TopicId(_number(key, "t", "a topic"))


def account_key(network: str, handle: str) -> str:
    """A readable key without spaces for an account, such as `bluesky:force.example`.

    The caller makes it unique in its profile.
    """
    plain = re.sub(r"[^a-z0-9._-]+", "-", handle.casefold().lstrip("@")).strip("-")
    return f"{network}:{plain or 'account'}"
