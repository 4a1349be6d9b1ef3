"""One evidence record as a page that can be printed and shown: what was said, what was done, how to check.

What a newcomer would get wrong: an exhibit is a reading copy and proves nothing by itself. So it names the
digest, the entry and the root by which the record itself is checked, and says in its first lines what is
covered and what could not be captured.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.domain.audit import Entry
from console.services.disclosing.documents import Block, Document, Facts, Quote, Section, Table, Words

_KINDS: Final = {
    "act.requested": "An act was asked for",
    "act.queued": "The act waits to be sent",
    "act.held": "The act is held",
    "act.sending": "The act was sent",
    "act.accepted": "The network accepted it",
    "act.confirmed": "Seen done at the network",
    "act.unverifiable": "Accepted; the network does not show whether it was done",
    "act.refused": "The network refused it",
    "act.failed": "It failed",
    "act.uncertain": "Whether it was done is not known",
    "act.cancelled": "Cancelled before it was sent",
    "act.expired": "Expired before it was sent",
    "act.undone": "Taken back",
    "act.reappeared": "The item was in view again",
    "act.awaiting-approval": "It waits for a second person",
    "evidence.sealed": "The record was sealed",
    "evidence.shown": "Somebody looked at the record",
    "evidence.reviewed": "Its time of keeping was reviewed",
    "evidence.disposed": "The record was disposed of",
    "evidence.exported": "The record was given out in a bundle",
}
CHECK: Final = (
    "Run check_cordon_bundle.py, taken from where the force publishes it and not from this bundle, on the "
    "folder or .zip file that this page came in. It says in plain words whether this record is the one that "
    "was sealed, and where its place is in the ledger. docs/disclosure.md of Cordon, and README.txt beside "
    "this folder, explain each step, so that it can be done by other means too."
)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What a page is made from."""

    record: str
    """The record's key."""
    seq: int
    """The entry that sealed it."""
    digest: str
    """SHA-256 of its cipher, as the ledger has it."""
    copy: Mapping[str, Any] | None
    """The record in clear, or its working copy; None when it was disposed of."""
    reasons: Sequence[str]
    """Why words are covered in it; empty for a whole record."""
    entries: Sequence[Entry]
    """What the ledger shows about the record and the acts on its item, in order."""
    withheld: frozenset[int]
    """Entries whose words are covered."""
    made: str


def exhibit(about: Exhibit) -> Document:
    """The page."""
    sections: list[Section] = []
    if about.copy is None:
        gone = "This record was disposed of. The ledger still proves that it existed and who disposed of it."
        sections.append(Section("What was said", [Words(gone)]))
    else:
        sections += _of_record(about)
    sections.append(Section("What was done", [_story(about)]))
    sections.append(Section("How to check this page", _checking(about)))
    return Document(f"Exhibit {about.record}", about.made, sections)


def _of_record(about: Exhibit) -> list[Section]:
    copy = about.copy or {}
    item: Mapping[str, Any] = copy.get("item") or {}
    author: Mapping[str, Any] = item.get("author") or {}
    account: Mapping[str, Any] = copy.get("account") or {}
    facts = [
        ("Author", _name(author)),
        ("Said on", f"{account.get('network', '')} to {account.get('handle', '')}"),
        ("Said at", _text(item.get("created_at"))),
        ("Received at", _text(item.get("received_at"))),
        ("Sealed at", _text(copy.get("captured_at"))),
        ("Clock", _clock(copy.get("clock"))),
        ("Address", _text(item.get("permalink"))),
        ("In view when sealed", _text(item.get("state"))),
        ("Grade", _text(item.get("grade"))),
        ("Captured", _text(copy.get("how"))),
    ]
    first: list[Block] = []
    if about.reasons:
        first.append(Words(f"Words are covered on this page. Reasons: {'; '.join(about.reasons)}"))
    if copy.get("identifiers_only"):
        first.append(Words("Of what was said here only identifiers are recorded, never words or pictures."))
    if "supplement_of" in copy:
        first.append(Words(f"This adds the pictures of record {_text(copy['supplement_of'])} to it."))
        return [Section("What was captured later", first), *_pictures(copy)]
    first += [Quote(_text(item.get("text"))), Facts([row for row in facts if row[1]])]
    sections = [Section("What was said", first)]
    for title, name in (
        ("Earlier words", "earlier"),
        ("What it answers", "thread"),
        ("Answers to it", "replies"),
    ):
        some = copy.get(name)
        if isinstance(some, list) and some:
            blocks: list[Block] = []
            for one in some:
                when = one.get("created_at") or one.get("replaced_at")
                blocks += [
                    Words(f"{_name(one.get('author') or {})} {_text(when)}".strip()),
                    Quote(_text(one.get("text"))),
                ]
            sections.append(Section(title, blocks))
    return [*sections, *_pictures(copy)]


def _pictures(copy: Mapping[str, Any]) -> list[Section]:
    rows = []
    for one in copy.get("media") or []:
        digest = one.get("digest") if one.get("captured") else None
        what = f"media/{digest}" if digest else f"Not in this bundle. {_text(one.get('why'))}"
        rows.append((_text(one.get("kind")), _text(one.get("type")), _text(one.get("url")), what))
    if not rows:
        return []
    warning = Words(
        "Files in the folder media are as they came from the network. Open one only on a computer that is "
        "meant for that."
    )
    return [Section("Pictures and videos", [warning, Table(("Kind", "Type", "Address", "File"), rows)])]


def _story(about: Exhibit) -> Table:
    rows: list[tuple[int, str, str, str, str]] = []
    for entry in about.entries:
        leaf = json.loads(entry.leaf)
        rows.append((entry.seq, leaf["at"], leaf["who"], _what(leaf), _said(entry, about.withheld)))
    return Table(("Entry", "Time (UTC)", "Who", "What", "Words"), rows)


def _what(leaf: Mapping[str, Any]) -> str:
    facts = leaf["facts"]
    words = _KINDS.get(leaf["kind"], leaf["kind"])
    verb = f": {facts['verb']}" if isinstance(facts.get("verb"), str) else ""
    act = f" ({facts['act']})" if isinstance(facts.get("act"), str) else ""
    return f"{words}{verb}{act}"


def _said(entry: Entry, withheld: frozenset[int]) -> str:
    if entry.seq in withheld:
        return "(covered)"
    if entry.content is None:
        return ""
    said = json.loads(entry.content)
    return "; ".join(str(said[name]) for name in ("reason", "text", "note", "error") if said.get(name))


def _checking(about: Exhibit) -> list[Block]:
    rows = [
        ("Evidence record", about.record),
        ("SHA-256 of the sealed record", about.digest),
        ("Sealed in entry of the ledger", str(about.seq)),
    ]
    digests = (about.copy or {}).get("digests")
    if isinstance(digests, Mapping) and isinstance(digests.get("text"), str):
        rows.append(("SHA-256 of the words", digests["text"]))
    return [Facts(rows), Words(CHECK)]


def _name(author: Mapping[str, Any]) -> str:
    name, handle = _text(author.get("name")), _text(author.get("handle"))
    return f"{name} ({handle})" if name and handle and name != handle else name or handle


def _clock(clock: object) -> str:
    if not isinstance(clock, Mapping):
        return ""
    error = clock.get("error_ms")
    return f"{_text(clock.get('source'))}" + (f" Error at most {error} ms." if error is not None else "")


def _text(value: object) -> str:
    return "" if value is None else str(value)
