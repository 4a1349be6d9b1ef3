"""What belongs to a bundle: which entries of the ledger, which evidence records, which items.

An incident holds every act that was asked for or stepped on between its opening and its closing, with its
whole story before and after, and every record that was sealed then. A subject is everything that one author
said to us and what we did about it. What a newcomer would get wrong: an entry that names a record belongs to
a bundle only when that record does; otherwise a stranger would ask for evidence that is somebody else's.
"""

import json
from dataclasses import dataclass, field
from typing import Final, Literal

from console.domain.audit import Plain
from console.domain.errors import NotPossible, UsageError
from console.domain.ids import EvidenceId, ItemId, item_key, parse_evidence_key, parse_item_key
from console.domain.incidents import Incident
from console.store import accounts as stored_accounts
from console.store import disclosing, incidents
from console.store.database import Connection
from console.store.disclosing import Line

_OF_ACTS: Final = ("act.", "bulk.", "evidence.", "standing.", "approval.")
"""How the kinds of entries begin that an incident gathers while it is open."""
KEY: Final = "ledger.key"
"""The kind of entry that puts a key of the ledger in force."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants a bundle of; exactly one way is used."""

    incident: int | None = None
    author: str | None = None
    """A handle or a network's id, with or without `@`."""
    account: str | None = None
    network: str | None = None
    items: tuple[ItemId, ...] = ()

    @property
    def kind(self) -> Literal["incident", "subject", "items", "everything"]:
        """Which way. Raises UsageError for a mixture."""
        ways: list[Literal["incident", "subject", "items"]] = []
        if self.incident is not None:
            ways.append("incident")
        if self.author is not None:
            ways.append("subject")
        if self.items:
            ways.append("items")
        if len(ways) > 1:
            raise UsageError("A bundle is of an incident, of an author or of items, not of two of these.")
        if self.author is None and (self.account or self.network):
            raise UsageError("--account and --network go with --author.")
        return ways[0] if ways else "everything"


@dataclass(slots=True)
class Chosen:
    """What belongs to a bundle, as it stood in one snapshot of the database."""

    what: dict[str, Plain | list[str]]
    """What the bundle is of, in words for the manifest."""
    facts: dict[str, Plain]
    """The part of it that may stand in the ledger for ever."""
    entries: list[int] = field(default_factory=list)
    """Places of entries, in order."""
    records: dict[EvidenceId, int] = field(default_factory=dict)
    """Evidence records, with the place of the entry that sealed each."""
    items: list[ItemId] = field(default_factory=list)
    """Items of the subject, whether sealed or not; empty for other bundles."""
    about_it: bool = False
    """Whether any entry is about it, and not only about the ledger's keys."""
    seen: set[int] = field(default_factory=set)
    """The same as `entries`, to be asked quickly."""

    def add(self, seq: int) -> None:
        """Takes an entry in."""
        self.entries.append(seq)
        self.seen.add(seq)


@dataclass(slots=True)
class _Keys:
    """What a bundle is about, by keys."""

    acts: set[str] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)
    bulks: set[str] = field(default_factory=set)
    standings: set[str] = field(default_factory=set)
    incident: int | None = None


def choose(conn: Connection, wanted: Wanted, upto: int) -> Chosen:
    """Everything that belongs to what is wanted, in the first `upto` entries of the ledger.

    Raises UsageError for an incident, account or item that is not there, NotPossible when there is nothing.
    """
    kind = wanted.kind
    if kind == "incident":
        chosen, keys = _incident(conn, wanted)
    elif kind == "subject":
        chosen, keys = _subject(conn, wanted)
    elif kind == "items":
        names = [item_key(one) for one in wanted.items]
        chosen = Chosen({"kind": kind, "items": names}, {"items": len(names)})
        keys = _Keys(items=set(names))
    else:
        chosen, keys = Chosen({"kind": kind}, {}), None
    _gather(conn, chosen, keys, upto)
    if not chosen.about_it and not chosen.items:
        raise NotPossible("Nothing on record belongs to that, so no bundle was made.")
    return chosen


def _incident(conn: Connection, wanted: Wanted) -> tuple[Chosen, _Keys]:
    known = {one.id: one for one in incidents.incidents(conn)}
    incident = known.get(wanted.incident or 0)
    if incident is None:
        there = ", ".join(f"{one.id} ({one.name})" for one in known.values()) or "none"
        raise UsageError(f"There is no incident {wanted.incident} in this profile; there are: {there}.")
    keys = _Keys(incident=incident.id)
    is_open = False
    for line in disclosing.lines(conn):
        if line.facts.incident == incident.id and line.kind == "incident.opened":
            is_open = True
        elif line.facts.incident == incident.id and line.kind == "incident.closed":
            break
        elif is_open and line.kind.startswith(_OF_ACTS):
            _touch(keys, line)
    return Chosen(_incident_words(incident), {"incident": incident.id}), keys


