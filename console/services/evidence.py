"""Evidence: the sealed capture of an item as it stood, made before anything is done to it.

A record is JSON, encrypted with AES-256-GCM under a key of its own. That key is sealed twice: under the
profile's key, and to the force's recovery key where there is one. The ledger holds the digest of the cipher
text, so that anybody can check that a record is the one that was sealed, without being able to read it.

What a newcomer would get wrong: what was seen of a child at risk is recorded by identifiers alone, whatever
anybody asks for: no words, no network data, no address of a picture.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from console.desk.protocol import EvidenceRow, Sealed
from console.domain.accounts import Account
from console.domain.audit import plain_json
from console.domain.errors import RecordBroken
from console.domain.ids import EvidenceId, ItemId, evidence_key, item_key
from console.domain.items import Item, Media
from console.domain.retention import CLASSES, IDENTIFIERS_ONLY, MODERATION, Retention, class_of
from console.domain.times import iso
from console.services.clock import ClockFacts
from console.services.keys import Keys
from console.services.recovery import Wrapper
from console.store.items import Version

FORM: Final = 2
_NONCE_BYTES: Final = 12
HOW: Final = "From the network's own answer, as Cordon received and stored it."
LATER: Final = "It is fetched after this was sealed; a supplement to this record says what came of it."
LINK: Final = "A link to a page; only its address is recorded."
ONLY_IDENTIFIERS: Final = "Identifiers only: of this category nothing else is ever recorded."
UNKNOWN_CLOCK: Final = ClockFacts("Not known.", None)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one picture or other medium: its file, or why there is none."""

    file: str | None = None
    """The name of the sealed file in the profile."""
    digest: str | None = None
    """SHA-256 of its bytes, in hexadecimal."""
    size: int | None = None
    type: str | None = None
    """What its bytes are, such as `image/png`; never what its server called it."""
    why: str | None = None
    """Why there is none, or where else it is."""
    is_link: bool = False
    """Whether there is nothing to have: it is a link to a page."""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around an item in the cache."""

    raw: str = ""
    above: Sequence[Item] = ()
    """What it answers, oldest first."""
    replies: Sequence[Item] = ()
    """What answers it, oldest first, as far as the cache knows."""
    replies_left_out: bool = False
    """Whether there may be more than were looked for."""
    earlier: Sequence[Version] = ()
    """Its words before they were edited."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What records that are sealed together share."""

    now: int
    clock: ClockFacts = UNKNOWN_CLOCK
    wrapper: Wrapper | None = None
    classes: Mapping[str, Retention] = field(default_factory=lambda: CLASSES)
    plain: dict[ItemId, tuple[dict[str, object], str]] = field(default_factory=dict)
    """Items of threads, written out once, with their digests."""
    times: dict[int, str] = field(default_factory=dict)
    """Moments in ISO 8601, written out once: a bulk act's items share most of theirs."""

    def iso(self, at: int) -> str:
        """A moment (epoch ms) in ISO 8601."""
        found = self.times.get(at)
        if found is None:
            found = self.times[at] = iso(at)
        return found


