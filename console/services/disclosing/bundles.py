"""Bundles: evidence with its custody and proofs, for a stranger who trusts nobody.

The order is the point. What goes out is put together first; its manifest's digest is put on record; then the
ledger is signed with that entry in it; only then the bundle gets the ledger and is put where it was asked
for. So a bundle carries the proof that it was given out, and every file in it is under the signature.

What a newcomer would get wrong: the ledger goes on while this runs. Everything is chosen from the entries up
to the first checkpoint, and whatever comes later, besides the giving out itself, is shown by its hash alone.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from console import __version__
from console.desk.disclosing import DisclosingDesk, Given, OnRecord
from console.domain.audit import Entry
from console.domain.checkpoint import Checkpoint, verifier_key
from console.domain.errors import InputError, NotPossible, SecretsUnavailable
from console.domain.ids import EvidenceId, evidence_key, item_key
from console.domain.times import iso
from console.services.clock import Clock
from console.services.disclosing.as_html import as_html
from console.services.disclosing.choosing import Chosen, Wanted, choose
from console.services.disclosing.covering import Mark, everywhere, long_enough, shares_words, stands_in
from console.services.disclosing.documents import Document, Section
from console.services.disclosing.exhibits import Exhibit, exhibit
from console.services.disclosing.ledger_part import custody_lines, ledger_lines
from console.services.disclosing.outputs import Output, failure, output
from console.services.disclosing.readme import README
from console.services.disclosing.records import Opened, as_json, as_line, opened
from console.services.keys import Keys
from console.store import checkpoints as stored_checkpoints
from console.store import disclosing as stored
from console.store import evidence as stored_evidence
from console.store import items as stored_items
from console.store.database import Connection, Database

FORM: Final = "cordon-bundle"
SEAL_FORM: Final = "cordon-bundle-seal"
VERSION: Final = 1
VERIFIER: Final = "check_cordon_bundle.py"
NO_REASON: Final = "No reason was given."
MOST_IN_PDF: Final = 1_000
"""Above so many records there is no exhibits.pdf: nobody prints it, and the pages in exhibits are there."""
_AT_ONCE: Final = 100
_NOTES: Final = 50
"""So many checkpoints go along; a few tell as much as all."""


class Signing(Protocol):
    """Makes signed statements of the ledger, as `services.checkpoints` does."""

    async def make(self, why: str, who: str) -> Checkpoint:
        """States and signs how the ledger stands now."""


Medium = Callable[[str], Awaitable[bytes]]
"""The bytes of a captured picture by their digest."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was given out."""

    path: Path
    digest: str
    """SHA-256 of its manifest."""
    seq: int
    """The entry of the ledger that says so."""
    entries: int
    records: int
    covered: int
    remarks: tuple[str, ...]
    """What a person should look at before it leaves."""


@dataclass(slots=True)
class _Draft:
    """A bundle while it is put together."""

    chosen: Chosen
    stood: Checkpoint
    entries: list[Entry]
    marks: Sequence[Mark]
    who: str
    why: str
    at: int
    files: list[Mapping[str, object]] = field(default_factory=list)
    records: list[dict[str, object]] = field(default_factory=list)
    words: dict[str, Mark] = field(default_factory=dict)
    covered: dict[str, int] = field(default_factory=dict)
    withheld: dict[int, str] = field(default_factory=dict)
    pages: list[Document] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def made(self) -> str:
        return f"Made on {iso(self.at)} by {self.who}. Reason: {self.why}"


