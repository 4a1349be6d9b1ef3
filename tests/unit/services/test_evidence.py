"""Evidence: what was sealed opens whole, only with the key, and only if nobody touched it."""

import asyncio
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.desk.protocol import EvidenceRow, Sealed
from console.domain.accounts import Account
from console.domain.errors import RecordBroken, SecretsUnavailable
from console.domain.ids import AccountId, EvidenceId, ItemId, RemoteId
from console.domain.items import Author, Item, ItemKind, ItemState, Media
from console.domain.watchlists import Hit
from console.services.evidence import open_record, seal_record
from console.services.keys import KeyMaterial, Keys

NOW = 1_800_000_000_000
ACCOUNT = Account(
    id=AccountId(1),
    key="x:force",
    network="x",
    connector="x",
    handle="force",
    name="Dellin Valley Police",
    lead="A. Rowe",
    deputy=None,
    may_act=True,
)


class NoVault:
    """A vault that forgets."""

    async def read(self) -> KeyMaterial | None:
        """Nothing is kept."""
        return None

    async def write(self, material: KeyMaterial) -> None:
        """Keeps nothing."""


def fresh_keys() -> Keys:
    keys = Keys(NoVault(), session_only=True, find_keyring=lambda: None)
    assert asyncio.run(keys.open())
    return keys


KEYS = fresh_keys()


def item(text: str, number: int = 7) -> Item:
    return Item(
        id=ItemId(number),
        account_id=AccountId(1),
        network="x",
        kind=ItemKind.REPLY,
        remote_id=RemoteId("r7"),
        author=Author("u1", "tomosw", "Tomos W"),
        text=text,
        lang="en",
        created_at=NOW,
        received_at=NOW,
        state=ItemState.VISIBLE,
        grade=2,
        parent=RemoteId("t1"),
        thread=RemoteId("t1"),
        where="",
        permalink="https://x.example/7",
        media=(Media("image", "https://x.example/7.jpg", "A bridge"),),
        is_ours=False,
        note="",
        hits=(),
    )


def row(sealed: Sealed) -> EvidenceRow:
    return EvidenceRow(
        id=EvidenceId(1),
        item_id=ItemId(7),
        sealed_at=NOW,
        cipher=sealed.cipher,
        wrapped_key=sealed.wrapped_key,
        digest=sealed.digest,
        retention="standard",
        review_at=NOW,
    )


@given(st.text(st.characters(), max_size=80), st.text(st.characters(), max_size=80))
def test_whatever_was_written_opens_exactly_as_it_was(text: str, raw: str) -> None:
    sealed = seal_record(KEYS, item(text), ACCOUNT, raw, [item("Above.", 6)], NOW)
    found = open_record(KEYS, row(sealed))
    assert (found["item"]["text"], found["raw"]) == (text, raw)
    assert found["item"]["author"] == {"id": "u1", "handle": "tomosw", "name": "Tomos W"}
    assert [above["text"] for above in found["thread"]] == ["Above."]
    assert found["digests"]["text"] == hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def test_it_says_how_it_was_captured_and_what_was_not() -> None:
    sealed = seal_record(KEYS, item("Words."), ACCOUNT, "{}", [], NOW)
    found = open_record(KEYS, row(sealed))
    assert found["account"] == {"key": "x:force", "network": "x", "handle": "force"}
    assert found["captured_at"] == "2027-01-15T08:00:00.000Z"
    assert [(media["captured"], bool(media["why"])) for media in found["media"]] == [(False, True)]
    assert sealed.facts == {"media": 1, "media_captured": 0, "bytes": len(sealed.cipher)}
    assert sealed.digest == hashlib.sha256(sealed.cipher).hexdigest()


def test_its_hits_are_sealed_with_it() -> None:
    hit = Hit(
        watchlist="weapons", watchlist_name="Weapons", version=3, rule="blade", category="weapons", grade=2,
        term="machete", start=0, end=7, text="Machete", disguised=False, suggest=None,
    )  # fmt: skip
    sealed = seal_record(KEYS, replace(item("Machete."), hits=(hit,)), ACCOUNT, "", [], NOW)
    (found,) = open_record(KEYS, row(sealed))["item"]["hits"]
    assert (found["watchlist"], found["version"], found["rule"], found["text"]) == (
        "weapons",
        3,
        "blade",
        "Machete",
    )


def test_no_word_of_it_can_be_read_without_the_key() -> None:
    sealed = seal_record(KEYS, item("A planted heron."), ACCOUNT, "planted raw", [], NOW)
    assert b"planted" not in sealed.cipher + sealed.wrapped_key
    with pytest.raises(SecretsUnavailable):
        open_record(fresh_keys(), row(sealed))
    with pytest.raises(SecretsUnavailable):
        seal_record(Keys(NoVault()), item("Words."), ACCOUNT, "", [], NOW)


@given(st.integers(min_value=0))
def test_one_changed_bit_is_found_wherever_it_is(place: int) -> None:
    sealed = seal_record(KEYS, item("Words."), ACCOUNT, "{}", [], NOW)
    at = place % (len(sealed.cipher) * 8)
    changed = bytearray(sealed.cipher)
    changed[at // 8] ^= 1 << at % 8
    with pytest.raises(RecordBroken, match="was changed"):
        open_record(KEYS, row(replace(sealed, cipher=bytes(changed))))
    forged = replace(sealed, cipher=bytes(changed), digest=hashlib.sha256(changed).hexdigest())
    with pytest.raises(RecordBroken, match="does not open"):
        open_record(KEYS, row(forged))


def test_one_that_was_disposed_of_says_so() -> None:
    sealed = seal_record(KEYS, item("Words."), ACCOUNT, "{}", [], NOW)
    with pytest.raises(RecordBroken, match="disposed of"):
        open_record(KEYS, replace(row(sealed), cipher=None, wrapped_key=None))
