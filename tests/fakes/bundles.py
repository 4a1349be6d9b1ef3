"""A small profile with an incident, sealed evidence and a ledger, and bundles that are given out from it.

No network and no window: items are stored, acts are asked for and confirmed through the desk, so that the
ledger is what it would be. What a newcomer would get wrong: `told` runs the verifier as a stranger would, in
a Python of its own that cannot import Cordon.
"""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from console.desk.checkpoints import LocalCheckpoints
from console.desk.disclosing import LocalDisclosing
from console.desk.local import LocalDesk
from console.desk.protocol import Draft, Move, Submission
from console.domain.acts import ActState, Verb
from console.domain.audit import Note
from console.domain.ids import AccountId, ItemId
from console.domain.items import Author, Media
from console.paths import resources
from console.services.checkpoints import Checkpoints
from console.services.disclosing.bundles import Bundles
from console.services.disclosing.service import Disclosing
from console.services.events import Events
from console.services.evidence import Around, Batch, Seen, seal_item
from console.services.keys import Keys
from console.store import accounts, incidents, items
from console.store.database import Connection, Database
from tests.fakes.clock import FakeClock
from tests.unit.services.test_evidence import NoVault
from tests.unit.store.making import add_account, received, save

WHO = "r.calder"
VERIFIER = resources() / "verifier" / "check_cordon_bundle.py"
PICTURE = b"\x89PNG\r\n\x1a\n an invented picture"
PICTURE_DIGEST = hashlib.sha256(PICTURE).hexdigest()
TOMOS = Author("u1", "tomosw.test", "Tomos W")
SIAN = Author("u2", "sian.test", "Siân Ŵyn")
TEXTS = (
    (TOMOS, "Call Ada Pell on 01632 960001, she saw it"),
    (TOMOS, "<script>alert('Ŵy')</script> \u202e 🔪 سكين"),
    (SIAN, "Dw i'n gweld popeth, meddai Ada Pell"),
    (TOMOS, '=HYPERLINK("https://a.example")'),
    (SIAN, "half \ud83d pair"),
)
MINUTE = 60_000


@dataclass
class Profile:
    """One profile, open, with its services."""

    db: Database
    desk: LocalDesk
    clock: FakeClock
    keys: Keys
    checkpoints: Checkpoints
    disclosing: Disclosing
    media: dict[str, bytes] = field(default_factory=lambda: {PICTURE_DIGEST: PICTURE})

    async def minutes(self, count: float) -> None:
        """Lets time pass."""
        await self.clock.pass_by(count * 60)

    async def hide(self, *numbers: int, pictures: bool = True) -> None:
        """Asks for items to be hidden, with evidence, and lets the network confirm it."""
        now = self.clock.now()

        def read(conn: Connection) -> list[Draft]:
            account = accounts.accounts(conn)[0]
            drafts = []
            for item in items.items(conn, numbers):
                seen = (
                    [Seen("f1", PICTURE_DIGEST, len(PICTURE), "image/png")] * len(item.media)
                    if pictures
                    else None
                )
                sealed = seal_item(
                    self.keys,
                    item,
                    account,
                    Around(raw=json.dumps({"text": item.text}), above=[]),
                    Batch(now),
                    media=seen,
                )
                content = {"author": item.author.handle, "author_id": item.author.id, "words": item.text[:9]}
                draft = Draft(
                    Verb.HIDE, item.id, AccountId(1), ActState.QUEUED, due_at=now, reversible=True,
                    evidence=sealed, undo_of=None, note=None, facts={"grade": item.grade}, content=content,
                )  # fmt: skip
                drafts.append(draft)
            return drafts

        drafts = await self.db.read(read)
        asked = Submission(
            who=WHO, at=now, reason="House rule 3: names a witness", category="doxxing", text=None,
            drafts=drafts, bulk=len(drafts) > 1,
        )  # fmt: skip
        await self.desk.submit(asked)
        await self.minutes(2)
        taken = await self.desk.take([AccountId(1)], self.clock.now(), 50)
        await self.minutes(1)
        await self.desk.move([Move(act.id, ActState.CONFIRMED) for act in taken], "cordon", self.clock.now())

    async def look(self, record: str) -> None:
        """Somebody looks at a record."""
        note = Note("evidence.shown", WHO, {"evidence": record}, {})
        await self.desk.note([note], self.clock.now())

    async def incident(self, name: str) -> int:
        """Opens an incident."""
        found = await self.desk.open_incident(name, "Heightened", WHO, self.clock.now())
        return found.id

    async def kinds(self) -> list[str]:
        """The kinds of all entries, in order."""
        return [json.loads(entry.leaf)["kind"] for entry in await self.desk.entries(0, 10_000)]

    async def incidents(self) -> list[int]:
        """The numbers of all incidents."""
        return [one.id for one in await self.db.read(incidents.incidents)]


def profile(folder: Path) -> Profile:
    """A new profile, open; the caller closes `db`."""
    db = Database(folder / "cordon.db")
    db.open()
    clock, seat = FakeClock(), "Dellin desk 1"
    keys = Keys(NoVault(), session_only=True, find_keyring=lambda: None)
    checkpoints = Checkpoints(
        desk=LocalCheckpoints(db, seat), keys=keys, clock=clock, events=Events(), keeper=None
    )
    desk = LocalDisclosing(db, seat)

    async def medium(digest: str) -> bytes:
        return made.media[digest]

    bundles = Bundles(
        db=db, desk=desk, keys=keys, clock=clock, signing=checkpoints, medium=medium, resources=resources()
    )
    disclosing = Disclosing(db=db, desk=desk, clock=clock, bundles=bundles, fonts=resources() / "fonts")
    made = Profile(db, LocalDesk(db, seat), clock, keys, checkpoints, disclosing)
    return made


async def night(made: Profile) -> int:
    """Fills a profile: five items, one act before an incident, two in it, one after; gives the incident."""
    await made.keys.open()
    await made.db.record(add_account)
    save(
        made.db,
        *(
            received(
                f"p{number}",
                text,
                author=author,
                raw="{}",
                at=made.clock.now(),
                media=(Media("picture", "https://a.example/1.png"),) if number == 1 else (),
            )
            for number, (author, text) in enumerate(TEXTS)
        ),
    )
    await made.minutes(5)
    await made.db.ingest(lambda conn: items.mark_seen(conn, [1, 2], made.clock.now()))
    await made.hide(4)
    number = await made.incident("Chandler's Row")
    await made.minutes(1)
    await made.hide(1, 2)
    await made.look("e2")
    await made.minutes(1)
    await made.desk.close_incident(WHO, made.clock.now())
    await made.minutes(1)
    await made.look("e3")
    await made.hide(3)
    return number


def told(bundle: Path, *words: str, verifier: Path = VERIFIER) -> tuple[int, str]:
    """The verifier's exit code and what it says, run as a stranger would."""
    done = subprocess.run(
        [sys.executable, "-I", str(verifier), str(bundle), *words],
        cwd=bundle.parent,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def rewrite(path: Path, change: Any) -> None:
    """Changes a file of JSON in place."""
    found = json.loads(path.read_text("utf-8"))
    found = change(found) or found
    path.write_text(json.dumps(found), "utf-8")


def run(work: Any) -> Any:
    """Runs a coroutine to its end."""
    return asyncio.run(work)


def ids(*numbers: int) -> Sequence[ItemId]:
    """Items by their numbers."""
    return tuple(ItemId(number) for number in numbers)
