"""The domain types that a connector may see; nothing of its own."""

from console.domain.acts import Verb
from console.domain.capabilities import LEAVE_UP, Capabilities, Capability, Ceiling
from console.domain.errors import InputError
from console.domain.ids import RemoteId
from console.domain.items import Arrival, Author, ItemKind, ItemState, Media

__all__ = [
    "LEAVE_UP",
    "Arrival",
    "Author",
    "Capabilities",
    "Capability",
    "Ceiling",
    "InputError",
    "ItemKind",
    "ItemState",
    "Media",
    "RemoteId",
    "Verb",
]
