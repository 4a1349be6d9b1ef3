"""The one door to giving things out: bundles of evidence, monthly and incident reports, counts for questions.

What a newcomer would get wrong: a report that is only shown on a screen is given out too. Whatever is told
here is on record first, with the digest of what was told.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from console.desk.disclosing import DisclosingDesk, Given
from console.domain.audit import Plain
from console.domain.errors import NotPossible, UsageError
from console.domain.incidents import Incident
from console.domain.lanes import parse_lane
from console.domain.times import iso
from console.services.clock import Clock
from console.services.disclosing.as_csv import as_csv
from console.services.disclosing.as_html import as_html
from console.services.disclosing.bundles import Bundles, Exported
from console.services.disclosing.choosing import Wanted
from console.services.disclosing.counts import Span, foi_sections, month_span, sections
from console.services.disclosing.covering import Mark
from console.services.disclosing.documents import Document, Facts, Format, Section, as_words, format_of
from console.store import disclosing as stored
from console.store import incidents as stored_incidents
from console.store import lanes as stored_lanes
from console.store.database import Connection, Database

_MOST: Final = 10_000_000
"""More items than any cache holds."""

What = Literal["month", "incident-report", "foi"]


@dataclass(frozen=True, slots=True)
class Report:
    """A report that is on record."""

    document: Document
    words: str
    """The same for a terminal."""
    path: Path | None
    """Where it was written, if it was."""
    digest: str
    """SHA-256 of what was given out."""


class Disclosing:
    """Gives things out. `fonts` is the folder of shipped fonts."""

    def __init__(
        self, *, db: Database, desk: DisclosingDesk, clock: Clock, bundles: Bundles, fonts: Path
    ) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock
        self._bundles = bundles
        self._fonts = fonts

    async def export(
        self, path: Path, wanted: Wanted, *, who: str, why: str = "", marks: Sequence[Mark] = ()
    ) -> Exported:
        """Gives a bundle out. See `Bundles.export` for what it raises."""
        return await self._bundles.export(path, wanted, who=who, why=why, marks=marks)

    async def given_out(self, since: int = 0, until: int = 2**62) -> list[stored.Disclosure]:
        """What was given out from `since` until before `until` (epoch ms), oldest first."""
        return await self._desk.given_out(since, until)

    async def month(self, typed: str, who: str, path: Path | None = None) -> Report:
        """The statistics of a month, `YYYY-MM`. Raises UsageError, NotPossible when it cannot be written."""
        form = _form(path)
        span = month_span(typed)
        found = await self._sections(span)
        given = await self.given_out(span.since, span.until)
        out = Facts(
            [
                ("Bundles and reports given out", str(sum(one.given for one in given))),
                ("Evidence records in them", str(sum(one.records for one in given if one.given))),
            ]
        )
        parts = [*found, Section("Given out", [out])]
        title = f"Moderation in {typed}"
        return await self._give("month", title, parts, who, path, form, {"month": typed}, {})

    async def incident(self, number: int, who: str, path: Path | None = None) -> Report:
        """The report of an incident, closed or still open. Raises UsageError when there is none such."""
        form = _form(path)
        known = await self._db.read(stored_incidents.incidents)
        incident = next((one for one in known if one.id == number), None)
        if incident is None:
            raise UsageError(f"There is no incident {number} in this profile.")
        until = incident.closed_at if incident.closed_at is not None else self._clock.now()
        # what was decided in its very last moment belongs to it
        found = await self._sections(Span(incident.opened_at, until + 1))
        parts = [Section("The incident", [_incident_facts(incident)]), *found]
        title = f"Incident {incident.id}: {incident.name}"
        facts: dict[str, Plain] = {"incident": number}
        return await self._give("incident-report", title, parts, who, path, form, facts, {})

    async def foi(self, query: str, who: str, path: Path | None = None) -> Report:
        """Counts of the items that fit a question as `cordon items` asks it, without words or names."""
        form = _form(path)
        lane = parse_lane(query, self._clock.now())

        def read(conn: Connection) -> list[stored.Heard]:
            ids = stored_lanes.lane_ids(conn, lane, None, _MOST)
            return list(stored.heard_of(conn, ids))

        heard = await self._db.read(read)
        asked = Facts([("Question", query or "(everything)"), ("Asked at", iso(self._clock.now()))])
        parts = [Section("What was asked", [asked]), *foi_sections(heard)]
        facts: dict[str, Plain] = {"items": len(heard)}
        return await self._give("foi", "Counts of items", parts, who, path, form, facts, {"query": query})

    async def _sections(self, span: Span) -> list[Section]:
        def read(conn: Connection) -> list[Section]:
            acts = stored.timings(conn, span.since, span.until)
            return sections(acts, stored.heard(conn, span.since, span.until))

        return await self._db.read(read)

    async def _give(
        self,
        what: What,
        title: str,
        parts: Sequence[Section],
        who: str,
        path: Path | None,
        form: Format | None,
        facts: Mapping[str, Plain],
        content: Mapping[str, Plain],
    ) -> Report:
        at = self._clock.now()
        document = Document(title, f"Made on {iso(at)} by {who} with Cordon.", parts)
        data = await asyncio.to_thread(_rendered, document, form, self._fonts, at)
        digest = hashlib.sha256(data).hexdigest()
        own: dict[str, Plain] = {**facts, "format": form or "shown"}
        await self._desk.give_out(Given(what, digest, who, at, own, content, is_bundle=False))
        if path is not None:
            await asyncio.to_thread(_write, path, data)
        return Report(document, as_words(document), path, digest)


def _form(path: Path | None) -> Format | None:
    """The format that a file asks for, before any work is done. Raises UsageError."""
    if path is None:
        return None
    form = format_of(path.name)
    if path.exists():
        raise UsageError(f"{path} is there already. Choose a name that is free; nothing is overwritten.")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent} to write the report into.")
    return form


def _rendered(document: Document, form: Format | None, fonts: Path, at: int) -> bytes:
    if form == "html":
        return as_html(document).encode("utf-8", "backslashreplace")
    if form == "csv":
        return as_csv(document)
    if form == "pdf":
        from console.services.disclosing.as_pdf import as_pdf  # noqa: PLC0415  # half a second to import

        return as_pdf(document, fonts, at)
    return as_words(document).encode("utf-8", "backslashreplace")


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(data)
        partial.rename(path)
    except OSError as problem:
        partial.unlink(missing_ok=True)
        raise NotPossible(
            f"The report could not be written to {path}: {problem.strerror or problem}. "
            "That it was made is on record all the same."
        ) from problem


def _incident_facts(incident: Incident) -> Facts:
    closed = "It is still open." if incident.closed_at is None else iso(incident.closed_at)
    return Facts(
        [
            ("Name", incident.name),
            ("Posture", incident.posture),
            ("Opened at", iso(incident.opened_at)),
            ("Opened by", incident.opened_by),
            ("Closed at", closed),
        ]
    )
