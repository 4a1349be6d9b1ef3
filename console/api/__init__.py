"""The contract between Cordon and a network's connector, version 1: the only import a plugin may make.

from console.api import Connector, Context, Page, Arrival, ...
"""

from console.api.allowance import Allowance
from console.api.connector import (
    Answer,
    Connector,
    Context,
    Order,
    Page,
    Profile,
    Searcher,
    Secret,
    Sight,
    SignIn,
    Target,
)
from console.api.failures import (
    Failure,
    Gone,
    Misunderstood,
    NotAllowed,
    SignInAgain,
    SlowDown,
    TryLater,
)
from console.api.manifest import Manifest, Search, SignInField, Switch, VerbFacts, read_manifest
from console.api.signing import Choice, Guide, Landing
from console.api.types import (
    LEAVE_UP,
    Arrival,
    Author,
    Capabilities,
    Capability,
    Ceiling,
    InputError,
    ItemKind,
    ItemState,
    Media,
    RemoteId,
    Verb,
)

CONTRACT = 1
"""The version of this contract; a manifest names the versions it can be run under."""

__all__ = [
    "CONTRACT",
    "LEAVE_UP",
    "Allowance",
    "Answer",
    "Arrival",
    "Author",
    "Capabilities",
    "Capability",
    "Ceiling",
    "Choice",
    "Connector",
    "Context",
    "Failure",
    "Gone",
    "Guide",
    "InputError",
    "ItemKind",
    "ItemState",
    "Landing",
    "Manifest",
    "Media",
    "Misunderstood",
    "NotAllowed",
    "Order",
    "Page",
    "Profile",
    "RemoteId",
    "Search",
    "Searcher",
    "Secret",
    "Sight",
    "SignIn",
    "SignInAgain",
    "SignInField",
    "SlowDown",
    "Switch",
    "Target",
    "TryLater",
    "Verb",
    "VerbFacts",
    "read_manifest",
]
