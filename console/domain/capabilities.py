"""What can be done to this very item, why not, and how often.

Capability is per item: the same verb can be possible in our own thread and impossible elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from console.domain.acts import Verb

Per = Literal["account", "token", "app"]
"""What a network counts a ceiling by."""


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether one verb can be done to one item."""

    can: bool
    words: str
    """When it can: the fact worth knowing before the key is pressed ("Reversible. Author still sees
    it."). When it cannot: the reason ("Not here: only in our threads.")."""
    reversible: bool = False
    verifiable: bool = True
    """Whether the network lets us look afterwards. False: the act ends as `unverifiable`."""


Capabilities = Mapping[Verb, Capability]
"""Every verb that the network knows at all; a verb that is missing does not exist there."""

LEAVE_UP = Capability(can=True, words="A decision, and recorded as one.", reversible=True)
"""Leaving an item up sends nothing, so it is possible everywhere."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How many points of acts a network allows in a period.

    `costs` says how many points each verb takes; a verb that is missing takes none. One request for many
    items costs once: `batched` verbs say so.
    """

    name: str
    points: int
    seconds: int
    costs: Mapping[Verb, int]
    batched: frozenset[Verb] = frozenset()
    """Verbs of which one request does many items: all of one thread, or as many as `batch` says."""
    batch: int = 0
    """How many items one cost of a batched verb covers, in any threads; 0: all those of one thread."""
    per: Per = "account"
    """What the network counts by: accounts that share a token or an app share the ceiling."""
    setting: str = ""
    """The account's setting that says how much it is, where a person decides (money a day)."""
    setting_points: int = 1
    """How many points one unit of that setting is worth."""
