"""Evidence: what was sealed opens whole, only with the key, and only if nobody touched it."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from console.desk.protocol import EvidenceRow, Sealed
from console.domain.accounts import Account
from console.domain.errors import RecordBroken, SecretsUnavailable
from console.domain.ids import AccountId, EvidenceId, ItemId, RemoteId
from console.domain.items import Author, Item, ItemKind, ItemState, Media
from console.domain.watchlists import Hit
from console.services.clock import ClockFacts
from console.services.evidence import (
    Around,
    Batch,
    Seen,
    open_record,
    seal_item,
    seal_supplement,
    with_supplements,
)
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


def seal_record(
    keys: Keys, item: Item, account: Account, raw: str, thread: Sequence[Item], now: int
) -> Sealed:
    """Seals one item with what it answers."""
    return seal_item(keys, item, account, Around(raw, thread), Batch(now))


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


FULL = Around(
    raw='{"id": 7}',
    above=[item("Above.", 6)],
    replies=[item("Below.", 8)],
    replies_left_out=True,
)


def hit_of(category: str) -> Hit:
    return Hit(
        watchlist=category, watchlist_name=category, version=3, rule="one", category=category, grade=1,
        term="heron", start=0, end=5, text="heron", disguised=False, suggest=None,
    )  # fmt: skip


def test_it_says_what_stood_around_it_when_by_which_clock_and_how_long_it_is_kept() -> None:
    clock = ClockFacts("This computer's clock.", 12, 3)
    sealed = seal_item(
        KEYS,
        replace(item("Words."), hits=(hit_of("hate"),)),
        ACCOUNT,
        FULL,
        Batch(NOW, clock),
        category="spam",
    )
    found = open_record(KEYS, row(sealed))
    assert found["author"] == {"id": "u1", "handle": "tomosw", "name": "Tomos W"}
    assert [below["text"] for below in found["replies"]] == ["Below."]
    assert found["replies_complete"] is False
    assert found["clock"] == {"source": "This computer's clock.", "error_ms": 12, "set_back_ms": 3}
    assert found["rules"] == ["hate/one v3"]
    assert found["item"]["permalink"] == "https://x.example/7"
    assert found["digests"]["raw"] == hashlib.sha256(b'{"id": 7}').hexdigest()
    assert found["digests"]["replies"] == [hashlib.sha256(b"Below.").hexdigest()]
    assert found["retention"]["class"] == sealed.retention == "crime", "the longest life of all its reasons"
    assert found["retention"]["review_at"][:10] == "2033-01-13"
    assert sealed.wants_media


@pytest.mark.parametrize("by_hand", [True, False])
def test_of_a_child_at_risk_there_are_identifiers_and_nothing_else(by_hand: bool) -> None:
    hits = () if by_hand else (hit_of("child-at-risk"),)
    sealed = seal_item(
        KEYS,
        replace(item("A planted heron."), hits=hits),
        ACCOUNT,
        replace(FULL, raw="planted raw"),
        Batch(NOW),
        category="child-at-risk" if by_hand else None,
        media=[Seen(file="f", digest="00", size=1, type="image/png")],
        override="never asked for",
    )
    found = open_record(KEYS, row(sealed))
    plain = json.dumps(found)
    assert found["identifiers_only"] is True
    for word in ("planted", "heron", "7.jpg", "bridge", "Above", "Below", "image/png"):
        assert word not in plain.replace('"term": "heron"', "")
    assert found["author"]["id"] == "u1"
    assert found["item"]["permalink"] == "https://x.example/7"
    assert found["digests"]["text"] == hashlib.sha256(b"A planted heron.").hexdigest()
    assert not found["media"][0]["captured"]
    assert sealed.files == ()
    assert not sealed.wants_media
    assert sealed.facts["identifiers_only"] is True
    assert sealed.retention == "serious"


def test_what_stands_around_a_record_carries_nothing_that_may_not_be_recorded() -> None:
    below = replace(item("A planted heron.", 8), hits=(hit_of("child-at-risk"),))
    sealed = seal_item(KEYS, item("Words."), ACCOUNT, Around(replies=[below]), Batch(NOW))
    assert "planted" not in json.dumps(open_record(KEYS, row(sealed)))


def test_a_supplement_tells_what_came_of_the_pictures() -> None:
    first = seal_item(KEYS, item("Words."), ACCOUNT, Around(), Batch(NOW))
    seen = Seen(file="name", digest="ab", size=9, type="image/png")
    later = seal_supplement(KEYS, item("Words."), EvidenceId(1), [seen], Batch(NOW))
    assert later.supplement_of == EvidenceId(1)
    assert later.files == ("name",)
    record, more = open_record(KEYS, row(first)), open_record(KEYS, row(later))
    assert not record["media"][0]["captured"]
    whole = with_supplements(record, [(EvidenceId(2), more)])
    assert whole["supplements"] == ["e2"]
    assert {key: whole["media"][0][key] for key in ("captured", "file", "digest", "size", "type")} == {
        "captured": True, "file": "name", "digest": "ab", "size": 9, "type": "image/png"
    }  # fmt: skip


def test_a_record_of_the_first_form_still_opens_with_every_key_of_today() -> None:
    old = {
        "form": 1,
        "captured_at": "2027-01-15T08:00:00.000Z",
        "how": "",
        "account": {},
        "item": {"author": {"id": "u1", "handle": "tomosw", "name": "Tomos W"}, "text": "Words."},
        "earlier": [],
        "thread": [],
        "raw": "",
        "digests": {},
        "media": [{"kind": "image", "url": "", "description": "", "captured": False, "why": "Not fetched."}],
    }
    key, nonce = b"k" * 32, b"n" * 12
    cipher = nonce + AESGCM(key).encrypt(nonce, json.dumps(old).encode(), None)
    kept = Sealed(cipher, KEYS.seal(key, "evidence"), hashlib.sha256(cipher).hexdigest(), {})
    found = open_record(KEYS, row(kept))
    today = open_record(KEYS, row(seal_record(KEYS, item("Words."), ACCOUNT, "", [], NOW)))
    assert found["form"] == 1
    assert found["author"]["handle"] == "tomosw"
    assert found["retention"]["class"] == "standard"
    assert set(today) == set(found)
    assert set(today["media"][0]) == set(found["media"][0])