def seal_item(
    keys: Keys,
    item: Item,
    account: Account,
    around: Around,
    batch: Batch,
    *,
    category: str | None = None,
    media: Sequence[Seen] | None = None,
    override: str | None = None,
) -> Sealed:
    """Seals one item as it stands: words, author, place in its thread, and the network's own JSON.

    `category` is why the act is asked for. `media` says of each picture what became of it; None: it is
    fetched later. `override` is a person's reason to go on without. Raises SecretsUnavailable without a key.
    """
    categories = {hit.category for hit in item.hits} | ({category} if category else set())
    is_bare = not categories.isdisjoint(IDENTIFIERS_ONLY)
    kept = batch.classes.get(class_of(categories)) or CLASSES[MODERATION]
    own = _plain(item, batch, bare=is_bare)
    around_it = Around() if is_bare else around
    above, above_digest = _thread(around_it.above, batch)
    replies, replies_digest = _thread(around_it.replies, batch)
    earlier = [
        {"text": one.text, "rules": list(one.rules), "replaced_at": iso(one.replaced_at)}
        for one in around_it.earlier
    ]
    seen = [Seen(why=ONLY_IDENTIFIERS)] * len(item.media) if is_bare else media
    described = _media(item.media, seen, bare=is_bare)
    record = {
        "form": FORM,
        "captured_at": batch.iso(batch.now),
        "how": HOW,
        "clock": _clock(batch.clock),
        "identifiers_only": is_bare,
        "account": {"key": account.key, "network": account.network, "handle": account.handle},
        "author": own["author"],
        "item": own,
        "rules": sorted({f"{hit.watchlist}/{hit.rule} v{hit.version}" for hit in item.hits}),
        "earlier": earlier,
        "thread": above,
        "replies": replies,
        "replies_complete": not around_it.replies_left_out and not is_bare,
        "raw": around_it.raw,
        "digests": {
            "text": _digest(item.text),
            "raw": _digest(around.raw),
            "earlier": [_digest(one.text) for one in around_it.earlier],
            "thread": above_digest,
            "replies": replies_digest,
            "media": [each["digest"] for each in described],
        },
        "media": described,
        "retention": {
            "class": kept.name,
            "why": kept.words,
            "review_at": batch.iso(batch.now + kept.life_ms),
        },
        "override": override,
    }
    captured = sum(each.digest is not None for each in seen or ())
    facts: dict[str, str | int | bool | None] = {"media": len(item.media), "media_captured": captured}
    if is_bare:
        facts["identifiers_only"] = True
    if override is not None:
        facts["override"] = True
    return _sealed(
        keys,
        record,
        batch,
        facts,
        retention=kept,
        files=_files(seen),
        wants_media=seen is None and any(each.kind != "link" for each in item.media),
    )


def seal_supplement(keys: Keys, item: Item, of: EvidenceId, seen: Sequence[Seen], batch: Batch) -> Sealed:
    """Seals what became of an item's pictures after its record was sealed; it lives as long as that one."""
    described = _media(item.media, seen, bare=False)
    record = {
        "form": FORM,
        "captured_at": batch.iso(batch.now),
        "how": "Fetched from the addresses that the record names, after it was sealed.",
        "clock": _clock(batch.clock),
        "supplement_of": evidence_key(of),
        "item": {"key": item_key(item.id)},
        "digests": {"media": [each["digest"] for each in described]},
        "media": described,
    }
    captured = sum(each.digest is not None for each in seen)
    facts = {"media": len(item.media), "media_captured": captured}
    return _sealed(keys, record, batch, facts, files=_files(seen), supplement_of=of)


def _sealed(
    keys: Keys,
    record: Mapping[str, object],
    batch: Batch,
    facts: Mapping[str, str | int | bool | None],
    *,
    retention: Retention = CLASSES[MODERATION],
    files: Sequence[str],
    wants_media: bool = False,
    supplement_of: EvidenceId | None = None,
) -> Sealed:
    try:
        plain = _encode(record)
    except UnicodeEncodeError:  # half a surrogate pair, which no network should send and some do
        plain = plain_json(record)
    fresh = secrets.token_bytes(32 + _NONCE_BYTES)  # asking the system takes longer than sealing does
    key, nonce = fresh[:32], fresh[32:]
    cipher = nonce + AESGCM(key).encrypt(nonce, plain, None)
    digest = hashlib.sha256(cipher)
    return Sealed(
        cipher=cipher,
        wrapped_key=keys.seal(key, "evidence"),
        digest=digest.hexdigest(),
        facts={**facts, "bytes": len(cipher)},
        recovery_wrap=batch.wrapper.wrap(key, digest.digest()) if batch.wrapper else None,
        retention=retention.name,
        life_ms=retention.life_ms,
        supplement_of=supplement_of,
        files=files,
        wants_media=wants_media,
    )


def open_record(keys: Keys, row: EvidenceRow) -> Mapping[str, Any]:
    """The sealed record in clear.

    Raises RecordBroken when it was changed or disposed of, SecretsUnavailable without the key.
    """
    if row.cipher is None or row.wrapped_key is None:
        raise RecordBroken("This evidence record was disposed of; the ledger still proves that it existed.")
    if hashlib.sha256(row.cipher).hexdigest() != row.digest:
        raise RecordBroken("This evidence record was changed since it was sealed.")
    key = keys.unseal(row.wrapped_key, "evidence")
    try:
        plain = AESGCM(key).decrypt(row.cipher[:_NONCE_BYTES], row.cipher[_NONCE_BYTES:], None)
        found: dict[str, Any] = json.loads(plain)  # msgspec refuses half a surrogate pair
    except (InvalidTag, ValueError) as problem:
        raise RecordBroken("This evidence record does not open.") from problem
    return _as_newest(found, row)