class Bundles:
    """Puts bundles together and gives them out."""

    def __init__(
        self,
        *,
        db: Database,
        desk: DisclosingDesk,
        keys: Keys,
        clock: Clock,
        signing: Signing,
        medium: Medium,
        resources: Path,
    ) -> None:
        """`resources` is the folder of shipped data, which holds the verifier and the fonts."""
        self._db = db
        self._desk = desk
        self._keys = keys
        self._clock = clock
        self._signing = signing
        self._medium = medium
        self._resources = resources

    async def export(
        self, path: Path, wanted: Wanted, *, who: str, why: str = "", marks: Sequence[Mark] = ()
    ) -> Exported:
        """Gives a bundle out: a folder, or a .zip file if `path` ends so.

        Raises UsageError for what makes no sense, InputError for marks that fit nowhere, NotPossible when
        there is nothing or it cannot be written, SecretsUnavailable without the profile's key, RecordBroken
        when a record was changed.
        """
        wanted.kind  # noqa: B018  # refuses a mixture before anything is done
        if not self._keys.ready:
            raise SecretsUnavailable(
                "The profile's key is not open, so no record can be opened and nothing was given out. "
                "Give the passphrase, or unlock the keyring."
            )
        at = self._clock.now()
        place = await asyncio.to_thread(output, path, at)
        try:
            return await self._export(path, place, wanted, who, why.strip() or NO_REASON, marks, at)
        except OSError as problem:
            raise failure(path, problem) from problem
        finally:
            await asyncio.to_thread(place.drop)

    async def _export(
        self, path: Path, place: Output, wanted: Wanted, who: str, why: str, marks: Sequence[Mark], at: int
    ) -> Exported:
        stood = await self._signing.make("export", who)

        def read(conn: Connection) -> tuple[Chosen, list[Entry]]:
            chosen = choose(conn, wanted, stood.size)
            return chosen, stored.shown(conn, chosen.entries)

        chosen, entries = await self._db.read(read)
        draft = _Draft(chosen, stood, entries, marks, who, why, at)
        _check_marks(draft)
        await self._add_records(place, draft)
        await self._add_said(place, draft)
        await asyncio.to_thread(self._add_rest, place, draft)
        manifest = as_json(_manifest(draft))
        digest = hashlib.sha256(manifest).hexdigest()
        given = _given(draft, digest)
        on_record = await self._desk.give_out(given)
        try:
            await asyncio.to_thread(place.add, "manifest.json", manifest)
            final = await self._signing.make("export", who)
            await self._add_ledger(place, draft, digest, on_record, final)
            await asyncio.to_thread(place.finish)
        except BaseException as problem:
            told = f"It could not be finished: {type(problem).__name__}."
            await self._desk.withdraw(on_record.number, digest, who, self._clock.now(), told)
            raise
        return Exported(
            path,
            digest,
            on_record.seq,
            len(entries),
            len(draft.records),
            len(draft.covered),
            tuple(draft.remarks),
        )

    # records ----------------------------------------------------------------------------------------

    async def _add_records(self, place: Output, draft: _Draft) -> None:
        """Opens every record, covers what is marked, and adds record and media, then the pages."""
        chosen = list(draft.chosen.records.items())
        found: list[Opened] = []
        media: set[str] = set()
        for start in range(0, len(chosen), _AT_ONCE):
            some = dict(chosen[start : start + _AT_ONCE])
            rows = await self._db.read(partial(_rows, ids=list(some)))
            for record in await asyncio.to_thread(self._opened, draft, rows, some):
                if record.path is not None:
                    draft.files.append(await asyncio.to_thread(place.add, record.path, record.data))
                draft.records.append({"record": record.key, "entry": record.seq, "state": record.state})
                draft.words |= record.words
                media |= set(record.media)
                found.append(record)
        for digest in sorted(media):
            data = await self._medium(digest)
            if hashlib.sha256(data).hexdigest() != digest:
                raise NotPossible(f"The picture or video {digest} was changed, so nothing was given out.")
            draft.files.append(await asyncio.to_thread(place.add, f"media/{digest}", data))
        await asyncio.to_thread(_withhold, draft, found)
        await asyncio.to_thread(_add_pages, place, draft, found)

    def _opened(
        self, draft: _Draft, rows: Sequence[stored_evidence.Record], seqs: Mapping[EvidenceId, int]
    ) -> list[Opened]:
        found = []
        for row in rows:
            marks = [mark for mark in draft.marks if mark.record == evidence_key(row.id)]
            record = opened(self._keys, row, seqs[row.id], marks)
            if marks and record.state == "disposed":
                raise InputError(f"Record {record.key} was disposed of; there is nothing to cover in it.")
            if marks:
                draft.covered[record.key] = len(marks)
            found.append(record)
        return found

    async def _add_said(self, place: Output, draft: _Draft) -> None:
        """What the subject of a bundle said that is in the cache, sealed or not."""
        if not draft.chosen.items:
            return
        unseal = self._keys.unseal_text_if_open

        def read(conn: Connection) -> list[dict[str, Any]]:
            return [
                {
                    "item": item_key(item.id),
                    "network": item.network,
                    "kind": str(item.kind),
                    "author": {"id": item.author.id, "handle": item.author.handle, "name": item.author.name},
                    "created_at": iso(item.created_at),
                    "received_at": iso(item.received_at),
                    "text": item.text,
                    "state": str(item.state),
                    "permalink": item.permalink,
                    "earlier": [
                        {"text": one.text, "replaced_at": iso(one.replaced_at)}
                        for one in stored_items.history(conn, item.id, unseal)
                    ],
                }
                for item in stored_items.items(conn, draft.chosen.items, unseal)
            ]

        lines = [everywhere(one, draft.words) for one in await self._db.read(read)]
        data = b"".join(map(as_line, lines))
        draft.files.append(await asyncio.to_thread(place.add, "said.jsonl", data))

    def _add_rest(self, place: Output, draft: _Draft) -> None:
        """The pages in one file, the words for strangers, and the verifier."""
        if 0 < len(draft.pages) <= MOST_IN_PDF:
            from console.services.disclosing.as_pdf import as_pdf  # noqa: PLC0415  # half a second to import

            sections = [
                Section(f"{page.title}: {one.title}", one.blocks)
                for page in draft.pages
                for one in page.sections
            ]
            book = Document("Exhibits", draft.made, sections)
            draft.files.append(
                place.add("exhibits/exhibits.pdf", as_pdf(book, self._resources / "fonts", draft.at))
            )
        draft.files.append(place.add("README.txt", README.encode()))
        verifier = (self._resources / "verifier" / VERIFIER).read_bytes()
        draft.files.append(place.add(VERIFIER, verifier))

    # the ledger -------------------------------------------------------------------------------------

    async def _add_ledger(
        self, place: Output, draft: _Draft, digest: str, on_record: OnRecord, final: Checkpoint
    ) -> None:
        own = range(on_record.seq, on_record.seq + 1 + len(draft.records))

        def read(conn: Connection) -> tuple[list[bytes], list[Entry], list[str], list[str]]:
            hashes = stored.leaf_hashes(conn, final.size)
            keys = [verifier_key(key.origin, key.public) for key in stored_checkpoints.keys(conn)]
            return (
                hashes,
                stored.shown(conn, own),
                keys,
                stored.statements(conn, final.size, _NOTES),
            )

        hashes, more, keys, notes = await self._db.read(read)

        def write() -> None:
            shown = {entry.seq: entry for entry in (*draft.entries, *more)}
            files = [
                place.add("ledger.jsonl", ledger_lines(hashes, shown, draft.withheld)),
                place.add("checkpoints.txt", "\n".join(notes).encode()),
                place.add("key.txt", ("\n".join(keys) + "\n").encode()),
                place.add("custody.jsonl", custody_lines(draft.records, shown)),
            ]
            seal = {
                "form": SEAL_FORM,
                "version": VERSION,
                "manifest": digest,
                "export": on_record.seq,
                "size": final.size,
                "root": final.root.hex(),
                "files": files,
            }
            place.add("seal.json", as_json(seal))

        await asyncio.to_thread(write)