def _touch(keys: _Keys, line: Line) -> None:
    """What an entry during an incident brings into its bundle."""
    facts = line.facts
    if facts.act:
        keys.acts.add(facts.act)
    if facts.bulk:
        keys.bulks.add(facts.bulk)
    if facts.standing:
        keys.standings.add(facts.standing)
    if facts.evidence and (facts.act or line.kind == "evidence.sealed"):
        keys.records.add(facts.evidence)  # that somebody looked at an older one does not bring it in


def _incident_words(incident: Incident) -> dict[str, Plain | list[str]]:
    return {"kind": "incident", "incident": incident.id, "name": incident.name, "posture": incident.posture}


def _subject(conn: Connection, wanted: Wanted) -> tuple[Chosen, _Keys]:
    author = (wanted.author or "").strip()
    if not author.lstrip("@"):
        raise UsageError("--author needs a handle.")
    if not wanted.account and not wanted.network:
        raise UsageError(
            "--author needs --account or --network: handles are used by different people elsewhere."
        )
    known = [
        one
        for one in stored_accounts.every(conn)
        if (not wanted.account or one.key == wanted.account)
        and (not wanted.network or one.network == wanted.network)
    ]
    if not known:
        raise UsageError("There is no such account in this profile.")
    items = set(disclosing.items_said_by(conn, [one.id for one in known], author))
    keys = {one.key for one in known}
    in_contents = dict(disclosing.items_in_contents(conn, author))
    for entry in disclosing.shown(conn, list(in_contents)):
        if (named := _of_account(entry.leaf, keys)) is not None:
            items.add(named)
    if not items:
        raise NotPossible(f"Nothing of “{author}” is in this profile, so no bundle was made.")
    what: dict[str, Plain | list[str]] = {
        "kind": "subject",
        "author": author,
        "accounts": sorted(keys),
    }
    chosen = Chosen(what, {"items": len(items)}, items=sorted(items))
    return chosen, _Keys(items={item_key(one) for one in items})


def _of_account(leaf: bytes, accounts: set[str]) -> ItemId | None:
    """The item of an entry about an act on one of these accounts."""
    facts = json.loads(leaf)["facts"]
    return parse_item_key(facts["item"]) if facts.get("account") in accounts and facts.get("item") else None


def _gather(conn: Connection, chosen: Chosen, keys: _Keys | None, upto: int) -> None:
    """Finds the entries and records; None means all of them."""
    about = _whole_stories(conn, keys, upto) if keys is not None else set()
    for line in disclosing.lines(conn, 1, upto):
        facts = line.facts
        if line.kind == KEY:
            chosen.add(line.seq)  # whoever checks a signature needs to know whose keys signed
            continue
        if facts.entry is not None:
            belongs = facts.entry in chosen.seen  # its content was disposed of, or it was corrected
        elif keys is None:
            belongs = line.kind.startswith((*_OF_ACTS, "incident."))
        else:
            belongs = _belongs(line, keys, about)
        if not belongs:
            continue
        chosen.add(line.seq)
        chosen.about_it = True
        if line.kind == "evidence.sealed" and facts.evidence:
            chosen.records[parse_evidence_key(facts.evidence)] = line.seq


def _whole_stories(conn: Connection, keys: _Keys, upto: int) -> set[str]:
    """Completes what a bundle is about: acts with their undoing, records with what was added to them.

    Gives the items of it all.
    """
    about = set(keys.items)
    for line in disclosing.lines(conn, 1, upto):
        facts = line.facts
        if facts.act and (facts.act in keys.acts or facts.item in keys.items or (facts.undo_of in keys.acts)):
            keys.acts.add(facts.act)
            keys.bulks |= {facts.bulk} if facts.bulk else set()
            keys.standings |= {facts.standing} if facts.standing else set()
            keys.records |= {facts.evidence} if facts.evidence else set()
        elif line.kind == "evidence.sealed" and facts.evidence:
            if facts.item in keys.items or facts.supplement_of in keys.records:
                keys.records.add(facts.evidence)
            if facts.evidence not in keys.records:
                continue
        else:
            continue
        about |= {facts.item} if facts.item else set()
    return about


def _belongs(line: Line, keys: _Keys, about: set[str]) -> bool:
    facts = line.facts
    if facts.evidence and not facts.act:
        return facts.evidence in keys.records
    if facts.act:
        return facts.act in keys.acts
    if facts.item:
        return facts.item in about
    if facts.bulk:
        return facts.bulk in keys.bulks
    if facts.standing:
        return facts.standing in keys.standings
    return keys.incident is not None and facts.incident == keys.incident
