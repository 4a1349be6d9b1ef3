"""What a connector declares about itself, read from `manifest.toml` before any of its code runs."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import msgspec

from console.domain.acts import Verb
from console.domain.capabilities import Ceiling, Per
from console.domain.errors import InputError

Level = Literal["reads", "acts", "dependable"]
Shape = Literal["page", "short", "video", "forum", "photos"]
Markup = Literal["", "html"]


class SignInField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to ask a person when an account is added."""

    name: str
    words: str
    """The question, in plain words."""
    secret: bool = False
    """Whether it must never be shown, stored in clear or given as an argument."""
    default: str | None = None
    optional: bool = False
    """Whether it may be left empty."""


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that a network is said to allow and nobody has proved: off until a person turns it on.

    It is a setting of the account with the value `on` or `off`.
    """

    name: str
    words: str
    """What would be possible, and what is not known about it."""


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the network can be searched for a topic (a place, an event, a hashtag)."""

    words: str
    """What can be searched for, and how far back, in plain words."""


class VerbFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the network allows of one verb in general; a single item may allow less."""

    reversible: bool
    words: str
    verifiable: bool = True


class _CeilingFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    points: int
    seconds: int
    costs: dict[str, int] = {}
    batched: list[str] = []
    batch: int = 0
    per: Per = "account"
    setting: str = ""
    setting_points: int = 1


class _ManifestFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: str
    letters: str
    shape: Shape
    contracts: list[int]
    level: Level
    module: str
    text_life_hours: int
    batch: int
    profile_life_hours: int | None = None
    forgets_deleted: bool = False
    markup: Markup = ""
    guided: bool = False
    steps: list[str] = []
    search: Search | None = None
    switches: list[Switch] = []
    hosts: list[str] = []
    sign_in: list[SignInField] = []
    verbs: dict[str, VerbFacts] = {}
    ceilings: list[_CeilingFacts] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A connector's declaration."""

    id: str
    name: str
    """The network's name as people know it."""
    letters: str
    """One or two letters of the network's mark in the window."""
    shape: Shape
    """The shape of that mark, which says what kind of network it is."""
    contracts: tuple[int, ...]
    level: Level
    module: str
    """The module with the function `connect`, such as `plugins.bluesky.connector`."""
    text_life_hours: int
    """How long the network lets its text be kept, counted from when it was received."""
    profile_life_hours: int = 0
    """How long it lets authors' names and handles be kept; mostly as long as the text."""
    forgets_deleted: bool = False
    """Whether the network wants text that was deleted at the source removed from the cache too."""
    markup: Markup = ""
    """The markup in which the network sends words. An item's text is plain, its raw form keeps the markup."""
    guided: bool = False
    """Whether the module has a function `sign_in` that walks a person through."""
    steps: tuple[str, ...] = ()
    """What a person must have set up at the network beforehand, one sentence each."""
    search: Search | None = None
    """Whether the network can be searched for a topic; the connector then has `search`."""
    switches: tuple[Switch, ...] = ()
    """What is possible by hearsay only, off until a person turns it on for an account."""
    batch: int
    """The most items that one order may name."""
    hosts: tuple[str, ...]
    """The hosts it may contact; `*` inside a name stands for one part."""
    sign_in: tuple[SignInField, ...]
    verbs: Mapping[Verb, VerbFacts]
    ceilings: tuple[Ceiling, ...]


def read_manifest(path: Path) -> Manifest:
    """Reads and checks one `manifest.toml`. Raises InputError with file and field."""
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _ManifestFile)
        verbs = {Verb(verb): facts for verb, facts in found.verbs.items()}
        ceilings = tuple(
            Ceiling(
                name=facts.name,
                points=facts.points,
                seconds=facts.seconds,
                costs={Verb(verb): cost for verb, cost in facts.costs.items()},
                batched=frozenset(Verb(verb) for verb in facts.batched),
                batch=facts.batch,
                per=facts.per,
                setting=facts.setting,
                setting_points=facts.setting_points,
            )
            for facts in found.ceilings
        )
    except (OSError, UnicodeError, ValueError, tomllib.TOMLDecodeError) as problem:
        raise InputError(f"The connector's manifest {path} cannot be used: {problem}") from problem
    return Manifest(
        id=found.id,
        name=found.name,
        letters=found.letters,
        shape=found.shape,
        contracts=tuple(found.contracts),
        level=found.level,
        module=found.module,
        text_life_hours=found.text_life_hours,
        profile_life_hours=found.profile_life_hours or found.text_life_hours,
        forgets_deleted=found.forgets_deleted,
        markup=found.markup,
        guided=found.guided,
        steps=tuple(found.steps),
        search=found.search,
        switches=tuple(found.switches),
        batch=found.batch,
        hosts=tuple(found.hosts),
        sign_in=tuple(found.sign_in),
        verbs=verbs,
        ceilings=ceilings,
    )


SHAPES: tuple[str, ...] = get_args(Shape)