# parts of a bundle ----------------------------------------------------------------------------------


def _rows(conn: Connection, ids: Sequence[EvidenceId]) -> list[stored_evidence.Record]:
    return [row for each in ids if (row := stored_evidence.record(conn, each)) is not None]


def _check_marks(draft: _Draft) -> None:
    known = {evidence_key(each) for each in draft.chosen.records}
    for mark in draft.marks:
        if mark.record not in known:
            raise InputError(f"Record {mark.record} is to be covered, but is not in this bundle.")


def _withhold(draft: _Draft, found: Sequence[Opened]) -> None:
    """Leaves out the words beside entries that repeat what is covered; remarks on records that do."""
    if not draft.words:
        return
    words = long_enough(draft.words)
    own = {record.item: record.words for record in found if record.words}
    for entry in draft.entries:
        if entry.content is None:
            continue
        said = json.loads(entry.content)
        covered = own.get(json.loads(entry.leaf)["facts"].get("item"), {})
        is_short = bool(covered) and not long_enough(covered)
        if is_short or shares_words(covered, said) or stands_in(words, said):
            draft.withheld[entry.seq] = "Repeats words that are covered in a record."
    for record in found:
        if record.state != "whole" or not stands_in(words, record.copy):
            continue
        if record.item in own:
            raise InputError(
                f"Record {record.key} is of the same item, {record.item}, and shows words that you cover in "
                "another. Mark them there too; nothing was given out."
            )
        draft.remarks.append(
            f"Words that you covered elsewhere stand in clear in record {record.key} of {record.item}."
        )


