"""Checkpoints: how the ledger stands is stated, signed, and handed to somebody else, again and again.

One is made after so many entries, or after a while with any, at the end of a shift, at a handover, and
when a person asks. The key that signs is made with the first one, sealed under the profile's key, and
put on record; so is every key after it.

What a newcomer would get wrong: nothing here may keep the desk from working. Without the profile's key
no statement is made, without a second keeper none is handed over; both are said, and both are made good
later.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.desk.checkpoints import CheckpointDesk, LedgerKey, NewKey
from console.domain.audit import Given, Note, Verdict
from console.domain.checkpoint import ORIGIN_START, Checkpoint, key_change, parse, verifier_key
from console.domain.errors import CordonError, ProfileError, SecretsUnavailable, UsageError
from console.domain.operators import PROGRAM
from console.services.clock import Clock
from console.services.events import Events, Trouble
from console.services.keepers import Keeper, KeeperFailedError, ToKeep
from console.services.keys import Keys
from console.services.ledger_export import Exported, LedgerFile, export_ledger
from console.services.tasks import Tasks

_log = logging.getLogger(__name__)
T = TypeVar("T")

EVERY_ENTRIES: Final = 5_000
"""So many entries call for the next one: what a busy minute of a bad night brings, and no more."""
EVERY_MS: Final = 600_000
"""After ten minutes any entry does: so much of the past, at most, could be told otherwise unnoticed, and a
person still knows it by heart. A shift of twelve hours makes seventy, of 300 bytes each."""
LOOK_EVERY_S: Final = 30.0
"""How often it is asked whether the next one is due."""
KEEPER_LIMIT_S: Final = 20.0
"""How long a keeper may take for what it is given at once; a folder far away may never answer."""
LAST_LIMIT_S: Final = 5.0
"""The same at the end of the program, when a person waits for it to close."""
AT_ONCE: Final = 100
"""How many checkpoints a keeper is given at once."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How the second keeper stands."""

    words: str | None
    """What it is called in a sentence; None when none is set."""
    waiting: int
    """How many checkpoints it has not got yet; counted up to `AT_ONCE`."""
    trouble: str | None
    """Why it could not take or show them when it was last asked."""


