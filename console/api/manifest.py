"""What a connector declares about itself, read from `manifest.toml` before any of its code runs."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import msgspec

from console.domain.acts import Verb
from console.domain.capabilities import Ceiling
from console.domain.errors import InputError

Level = Literal["reads", "acts", "dependable"]
Shape = Literal["page", "short", "video", "forum", "photos"]


class SignInField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to ask a person when an account is added."""

    name: str
    words: str
    """The question, in plain words."""
    secret: bool = False
    """Whether it must never be shown, stored in clear or given as an argument."""
    default: str | None = None


class VerbFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the network allows of one verb in general; a single item may allow less."""

    reversible: bool
    words: str
    verifiable: bool = True


class _CeilingFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    points: int
    seconds: int
    costs: dict[str, int]
    batched: list[str] = []


class _ManifestFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: str
    letters: str
    shape: Shape
    contracts: list[int]
    level: Level
    module: str
    text_life_days: int
    batch: int
    hosts: list[str] = []
    sign_in: list[SignInField] = []
    verbs: dict[str, VerbFacts] = {}
    ceilings: list[_CeilingFacts] = []


@dataclass(frozen=True, slots=True)
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
    text_life_days: int
    """How long the network lets its text be kept, counted from when it was received."""
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
        text_life_days=found.text_life_days,
        batch=found.batch,
        hosts=tuple(found.hosts),
        sign_in=tuple(found.sign_in),
        verbs=verbs,
        ceilings=ceilings,
    )


SHAPES: tuple[str, ...] = get_args(Shape)
