"""The contract between Cordon and a network's connector, version 1: the only import a plugin may make.

from console.api import Connector, Context, Page, Arrival, ...
"""

from console.api.connector import (
    Answer,
    Connector,
    Context,
    Order,
    Page,
    Profile,
    Secret,
    Sight,
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
from console.api.manifest import Manifest, SignInField, VerbFacts, read_manifest
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
    "Answer",
    "Arrival",
    "Author",
    "Capabilities",
    "Capability",
    "Ceiling",
    "Connector",
    "Context",
    "Failure",
    "Gone",
    "InputError",
    "ItemKind",
    "ItemState",
    "Manifest",
    "Media",
    "Misunderstood",
    "NotAllowed",
    "Order",
    "Page",
    "Profile",
    "RemoteId",
    "Secret",
    "Sight",
    "SignInAgain",
    "SignInField",
    "SlowDown",
    "Target",
    "TryLater",
    "Verb",
    "VerbFacts",
    "read_manifest",
]