def _add_pages(place: Output, draft: _Draft, found: Sequence[Opened]) -> None:
    """A page for each record."""
    by_item: dict[str, list[Entry]] = {}
    by_record: dict[str, list[Entry]] = {}
    for entry in draft.entries:
        facts = json.loads(entry.leaf)["facts"]
        if "act" not in facts and isinstance(facts.get("evidence"), str):
            by_record.setdefault(facts["evidence"], []).append(entry)
        elif isinstance(facts.get("item"), str):
            by_item.setdefault(facts["item"], []).append(entry)
    for record in found:
        about = Exhibit(
            record=record.key,
            seq=record.seq,
            digest=record.digest,
            copy=record.copy,
            reasons=list(dict.fromkeys(mark.reason for mark in draft.marks if mark.record == record.key)),
            entries=sorted(
                [*by_record.get(record.key, []), *by_item.get(record.item, [])], key=lambda entry: entry.seq
            ),
            withheld=frozenset(draft.withheld),
            made=draft.made,
        )
        page = exhibit(about)
        draft.pages.append(page)
        draft.files.append(
            place.add(f"exhibits/{record.key}.html", as_html(page).encode("utf-8", "backslashreplace"))
        )


def _manifest(draft: _Draft) -> dict[str, Any]:
    withheld = [{"entry": seq, "reason": reason} for seq, reason in sorted(draft.withheld.items())]
    return {
        "form": FORM,
        "version": VERSION,
        "what": draft.chosen.what,
        "made_at": iso(draft.at),
        "made_by": draft.who,
        "why": draft.why,
        "program": f"Cordon {__version__}",
        "origin": draft.stood.origin,
        "ledger": {"size": draft.stood.size, "root": draft.stood.root.hex()},
        "entries": [entry.seq for entry in draft.entries],
        "records": draft.records,
        "covered": [*(mark.shape() for mark in draft.marks), *withheld],
        "files": sorted(draft.files, key=lambda each: str(each["path"])),
    }


def _given(draft: _Draft, digest: str) -> Given:
    what = {
        name: value for name, value in draft.chosen.what.items() if name not in {"kind", *draft.chosen.facts}
    }
    return Given(
        kind=str(draft.chosen.what["kind"]),
        digest=digest,
        who=draft.who,
        at=draft.at,
        facts={
            **draft.chosen.facts,
            "entries": len(draft.entries),
            "records": len(draft.records),
            "covered": len(draft.covered),
        },
        content={
            "why": draft.why,
            **{n: " ".join(v) if isinstance(v, list) else v for n, v in what.items()},
        },
        records=[str(one["record"]) for one in draft.records],
        covered=draft.covered,
    )
