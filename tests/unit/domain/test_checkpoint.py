"""Checkpoints are in the public format: other people's keys and notes check here, and ours read back."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from console.domain import checkpoint
from console.domain.checkpoint import Checkpoint

ORIGIN = "cordon/ledger/00ff00ff00ff00ff"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


def _signed(size: int = 12, root: bytes = bytes(32)) -> Checkpoint:
    return checkpoint.sign(ORIGIN, size, root, PUBLIC, KEY.sign)


# Two verifier keys of others: the one that the Go command trusts (src/cmd/go/internal/modfetch/key.go)
# and the one of the example in https://pkg.go.dev/golang.org/x/mod/sumdb/note, with its note.
@pytest.mark.parametrize(
    ("text", "name", "number"),
    [
        (
            "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
            "sum.golang.org",
            "033de0ae",
        ),
        (
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann",
            "c74f20a3",
        ),
    ],
)
def test_keys_are_written_as_other_programs_write_them(text: str, name: str, number: str) -> None:
    found, public = checkpoint.parse_verifier_key(text)
    assert (found, checkpoint.key_id(name, public).hex()) == (name, number)
    assert checkpoint.verifier_key(name, public) == text


def test_a_note_that_another_program_signed_checks() -> None:
    _, public = checkpoint.parse_verifier_key(
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    )
    words = (
        b"If you think cryptography is the answer to your problem,\n"
        b"then you don't know what your problem is.\n"
    )
    signed = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    assert signed[:4] == checkpoint.key_id("PeterNeumann", public)
    assert checkpoint.is_signed(public, signed[4:], words)
    assert not checkpoint.is_signed(public, signed[4:], words + b"\n")


def test_a_checkpoint_has_the_lines_of_the_public_format() -> None:
    text = _signed().text
    origin, size, root, blank, signature, end = text.split("\n")
    assert (origin, size, blank, end) == (ORIGIN, "12", "", "")
    assert base64.b64decode(root) == bytes(32)
    assert signature.startswith(f"\u2014 {ORIGIN} ")
    raw = base64.b64decode(signature.split(" ")[2])
    KEY.public_key().verify(raw[4:], f"{ORIGIN}\n12\n{root}\n".encode())
    assert raw[:4] == checkpoint.key_id(ORIGIN, PUBLIC)


@given(st.integers(0, 10**17), st.binary(min_size=32, max_size=32))
def test_what_was_signed_reads_back_and_checks(size: int, root: bytes) -> None:
    made = _signed(size, root)
    assert checkpoint.parse(made.text) == made
    assert checkpoint.check(made, PUBLIC)


@pytest.mark.parametrize(
    "mail",
    [
        "{}",
        "\ufeff{}",
        "Good morning,\n\nthis is how our ledger stood at seven.\n\n{}\nKind regards\n",
        "On Friday R. Calder wrote:\n>\n{quoted}\n",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_checkpoint_is_found_in_the_mail_that_brought_it(mail: str, end: str) -> None:
    made = _signed()
    quoted = "".join(f"> {line}\n" for line in made.text.splitlines())
    found = checkpoint.parse(mail.format(made.text, quoted=quoted).replace("\n", end))
    assert found == made
    assert checkpoint.check(found, PUBLIC)


def test_a_checkpoint_of_another_key_another_size_or_another_root_does_not_check() -> None:
    made = _signed()
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    assert not checkpoint.check(made, stranger)
    assert not checkpoint.check(checkpoint.parse(made.text.replace("\n12\n", "\n13\n")), PUBLIC)
    other = base64.b64encode(bytes([1]) * 32).decode()
    changed = made.text.replace(base64.b64encode(bytes(32)).decode(), other)
    assert not checkpoint.check(checkpoint.parse(changed), PUBLIC)
    assert not checkpoint.check(checkpoint.parse(made.text.replace(ORIGIN, ORIGIN + "0")), PUBLIC)


def test_signatures_of_others_beside_ours_do_no_harm() -> None:
    made = _signed()
    witnessed = checkpoint.parse(f"{made.text}\u2014 witness.example AAAA\n\u2014 witness.example !\n")
    assert checkpoint.check(witnessed, PUBLIC)
    assert [name for name, _, _ in checkpoint.signatures(witnessed)] == [ORIGIN]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no checkpoint"),
        ("\u2014 a b\n", "holds no checkpoint"),
        (f"{ORIGIN}\n012\nAAAA\n\n\u2014 a b\n", "number of entries"),
        (f"{ORIGIN}\n-1\nAAAA\n\n\u2014 a b\n", "number of entries"),
        (f"{ORIGIN}\n12\nAAAA\n\n\u2014 a b\n", "root"),
        (f"{ORIGIN}\n12\n?\n\n\u2014 a b\n", "root"),
    ],
)
def test_what_is_no_checkpoint_is_said(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        checkpoint.parse(text)


@pytest.mark.parametrize("text", ["", "name", "name+00000000+AAAA", "name+00000000+?", "a+b+c+d"])
def test_what_is_no_key_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="no public key"):
        checkpoint.parse_verifier_key(text)