class Checkpoints:
    """Makes, signs, hands over and compares with checkpoints.

    Pinned for others: `latest`, `make` and `public_key`.
    """

    def __init__(
        self, *, desk: CheckpointDesk, keys: Keys, clock: Clock, events: Events, keeper: Keeper | None
    ) -> None:
        """`keeper` is the second keeper, or None while none is set."""
        self._desk = desk
        self._keys = keys
        self._clock = clock
        self._events = events
        self._keeper = keeper
        self._tasks = Tasks("checkpoints")
        self._signing: tuple[LedgerKey, Ed25519PrivateKey] | None = None
        self._public: tuple[str, bytes] | None = None
        self._began_at = clock.now()
        self._is_failing = False
        self._works = False
        self._at_end = False

    # life -----------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Looks which key signs; the profile is open."""
        self._began_at = self._clock.now()
        key = await self._desk.key()
        self._public = (key.origin, key.public) if key else None

    def start(self, *, at_end: bool) -> None:
        """Makes checkpoints by itself until `stop`; with `at_end` one more then, whatever is due."""
        self._works, self._at_end = True, at_end
        self._tasks.start(self._by_itself(), "make and hand over")

    async def stop(self) -> None:
        """Ends, with a last checkpoint where one is called for. Raises nothing."""
        await self._tasks.stop(LAST_LIMIT_S)
        if not self._works:
            return
        self._works = False
        try:
            await self._if_due("ending" if self._at_end else None)
            await self.hand_over(LAST_LIMIT_S)
        except (CordonError, OSError) as problem:
            _log.info("No last checkpoint was made: %s", problem)

    async def _by_itself(self) -> None:
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            try:
                await self._if_due(None)
                await self.hand_over()
            except (ProfileError, SecretsUnavailable) as problem:
                _log.info("No checkpoint was made; it is tried again: %s", problem)
            except Exception:  # noqa: BLE001 - whatever it was, the next one must be tried
                _log.exception("Making a checkpoint failed; it is tried again.")

    async def _if_due(self, ending: str | None) -> None:
        """Makes one if entries have come since the last, and enough of them, or long enough ago."""
        if not self._keys.ready:
            return
        kept = await self._desk.latest()
        size, at = (kept.checkpoint.size, kept.made_at) if kept else (0, self._began_at)
        fresh = await self._desk.entries_so_far() - size
        if fresh >= EVERY_ENTRIES or (fresh > 0 and self._clock.now() - at >= EVERY_MS):
            await self.make("interval", PROGRAM)
        elif fresh > 0 and ending:
            await self.make(ending, PROGRAM)

    # what is asked for ------------------------------------------------------------------------------

    @property
    def public_key(self) -> bytes | None:
        """The 32 bytes of the Ed25519 key that signs now; None before the first checkpoint."""
        return self._public[1] if self._public else None

    @property
    def verifier_key(self) -> str | None:
        """The same as other programs for signed notes take it, with the ledger's name."""
        return verifier_key(*self._public) if self._public else None

    async def latest(self) -> Checkpoint | None:
        """The newest checkpoint; None when there is none yet."""
        kept = await self._desk.latest()
        return kept.checkpoint if kept else None

    async def make(self, why: str, who: str) -> Checkpoint:
        """States and signs how the ledger stands now, and hands it to the second keeper soon.

        `why` is one word of ours, which stays in the ledger for good: `interval`, `ending`, `handover`,
        `asked`, `export`. Raises SecretsUnavailable when the profile's key or the ledger's does not
        open, and whatever storing raises.
        """
        while True:
            key, private = await self._signer()
            made = await self._desk.make(key, private.sign, why, who, self._clock.now())
            if made is not None:
                return made
            self._signing = None  # another program has put another key in force meanwhile

    async def leaf_hashes(self, size: int | None = None) -> list[bytes]:
        """The leaf hashes of the first `size` entries (None: of all), as `domain.merkle` takes them."""
        return await self._desk.leaf_hashes(size)

    async def new_key(self, reason: str, who: str) -> str:
        """Puts a new key in force, signed by the old one if that still opens; gives its verifier key.

        Without the old one's word, verifying asks for a checkpoint from the second keeper that is signed
        by the new key. Raises SecretsUnavailable when the profile's key is not open.
        """
        before = await self._desk.key()
        await self._put_key(before, reason, who)
        return self.verifier_key or ""

    async def correct(self, seq: int, words: str, who: str) -> int:
        """Says on record what is wrong with an entry, which stays as it is; gives the new entry's place.

        Raises UsageError when there is no such entry, or no words.
        """
        if not words.strip():
            raise UsageError(f"Say what is wrong with entry {seq}.")
        return await self._desk.correct(seq, words.strip(), who, self._clock.now())

    async def corrections(self) -> Mapping[int, Sequence[int]]:
        """The entries that correct others, by the place of what they correct."""
        return await self._desk.corrections()

    async def export(self, path: Path, who: str, *, with_content: bool = False) -> Exported:
        """Writes the whole ledger with keys and checkpoints to a file; that it was exported goes on record.

        Raises UsageError when there is such a file already or it cannot be written.
        """
        file = await asyncio.to_thread(LedgerFile, path)
        try:
            facts = {"with_content": with_content}
            at = self._clock.now()
            await self._desk.note([Note("ledger.exported", who, facts, {})], at)
            with contextlib.suppress(SecretsUnavailable):  # then the newest one that there is must do
                await self.make("export", who)
            return await export_ledger(self._desk, file, path, with_content=with_content, at=at)
        finally:
            await asyncio.to_thread(file.drop)

    # signing ----------------------------------------------------------------------------------------

    async def _signer(self) -> tuple[LedgerKey, Ed25519PrivateKey]:
        key = await self._desk.key()
        if key is None:
            key = await self._put_key(None, "", PROGRAM)
        if self._signing is None or self._signing[0].seq != key.seq:
            self._signing = (key, self._opened(key))
            self._public = (key.origin, key.public)
        return self._signing

    def _opened(self, key: LedgerKey) -> Ed25519PrivateKey:
        try:
            private = Ed25519PrivateKey.from_private_bytes(self._keys.unseal(key.sealed, "ledger"))
        except (SecretsUnavailable, ValueError) as problem:
            if not self._keys.ready:
                raise
            raise SecretsUnavailable(
                "The key that signs the ledger does not open, so no checkpoint can be made; everything else "
                "goes on. If this computer or its keyring is new, put a new key on record: "
                "cordon audit new-key --reason WHY"
            ) from problem
        if private.public_key().public_bytes_raw() != key.public:
            raise SecretsUnavailable(
                "The key that signs the ledger is not the one on record, so no checkpoint is made with it. "
                "Somebody has changed this profile: look at cordon audit verify."
            )
        return private

    async def _put_key(self, before: LedgerKey | None, reason: str, who: str) -> LedgerKey:
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        origin = before.origin if before else ORIGIN_START + secrets.token_hex(8)
        vouched = None
        if before is not None:
            with contextlib.suppress(SecretsUnavailable):
                vouched = self._opened(before).sign(key_change(origin, public))
        sealed = self._keys.seal(private.private_bytes_raw(), "ledger")
        new = NewKey(origin, public, sealed, vouched)
        key = await self._desk.put_key(new, before, reason, who, self._clock.now())
        self._public = (key.origin, key.public)
        return key

    # the second keeper ------------------------------------------------------------------------------

    async def hand_over(self, seconds: float = KEEPER_LIMIT_S) -> None:
        """Gives the second keeper what it has not got yet. A failure is said once, and tried again."""
        keeper = self._keeper
        if keeper is None:
            return
        waiting = await self._desk.not_handed_over(keeper.name, AT_ONCE)
        if not waiting:
            return
        done: list[int] = []

        def give() -> None:
            for text, made_at in waiting:
                found = parse(text)
                keeper.keep(ToKeep(found, made_at))
                done.append(found.size)

        try:
            await _in_time(asyncio.to_thread(give), seconds)
        except (KeeperFailedError, ValueError) as problem:
            self._say(str(problem))
        else:
            if self._is_failing:
                _log.info("The ledger's checkpoints reach %s again.", keeper.words)
            self._is_failing = False
        if done:
            await self._desk.handed_over(keeper.name, list(done))

    def _say(self, problem: str) -> None:
        if self._is_failing:
            return
        self._is_failing = True
        words = (
            f"The ledger's checkpoints do not reach their second keeper. {problem} Nothing is lost, and it "
            "is tried again; until then nobody else could tell if the record were written anew."
        )
        _log.warning("%s", words)
        self._events.announce(Trouble(words))

    async def keeping(self) -> Keeping:
        """How the second keeper stands; it is asked."""
        if self._keeper is None:
            return Keeping(None, 0, None)
        _, trouble = await self._from_keeper()
        waiting = await self._desk.not_handed_over(self._keeper.name, AT_ONCE)
        return Keeping(self._keeper.words, len(waiting), trouble)

    async def _from_keeper(self) -> tuple[list[Given], str | None]:
        """What the second keeper has, and why that cannot be told."""
        if self._keeper is None:
            return [], None
        try:
            return await _in_time(asyncio.to_thread(self._keeper.kept), KEEPER_LIMIT_S), None
        except KeeperFailedError as problem:
            return [], str(problem)

    # comparing --------------------------------------------------------------------------------------

    async def verify(self, files: Sequence[Path] = ()) -> Verdict:
        """Checks the whole record and holds it against every checkpoint: ours, the keeper's, these files'.

        Raises UsageError for a file that cannot be read or holds none.
        """
        given = [await asyncio.to_thread(_read, path) for path in files]
        kept, trouble = await self._from_keeper()
        verdict = await self._desk.verify([*given, *kept])
        remarks = (f"The second keeper's checkpoints were not compared with: {trouble}",) if trouble else ()
        return Verdict(
            verdict.ok,
            verdict.entries,
            verdict.root,
            verdict.checkpoint,
            verdict.first_bad,
            (*verdict.remarks, *remarks),
        )


def _read(path: Path) -> Given:
    try:
        given = Given(f"the file {path}", path.read_text("utf-8", "replace"))
        parse(given.text)
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}.") from problem
    except ValueError as problem:
        raise UsageError(f"{path} cannot be compared with. {problem}") from problem
    return given


async def _in_time(work: Awaitable[T], seconds: float) -> T:
    """The result of `work`, or KeeperFailedError when it takes too long."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as problem:
        raise KeeperFailedError(f"It did not answer within {seconds:g} seconds.") from problem