def _as_newest(record: dict[str, Any], row: EvidenceRow) -> dict[str, Any]:
    """A record of an earlier form, with what that form did not say left open; its own words stay."""
    if record.get("form") == 1:
        for each in record.get("media", []):
            for name in ("digest", "size", "type", "file"):
                each.setdefault(name, None)
        record.setdefault("author", record["item"]["author"])
        record.setdefault("clock", _clock(UNKNOWN_CLOCK))
        for name in ("replies", "rules"):
            record.setdefault(name, [])
        for name, value in (("identifiers_only", False), ("replies_complete", False), ("override", None)):
            record.setdefault(name, value)
        record.setdefault("retention", {"class": row.retention, "why": "", "review_at": iso(row.review_at)})
    return record


def with_supplements(
    record: Mapping[str, Any], supplements: Sequence[tuple[EvidenceId, Mapping[str, Any]]]
) -> Mapping[str, Any]:
    """A record as it is known now: its pictures as later supplements tell them, and which those are."""
    media = list(record["media"])
    for _, later in supplements:
        for place, found in enumerate(later["media"]):
            if place < len(media) and not media[place]["captured"]:
                media[place] = found
    return {**record, "media": media, "supplements": [evidence_key(number) for number, _ in supplements]}


def _clock(facts: ClockFacts) -> dict[str, object]:
    return {"source": facts.source, "error_ms": facts.error_ms, "set_back_ms": facts.behind_ms}


def later(media: Media) -> Seen:
    """What a record says of a medium that was not asked for before it was sealed."""
    return Seen(why=LINK, is_link=True) if media.kind == "link" else Seen(why=LATER)


def _files(seen: Sequence[Seen] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.file for each in seen or () if each.file is not None))


def _media(media: Sequence[Media], seen: Sequence[Seen] | None, *, bare: bool) -> list[dict[str, Any]]:
    found = seen if seen is not None else [later(each) for each in media]
    return [
        {
            "kind": each.kind,
            "url": "" if bare else each.url,
            "description": "" if bare else each.description,
            "captured": what.digest is not None,
            "why": what.why,
            "digest": what.digest,
            "size": what.size,
            "type": what.type,
            "file": what.file,
        }
        for each, what in zip(media, found, strict=True)
    ]


def _thread(items: Sequence[Item], batch: Batch) -> tuple[list[dict[str, object]], list[str]]:
    """Items around another, and the digests of their words, written out once for a whole batch."""
    written: list[dict[str, object]] = []
    digests: list[str] = []
    for item in items:
        known = batch.plain.get(item.id)
        if known is None:
            # what is around a record must not carry what may not be recorded
            is_bare = any(hit.category in IDENTIFIERS_ONLY for hit in item.hits)
            known = batch.plain[item.id] = (_plain(item, batch, bare=is_bare), _digest(item.text))
        written.append(known[0])
        digests.append(known[1])
    return written, digests


def _plain(item: Item, batch: Batch, *, bare: bool) -> dict[str, object]:
    return {
        "key": item_key(item.id),
        "kind": str(item.kind),
        "remote_id": item.remote_id,
        "parent": item.parent,
        "thread": item.thread,
        "author": {"id": item.author.id, "handle": item.author.handle, "name": item.author.name},
        "text": "" if bare else item.text,
        "language": item.lang,
        "created_at": batch.iso(item.created_at),
        "received_at": batch.iso(item.received_at),
        "edited_at": None if item.edited_at is None else iso(item.edited_at),
        "permalink": item.permalink,
        "state": str(item.state),
        "grade": item.grade,
        "hits": [
            {
                "watchlist": hit.watchlist,
                "version": hit.version,
                "rule": hit.rule,
                "term": hit.term,
                "start": hit.start,
                "end": hit.end,
                "text": "" if bare else hit.text,
            }
            for hit in item.hits
        ],
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
