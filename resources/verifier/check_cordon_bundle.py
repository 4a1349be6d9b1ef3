#!/usr/bin/env python3
"""Checks a bundle of evidence that was given out by Cordon, without Cordon and without trusting it.

    python3 check_cordon_bundle.py BUNDLE [--checkpoint FILE]... [--key FILE] [--manifest DIGEST]

BUNDLE is a folder or a .zip file. It is read and never unpacked, opened or changed. FILE is a checkpoint,
or the ledger's public key, that you were given earlier or by another way: only these show that the ledger
was not written anew from its beginning. DIGEST is the SHA-256 digest of manifest.json, if you were told it.

It needs Python 3.9 or later. With the package `cryptography` it also checks signatures and opens sealed
records; without it, it says what it could not check.

Ends with 0: everything that was checked is right. 1: something is wrong, and the first bad place is named.
2: wrong usage. 3: nothing is wrong so far, but not everything could be checked.

Take this file from somewhere else than the bundle, and compare the digest that it prints first with the
one that is published: a program inside a bundle proves nothing about that bundle.

What a newcomer would get wrong: a bundle is hostile until it is proved otherwise. Nothing in it is used
as a path, run, or shown without its control characters.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import stat
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NoReturn

VERSION = "1"
FORM = "cordon-bundle"
SEAL_FORM = "cordon-bundle-seal"
MOST_FILES = 500_000
MOST_BYTES = 64 * 1024**3
"""What a whole bundle may hold."""
MOST_JSON = 256 * 1024**2
"""The largest file that is read as a whole."""
MOST_LINE = 16 * 1024**2
MOST_DIGITS = 40
CHUNK = 1024 * 1024
NONCE_BYTES = 12
EM_DASH = "\u2014 "
OWN = ("manifest.json", "seal.json")
LEDGER, CHECKPOINTS, KEY, CUSTODY = "ledger.jsonl", "checkpoints.txt", "key.txt", "custody.jsonl"
SEALED = (LEDGER, CHECKPOINTS, KEY, CUSTODY)
HEX64 = re.compile(r"[0-9a-f]{64}")
HASH_LINE = re.compile(rb'"[0-9a-f]{64}"\n')
RECORD = re.compile(r"e[1-9][0-9]{0,17}")
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}(/[A-Za-z0-9][A-Za-z0-9._-]{0,120}){0,3}")
"""How every name in a bundle looks; anything else is not of Cordon's making."""


class Bad(Exception):
    """Something is wrong; the words name the place."""


def bad(words: str) -> NoReturn:
    """Ends the check."""
    raise Bad(words)


def plain(text: object, most: int = 300) -> str:
    """Text from a bundle, so that it can be printed: no control or direction characters, not too long."""
    shown = "".join(
        char if unicodedata.category(char)[0] != "C" else f"<U+{ord(char):04X}>" for char in str(text)[:most]
    )
    return shown + ("..." if len(str(text)) > most else "")


# reading without trust ----------------------------------------------------------------------------


class Folder:
    """A bundle that lies unpacked in a folder."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.sizes: dict[str, int] = {}
        self._look(path, "")

    def _look(self, folder: str, before: str) -> None:
        with os.scandir(folder) as found:
            for one in sorted(found, key=lambda each: each.name):
                name = before + one.name
                kind = one.stat(follow_symlinks=False)
                if stat.S_ISDIR(kind.st_mode) and not one.is_symlink():
                    if name.count("/") > 4:
                        bad(f"The bundle was refused: its folders go too deep at {plain(name)}.")
                    self._look(one.path, name + "/")
                elif stat.S_ISREG(kind.st_mode):
                    self.sizes[name] = kind.st_size
                else:
                    bad(f"The bundle was refused: {plain(name)} is a link or a device, not a file.")
                if len(self.sizes) > MOST_FILES:
                    bad(f"The bundle was refused: it has more than {MOST_FILES} files.")

    def open(self, name: str) -> IO[bytes]:
        """One file, to read."""
        return Path(self.path, *name.split("/")).open("rb")


class Zip:
    """A bundle in one .zip file."""

    def __init__(self, path: str) -> None:
        self.file = zipfile.ZipFile(path)
        self.sizes: dict[str, int] = {}
        folded: dict[str, str] = {}
        parts = self.file.infolist()
        if len(parts) > MOST_FILES:
            bad(f"The bundle was refused: it has more than {MOST_FILES} files.")
        for part in parts:
            name = part.orig_filename
            mode = part.external_attr >> 16
            if stat.S_ISLNK(mode) or (stat.S_IFMT(mode) and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))):
                bad(f"The bundle was refused: {plain(name)} is a link or a device, not a file.")
            if part.flag_bits & 0x1:
                bad(f"The bundle was refused: {plain(name)} is locked with a password.")
            if name.endswith("/"):
                continue
            if name.lower() in folded:
                bad(f"The bundle was refused: {plain(name)} is in it twice.")
            folded[name.lower()] = name
            self.sizes[name] = part.file_size

    def open(self, name: str) -> IO[bytes]:
        """One file, to read."""
        return self.file.open(name)


class Bundle:
    """The files of a bundle, whatever it lies in, after their names and sizes were found harmless."""

    def __init__(self, path: str) -> None:
        self.place: Any = Folder(path) if Path(path).is_dir() else Zip(path)
        self.sizes: dict[str, int] = self.place.sizes
        seen: dict[str, str] = {}
        for name in self.sizes:
            if not SAFE.fullmatch(name):
                bad(f"The bundle was refused: “{plain(name)}” is no name that Cordon gives a file.")
            if name.lower() in seen:
                bad(f"The bundle was refused: {plain(name)} is in it twice.")
            seen[name.lower()] = name
        if sum(self.sizes.values()) > MOST_BYTES:
            bad(f"The bundle was refused: it holds more than {MOST_BYTES // 1024**3} GB.")

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return name in self.sizes

    def digest(self, name: str) -> tuple[str, int]:
        """SHA-256 and length of a file, read piece by piece."""
        digest, length = hashlib.sha256(), 0
        with self.place.open(name) as file:
            while True:
                piece = file.read(CHUNK)
                if not piece:
                    return digest.hexdigest(), length
                length += len(piece)
                if length > self.sizes[name]:
                    bad(f"The bundle was refused: {name} is longer than it says.")
                digest.update(piece)

    def read(self, name: str) -> bytes:
        """A whole file."""
        if not self.has(name):
            bad(f"{name} is missing from the bundle.")
        if self.sizes[name] > MOST_JSON:
            bad(f"The bundle was refused: {name} has {self.sizes[name]} bytes, more than any such file.")
        with self.place.open(name) as file:
            found: bytes = file.read(MOST_JSON + 1)
        if len(found) > MOST_JSON:
            bad(f"The bundle was refused: {name} is longer than it says.")
        return found

    def json(self, name: str) -> Any:
        """A whole file of JSON."""
        return read_json(self.read(name), name)

    def lines(self, name: str) -> Iterator[tuple[int, Any]]:
        """The lines of a file of JSON lines, with their numbers from 1."""
        if not self.has(name):
            bad(f"{name} is missing from the bundle.")
        with self.place.open(name) as file:
            number = 0
            while True:
                line = file.readline(MOST_LINE + 1)
                if not line:
                    return
                number += 1
                if len(line) > MOST_LINE:
                    bad(f"The bundle was refused: line {number} of {name} is too long.")
                if HASH_LINE.fullmatch(line):
                    yield number, line[1:65].decode("ascii")  # most lines of a long ledger
                else:
                    yield number, read_json(line, f"Line {number} of {name}")


def read_json(data: bytes, where: str) -> Any:
    """JSON without anything that two readers could understand in two ways."""
    try:
        return DECODER.decode(data.decode("utf-8"))
    except Bad as found:
        raise Bad(f"{where} {found}") from None
    except RecursionError:
        raise Bad(f"The bundle was refused: {where} is nested too deeply.") from None
    except (ValueError, UnicodeDecodeError):
        raise Bad(f"{where} cannot be read: it is not JSON.") from None


def _pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(found)
    if len(names) != len(found):
        bad("names a field twice.")
    return names


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        bad("holds a number without end.")
    return int(digits)


def _refused(word: str) -> NoReturn:
    bad(f"holds {word}, which is no number.")


DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=_integer, parse_constant=_refused)


def get(found: Any, name: str, kind: Any, where: str) -> Any:
    """One field of the right kind."""
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        bad(f"{where} does not say “{name}” as it should.")
    return value


def get_digest(found: Any, name: str, where: str) -> str:
    """A field that holds a SHA-256 digest."""
    value: str = get(found, name, str, where)
    if not HEX64.fullmatch(value):
        bad(f"{where}: “{name}” is no digest.")
    return value


def sha256(data: bytes) -> str:
    """The digest in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two digests are one."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


# the tree: RFC 6962, section 2.1 --------------------------------------------------------------------


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The tree hash over leaf hashes that are added one by one."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Adds the next leaf hash."""
        self.size += 1
        level = 0
        while self._peaks and self._peaks[-1][0] == level:
            leaf = node_hash(self._peaks.pop()[1], leaf)
            level += 1
        self._peaks.append((level, leaf))

    def root(self) -> str:
        """The root of all leaves so far, in hexadecimal."""
        if not self._peaks:
            return hashlib.sha256(b"").hexdigest()
        found = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            found = node_hash(peak, found)
        return found.hex()


def root_by_proof(leaf: bytes, index: int, size: int, path: list[bytes]) -> str | None:
    """The root that an audit path leads to (RFC 9162, section 2.1.3.2); None when it leads nowhere."""
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            found = node_hash(step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return found.hex() if last == 0 else None


# checkpoints: https://c2sp.org/tlog-checkpoint and https://c2sp.org/signed-note --------------------


class Key:
    """A public key as text: name+key id+base64 of its kind and its 32 bytes."""

    def __init__(self, text: str) -> None:
        name, number, rest = ([*text.strip().split("+", 2), "", ""])[:3]
        try:
            kind = base64.b64decode(rest, validate=True)
        except (ValueError, binascii.Error):
            kind = b""
        self.text, self.name, self.bytes = text.strip(), name, kind[1:]
        self.id = hashlib.sha256(name.encode("utf-8") + b"\n" + kind).digest()[:4]
        if not name or len(kind) != 33 or kind[:1] != b"\x01" or self.id.hex() != number.lower():
            bad(f"“{plain(text, 80)}” is no public key of a ledger.")


class Note:
    """A checkpoint: what a ledger was at one size, signed."""

    def __init__(self, text: str, signatures: list[tuple[str, bytes]], where: str) -> None:
        self.text, self.signatures, self.where = text, signatures, where
        lines = text.split("\n")
        self.origin, self.size = lines[0], int(lines[1])
        self.root = base64.b64decode(lines[2]).hex()


def notes_in(data: bytes, where: str) -> list[Note]:
    """Every checkpoint in a text, which may be a letter around it. Raises Bad when there is none."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Bad(f"{where} is no text.") from None
    lines = [re.sub(r"^(> ?)+", "", line).rstrip() for line in text.splitlines()]
    found: list[Note] = []
    for at in range(1, len(lines) - 1):
        if not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[at]) or not lines[at - 1].strip():
            continue
        if not re.fullmatch(r"[A-Za-z0-9+/]{43}=", lines[at + 1]):
            continue
        end = at + 2
        while end < len(lines) and lines[end]:
            end += 1
        signatures: list[tuple[str, bytes]] = []
        for line in lines[end + 1 :]:
            if not line.startswith(EM_DASH):
                break
            name, _, encoded = line[len(EM_DASH) :].partition(" ")
            try:
                signatures.append((name, base64.b64decode(encoded, validate=True)))
            except (ValueError, binascii.Error):
                bad(f"{where}: a signature cannot be read.")
        found.append(Note("\n".join(lines[at - 1 : end]) + "\n", signatures, where))
    if not found:
        bad(f"{where} holds no checkpoint.")
    return found


class Crypto:
    """What the package `cryptography` does for us; `there` says whether it is installed."""

    def __init__(self, use: bool = True) -> None:
        self.there = False
        if use:
            try:
                from cryptography.exceptions import InvalidSignature, InvalidTag
                from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
                from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            except ImportError:
                return
            self.there = True
            self._signature, self._tag = InvalidSignature, InvalidTag
            self._ed25519, self._aes = Ed25519PublicKey, AESGCM

    def signed(self, note: Note, key: Key) -> bool:
        """Whether a checkpoint carries a good signature of this key."""
        for name, signature in note.signatures:
            if name == key.name and signature[:4] == key.id:
                try:
                    self._ed25519.from_public_bytes(key.bytes).verify(
                        signature[4:], note.text.encode("utf-8")
                    )
                    return True
                except (self._signature, ValueError):
                    continue
        return False

    def vouched(self, key: Key, signature: str, word: bytes) -> bool:
        """Whether a key has signed these bytes."""
        try:
            raw = base64.b64decode(signature, validate=True)
            self._ed25519.from_public_bytes(key.bytes).verify(raw, word)
        except (self._signature, ValueError):
            return False
        return True

    def opened(self, key: bytes, cipher: bytes) -> bytes | None:
        """The plain bytes of a sealed record; None when this key does not open it."""
        try:
            return bytes(self._aes(key).decrypt(cipher[:NONCE_BYTES], cipher[NONCE_BYTES:], None))
        except (self._tag, ValueError):
            return None


# the check -----------------------------------------------------------------------------------------


class Entry:
    """One entry of the ledger that the bundle shows."""

    def __init__(self, leaf: dict[str, Any], where: str) -> None:
        self.seq: int = get(leaf, "seq", int, where)
        self.at: str = get(leaf, "at", str, where)
        self.who: str = get(leaf, "who", str, where)
        self.kind: str = get(leaf, "kind", str, where)
        self.facts: dict[str, Any] = get(leaf, "facts", dict, where)
        self.previous: str = get_digest(leaf, "previous", where)
        self.commitment: str | None = leaf.get("content")
        self.is_open = True
        """Whether the content that it commits to is there, or it commits to none."""


class Check:
    """One run over one bundle. `unchecked` and `remarks` are sentences for the verdict."""

    def __init__(self, bundle: Bundle, crypto: Crypto) -> None:
        self.bundle, self.crypto = bundle, crypto
        self.unchecked: list[str] = []
        self.remarks: list[str] = []
        self.entries: dict[int, Entry] = {}
        self.roots: dict[int, str] = {}
        self.tree = Tree()
        self.covered = 0
        self.disposed = 0
        self.withheld = 0
        self.gone: set[str] = set()
        self.changed: list[str] = []

    def run(self, kept: list[Note], keys: list[Key], manifest_digest: str | None) -> None:
        """Everything, in order. Raises Bad at the first bad place."""
        self.read_own(manifest_digest)
        self.read_files()
        try:
            self.read_ledger(self.read_checkpoints(kept, keys), kept)
            self.check_keys()
            self.check_signatures(kept, keys)
            self.check_contents()
            self.check_export()
            self.check_records()
            self.check_custody()
        except Bad as found:
            # the digest said already that a file was changed; this says where in it
            raise Bad(f"{found} {self.changed[0]}" if self.changed else str(found)) from None
        if self.changed:
            bad(self.changed[0])

    # the two files that name all others

    def read_own(self, manifest_digest: str | None) -> None:
        """manifest.json and seal.json."""
        data = self.bundle.read("manifest.json")
        self.manifest_digest = sha256(data)
        self.manifest = read_json(data, "manifest.json")
        self.seal = self.bundle.json("seal.json")
        if get(self.manifest, "form", str, "manifest.json") != FORM:
            bad("manifest.json is not that of a bundle from Cordon.")
        if get(self.seal, "form", str, "seal.json") != SEAL_FORM:
            bad("seal.json is not that of a bundle from Cordon.")
        for name, found in (("manifest.json", self.manifest), ("seal.json", self.seal)):
            if get(found, "version", int, name) != int(VERSION):
                bad(
                    f"{name} is of version {found['version']}; this program knows {VERSION}. Get a newer one."
                )
        if manifest_digest is not None and not same(manifest_digest.lower(), self.manifest_digest):
            bad("manifest.json is not the one that you were told of: its digest is another.")
        if not same(get_digest(self.seal, "manifest", "seal.json"), self.manifest_digest):
            bad("manifest.json was changed: seal.json names another digest.")

    def read_files(self) -> None:
        """Every file is the one that was given out; none is missing and none is extra."""
        listed: dict[str, tuple[str, int]] = {}
        for where, found in (("manifest.json", self.manifest), ("seal.json", self.seal)):
            for one in get(found, "files", list, where):
                path = get(one, "path", str, where)
                is_sealed = path in SEALED
                if (
                    not SAFE.fullmatch(path)
                    or path in listed
                    or path in OWN
                    or is_sealed != (found is self.seal)
                ):
                    bad(f"{where} lists “{plain(path)}”, which it should not.")
                listed[path] = (get_digest(one, "sha256", where), get(one, "bytes", int, where))
        for path in SEALED:
            if path not in listed:
                bad(f"seal.json does not list {path}.")
        for path in listed:
            if not self.bundle.has(path):
                bad(f"{path} is missing from the bundle.")
        for path in self.bundle.sizes:
            if path not in listed and path not in OWN:
                bad(f"{path} is in the bundle and does not belong to it.")
        for path, (digest, length) in listed.items():
            found_digest, found_length = self.bundle.digest(path)
            if found_length != length or not same(found_digest, digest):
                self.changed.append(f"{path} was changed: its digest is another than the one on record.")
        self.listed = listed

    # ledger and checkpoints

    def read_checkpoints(self, kept: list[Note], keys: list[Key]) -> list[int]:
        """The checkpoints and keys in the bundle; gives the sizes at which roots are wanted."""
        self.own_keys = [
            Key(line)
            for line in self.bundle.read(KEY).decode("utf-8", "replace").splitlines()
            if line.strip() and not line.startswith("#")
        ]
        if not self.own_keys:
            bad(f"{KEY} holds no key.")
        self.notes = notes_in(self.bundle.read(CHECKPOINTS), CHECKPOINTS)
        for key in keys:
            if all((key.name, key.bytes) != (own.name, own.bytes) for own in self.own_keys):
                bad(f"{KEY} was replaced: it is not the key {plain(key.name)} that you were given.")
        before = get(self.manifest, "ledger", dict, "manifest.json")
        return [note.size for note in (*self.notes, *kept)] + [get(before, "size", int, "manifest.json")]

    def read_ledger(self, sizes: list[int], kept: list[Note]) -> None:
        """Leaf hashes, inclusion, the chain, the tree and every root that is known of it."""
        wanted = set(sizes)
        size, root = get(self.seal, "size", int, "seal.json"), get_digest(self.seal, "root", "seal.json")
        if 0 in wanted:
            self.roots[0] = self.tree.root()
        before: bytes | None = None
        for number, line in self.bundle.lines(LEDGER):
            if isinstance(line, str):
                if not HEX64.fullmatch(line):
                    bad(f"Entry {number} of the ledger: its hash is none.")
                before = bytes.fromhex(line)
            else:
                before = self.read_entry(number, line, before, size, root)
            self.tree.add(before)
            if number in wanted:
                self.roots[number] = self.tree.root()
        if self.tree.size != size:
            bad(f"The ledger ends after entry {self.tree.size}; seal.json says {size}.")
        if not same(self.tree.root(), root):
            bad("The ledger's hashes were changed: they lead to another root than seal.json names.")
        stood = get(self.manifest, "ledger", dict, "manifest.json")
        if not same(self.roots.get(stood["size"], ""), get_digest(stood, "root", "manifest.json")):
            bad(f"The first {stood['size']} entries are not those that stood when the bundle was made.")
        for note in (*self.notes, *kept):
            self.compare(note)
        if all(note.size != size for note in self.notes):
            bad(f"{CHECKPOINTS} holds no checkpoint of all {size} entries.")

    def compare(self, note: Note) -> None:
        """Whether the ledger was only added to since this checkpoint."""
        what = f"The checkpoint of {note.size} entries in {plain(note.where)}"
        origin = get(self.manifest, "origin", str, "manifest.json")
        if note.origin != origin:
            bad(f"{what} is of another ledger: {plain(note.origin)}, not {plain(origin)}.")
        if note.size > self.tree.size:
            bad(
                f"{what} tells of more entries than the bundle's ledger has ({self.tree.size}). Either the "
                "ledger was cut short, or that checkpoint was made after this bundle; then ask for a new one."
            )
        if not same(self.roots[note.size], note.root):
            bad(f"{what} has another root: the ledger was rewritten in its first {note.size} entries.")

    def read_entry(self, number: int, line: Any, before: bytes | None, size: int, root: str) -> bytes:
        """One entry that is shown; gives its hash."""
        where = f"Entry {number} of the ledger"
        leaf = get(line, "leaf", str, where).encode("utf-8", "surrogatepass")
        digest = leaf_hash(leaf)
        if not same(get_digest(line, "hash", where), digest.hex()):
            bad(f"{where} was changed: its hash is another.")
        found = read_json(leaf, where)
        entry = Entry(found if isinstance(found, dict) else {}, where)
        if entry.seq != number or get(line, "seq", int, where) != number:
            bad(f"{where} was moved: it says that it is entry {entry.seq}.")
        if not same(entry.previous, before.hex() if before is not None else "0" * 64):
            bad(f"{where} does not follow the entry before it.")
        steps = get(line, "proof", list, where)
        if len(steps) > 64 or not all(isinstance(step, str) and HEX64.fullmatch(step) for step in steps):
            bad(f"{where}: its proof cannot be read.")
        led = root_by_proof(digest, number - 1, size, [bytes.fromhex(step) for step in steps])
        if led is None or not same(led, root):
            bad(f"{where}: its proof does not lead to the root.")
        content, salt = line.get("content"), line.get("salt")
        if content is None:
            entry.is_open = entry.commitment is None
        else:
            try:
                salted = bytes.fromhex(salt) + content.encode("utf-8")
            except (TypeError, ValueError, AttributeError):
                raise Bad(f"{where}: its content or salt cannot be read.") from None
            if entry.commitment is None or not same(sha256(salted), str(entry.commitment)):
                bad(f"{where}: its content was changed.")
        self.entries[number] = entry
        return digest

    def check_signatures(self, kept: list[Note], keys: list[Key]) -> None:
        """Every checkpoint in the bundle, and the kept ones, are signed by the ledger's key."""
        if not self.crypto.there:
            self.unchecked.append("the signatures of the checkpoints")
            return
        last = self.tree.size
        for note in (*self.notes, *kept):
            what = f"The checkpoint of {note.size} entries in {plain(note.where)}"
            if not any(self.crypto.signed(note, key) for key in self.own_keys):
                bad(f"{what} is not signed by the key in {KEY}: it was changed, or the key was replaced.")
        for key in keys:
            heirs = self.heirs(key)
            if not any(
                note.size == last and self.crypto.signed(note, one) for note in self.notes for one in heirs
            ):
                bad(
                    f"The checkpoint of the whole ledger is not signed by the key {plain(key.name)} that you "
                    "gave, nor by one that it vouched for."
                )
            if len(heirs) > 1:
                self.remarks.append(
                    "The key that you gave was renewed since, and vouched for the one after it."
                )

    def heirs(self, key: Key) -> list[Key]:
        """A key and those that it vouched for, one after the other, as the ledger has it."""
        found = [key]
        for entry in self.key_entries():
            new = Key(str(entry.facts["key"]))
            word = f"{new.name}\nkey\n{entry.facts['key']}\n".encode()
            for old in found:
                if str(entry.facts.get("before")) == old.text and self.crypto.vouched(
                    old, str(entry.facts.get("vouched")), word
                ):
                    found.append(new)
                    break
        return found

    def key_entries(self) -> list[Entry]:
        """The entries that put keys of the ledger in force, in order."""
        return [self.entries[seq] for seq in sorted(self.entries) if self.entries[seq].kind == "ledger.key"]

    def check_keys(self) -> None:
        """The keys in the bundle are those that the ledger itself says sign it."""
        on_record = [str(entry.facts.get("key")) for entry in self.key_entries()]
        if [key.text for key in self.own_keys] != on_record:
            bad(f"{KEY} was replaced: it does not hold the keys that the ledger has on record.")

    def check_contents(self) -> None:
        """Content that is not there was disposed of or covered, and that is on record."""
        self.marks = self.list_of("covered")
        for one in self.marks:
            get(one, "reason", str, "manifest.json")
        covered = {one.get("entry") for one in self.marks}
        gone = {
            entry.facts.get("entry") for entry in self.entries.values() if entry.kind == "content.disposed"
        }
        count = 0
        for seq, entry in self.entries.items():
            if entry.is_open:
                continue
            if seq in covered:
                count += 1
            elif seq not in gone:
                bad(f"Entry {seq} of the ledger has lost its content, and no disposal is on record.")
        self.withheld = count
        if count:
            self.remarks.append(
                f"Words beside {count} of the entries are covered; they cannot be checked here."
            )

    def list_of(self, name: str) -> list[Any]:
        """A list of the manifest."""
        found: list[Any] = get(self.manifest, name, list, "manifest.json")
        return found

    # what the bundle is about

    def check_export(self) -> None:
        """The ledger itself says that this very bundle was given out, and shows every entry it should."""
        seq = get(self.seal, "export", int, "seal.json")
        entry = self.entries.get(seq)
        if entry is None or entry.kind != "bundle.exported":
            bad("The ledger does not say that this bundle was given out.")
        if not same(str(entry.facts.get("bundle")), self.manifest_digest):
            bad(
                f"manifest.json was changed: entry {seq} of the ledger, where this bundle was given out, "
                "names another digest."
            )
        stood = self.manifest["ledger"]["size"]
        said = self.list_of("entries")
        shown = [number for number in sorted(self.entries) if number <= stood]
        if said != shown:
            odd = sorted(set(shown) ^ {one for one in said if isinstance(one, int)})
            bad(f"Entry {odd[0] if odd else '?'} of the ledger is shown and should not be, or the reverse.")

    def check_records(self) -> None:
        """Every evidence record: whole, covered or disposed of, and the media that it names."""
        media: dict[str, str] = {}
        files: set[str] = set()
        seen: set[str] = set()
        for one in self.list_of("records"):
            record = get(one, "record", str, "manifest.json")
            if not RECORD.fullmatch(record) or record in seen:
                bad(f"manifest.json names “{plain(record)}” as a record.")
            seen.add(record)
            path, digests = self.check_record(record, one)
            files.add(path)
            media.update(dict.fromkeys(digests, record))
        for entry in self.entries.values():
            named = entry.facts.get("evidence")
            if entry.kind == "evidence.sealed" and named not in seen:
                bad(f"Evidence record {plain(named)}, sealed in entry {entry.seq}, is not in the bundle.")
        for digest, record in media.items():
            path = f"media/{digest}"
            files.add(path)
            if path not in self.listed:
                bad(f"Evidence record {record} names a picture or video that is missing: {path}.")
            if not same(self.bundle.digest(path)[0], digest):
                bad(f"{path} was changed: it is not the picture or video that record {record} names.")
        for path in self.listed:
            if path.startswith(("evidence/", "covered/", "media/")) and path not in files:
                bad(f"{path} is in the bundle and belongs to no record of it.")

    def check_record(self, record: str, one: Any) -> tuple[str, list[str]]:
        """One record; gives the file that holds it ("" for none) and the digests of its media."""
        state = get(one, "state", str, "manifest.json")
        seal = self.entries.get(get(one, "entry", int, "manifest.json"))
        if seal is None or seal.kind != "evidence.sealed" or seal.facts.get("evidence") != record:
            bad(f"Evidence record {record}: the entry that sealed it is not in the bundle.")
        if state == "whole":
            return f"evidence/{record}.json", self.check_whole(record, seal)
        if state == "covered":
            self.covered += 1
            return f"covered/{record}.json", self.check_covered(record, seal)
        if state == "disposed":
            self.check_disposed(record)
            return "", []
        bad(f"manifest.json: record {record} is said to be “{plain(state)}”.")

    def check_whole(self, record: str, seal: Entry) -> list[str]:
        """A record that can be opened; gives the digests of its media."""
        where = f"evidence/{record}.json"
        found = self.bundle.json(where)
        name = f"Evidence record {record}, sealed in entry {seal.seq},"
        try:
            cipher = base64.b64decode(get(found, "cipher", str, where), validate=True)
            key = bytes.fromhex(get(found, "key", str, where))
        except (ValueError, binascii.Error):
            raise Bad(f"{name} cannot be read.") from None
        if found.get("record") != record or found.get("entry") != seal.seq:
            bad(f"{name} says that it is another.")
        if not same(sha256(cipher), str(seal.facts.get("digest"))):
            bad(f"{name} was changed or swapped: its digest is not the one in the ledger.")
        text: str = get(found, "plain", str, where)
        opened = text.encode("utf-8", "surrogatepass")
        if self.crypto.there:
            if self.crypto.opened(key, cipher) != opened:
                bad(f"{name} was changed: what it shows in clear is not what was sealed.")
        elif "the sealed records: whether their words in clear are what was sealed" not in self.unchecked:
            self.unchecked.append("the sealed records: whether their words in clear are what was sealed")
        inner = read_json(opened, where)
        if not isinstance(inner, dict):
            bad(f"{name} is not in the form of a record.")
        self.check_digests(inner, name)
        return media_of(inner, name)

    def check_digests(self, inner: dict[str, Any], name: str) -> None:
        """The digests that a record holds of its own parts.

        Where only identifiers may be recorded there are no words; what is empty then is passed over.
        """
        digests, item = inner.get("digests") or {}, inner.get("item") or {}
        if not isinstance(digests, dict) or not isinstance(item, dict):
            bad(f"{name} is not in the form of a record.")
        is_bare = inner.get("identifiers_only") is True
        parts = [
            ("text", item.get("text"), digests.get("text")),
            ("raw", inner.get("raw"), digests.get("raw")),
        ]
        for part in ("earlier", "thread", "replies"):
            some, known = inner.get(part) or [], digests.get(part)
            if known is None:
                continue  # a form that had no such digests
            if not isinstance(some, list) or not isinstance(known, list) or len(some) != len(known):
                bad(f"{name} does not fit together: it has not as many digests of “{part}” as texts.")
            for one, digest in zip(some, known):
                text = one.get("text") if isinstance(one, dict) else None
                parts.append((part, text, digest if text or part == "earlier" else None))
        for part, text, digest in parts:
            if digest is None or (is_bare and not text):
                continue
            if not isinstance(text, str) or not same(
                sha256(text.encode("utf-8", "surrogatepass")), str(digest)
            ):
                bad(f"{name} does not fit together: its digest of “{part}” is another.")
        media = digests.get("media")
        if media is not None and media != [one.get("digest") for one in inner.get("media") or []]:
            bad(f"{name} does not fit together: its digests of “media” are others.")

    def check_covered(self, record: str, seal: Entry) -> list[str]:
        """A record of which only a working copy is given out; gives the digests of its media."""
        where = f"covered/{record}.json"
        found = self.bundle.json(where)
        name = f"Evidence record {record}, sealed in entry {seal.seq},"
        if found.get("record") != record or found.get("entry") != seal.seq:
            bad(f"{name} says that it is another.")
        if not same(get_digest(found, "digest", where), str(seal.facts.get("digest"))):
            bad(f"{name} names another original than the one in the ledger.")
        mine = [one for one in self.marks if one.get("record") == record]
        if get(found, "covered", list, where) != mine or not mine:
            bad(f"{name} does not say what was covered in it as manifest.json does.")
        fields = ", ".join(sorted({plain(one.get("field"), 60) for one in mine}))
        self.remarks.append(
            f"Record {record} is a working copy with covered words ({fields}). The original stays sealed; "
            "that what is left in sight is what was sealed is only the word of whoever gave this out."
        )
        return media_of(get(found, "copy", dict, where), name)

    def check_disposed(self, record: str) -> None:
        """A record that is gone by a lawful disposal."""
        if not self.gone:
            self.gone = {
                str(entry.facts.get("evidence"))
                for entry in self.entries.values()
                if entry.kind == "evidence.disposed"
            }
        if record not in self.gone:
            bad(f"Evidence record {record} is said to be disposed of, and the ledger does not say so.")
        self.disposed += 1

    def check_custody(self) -> None:
        """What was done with each record, in order, as the ledger has it."""
        about: dict[str, list[Entry]] = {}
        for seq in sorted(self.entries):
            record = self.entries[seq].facts.get("evidence")
            if isinstance(record, str):
                about.setdefault(record, []).append(self.entries[seq])
        wanted: list[dict[str, Any]] = []
        for one in sorted(self.list_of("records"), key=lambda each: int(each["record"][1:])):
            last = ""
            for entry in about.get(one["record"], []):
                if entry.seq < one["entry"]:
                    bad(f"Entry {entry.seq} speaks of evidence record {one['record']} before it was sealed.")
                if entry.at < last:
                    self.remarks.append(
                        f"The clock stood earlier at entry {entry.seq} than at the one before it."
                    )
                last = entry.at
                line = {"record": one["record"], "seq": entry.seq, "at": entry.at, "who": entry.who}
                wanted.append({**line, "kind": entry.kind})
        found = 0
        for number, line in self.bundle.lines(CUSTODY):
            if found >= len(wanted) or line != wanted[found]:
                bad(f"Line {number} of {CUSTODY} is not what the ledger says about that record.")
            found += 1
        if found != len(wanted):
            gone = wanted[found]
            bad(f"{CUSTODY} leaves out entry {gone['seq']} about evidence record {gone['record']}.")


def media_of(inner: Any, name: str) -> list[str]:
    """The digests of the pictures and videos that a record says were captured."""
    media = get(inner, "media", list, name) if "media" in inner else []
    captured = [one for one in media if isinstance(one, dict) and one.get("captured") is True]
    return [get_digest(one, "digest", name) for one in captured]


# the person ----------------------------------------------------------------------------------------


def verdict(check: Check, kept: list[Note], keys: list[Key]) -> list[str]:
    """What was found, in sentences."""
    manifest = check.manifest
    what = get(manifest, "what", dict, "manifest.json")
    number = len(manifest["records"])
    lines = [
        f"What it is of: {', '.join(f'{plain(name)} {plain(value)}' for name, value in what.items())}.",
        (
            f"The bundle was made on {plain(get(manifest, 'made_at', str, 'manifest.json'))} by "
            f"{plain(get(manifest, 'made_by', str, 'manifest.json'))}. "
            f"Reason given: {plain(get(manifest, 'why', str, 'manifest.json'))}"
        ),
        f"Ledger {plain(manifest['origin'])}: {check.tree.size} entries, root {check.tree.root()}.",
        (
            f"{len(check.entries)} entries are shown, the others only by their hash. "
            f"{number} evidence record{'' if number == 1 else 's'}: "
            f"{number - check.covered - check.disposed} whole, {check.covered} with covered words, "
            f"{check.disposed} disposed of."
        ),
        f"manifest.json has the SHA-256 digest {check.manifest_digest}; the ledger has it too.",
    ]
    lines += check.remarks
    lines += [
        f"Since the checkpoint of {note.size} entries in {plain(note.where)}, the ledger was only added to."
        for note in kept
    ]
    if keys:
        lines.append("It is signed with the key that you gave.")
    if not kept and not keys:
        lines.append(
            "You gave no checkpoint and no key from elsewhere. So this shows that nothing was changed since "
            "the bundle was signed with the key inside it, but not whose key that is."
        )
    return lines


def read_given(paths: list[str]) -> list[Note]:
    """The checkpoints that somebody kept."""
    found: list[Note] = []
    for path in paths:
        with Path(path).open("rb") as file:
            found += notes_in(file.read(MOST_LINE), path)
    return found


def read_keys(given: list[str]) -> list[Key]:
    """The keys that somebody kept: files, or the keys themselves."""
    found: list[Key] = []
    for one in given:
        text = one
        if Path(one).is_file():
            with Path(one).open(encoding="utf-8", errors="replace") as file:
                text = file.read(MOST_LINE)
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        found += [Key(line) for line in lines]
    return found


def arguments(words: list[str] | None) -> argparse.Namespace:
    """What was typed; ends with 2 when that makes no sense."""
    parser = argparse.ArgumentParser(
        description="Checks a bundle of evidence from Cordon. Ends with 0 when all is right, 1 when "
        "something is wrong, 2 for wrong usage, 3 when nothing is wrong but not everything could be checked."
    )
    parser.add_argument("bundle", help="the folder or .zip file that you were given")
    parser.add_argument(
        "--checkpoint", action="append", default=[], metavar="FILE", help="a checkpoint that you kept"
    )
    parser.add_argument(
        "--key", action="append", default=[], metavar="FILE", help="the ledger's key, from elsewhere"
    )
    parser.add_argument("--manifest", metavar="DIGEST", help="the SHA-256 digest of manifest.json")
    parser.add_argument(
        "--without-cryptography", action="store_true", help="check only what Python itself can check"
    )
    found = parser.parse_args(words)
    if not Path(found.bundle).exists():
        parser.error(f"{found.bundle} is not there")
    if not Path(found.bundle).is_dir() and not zipfile.is_zipfile(found.bundle):
        parser.error(f"{found.bundle} is neither a folder nor a .zip file")
    for path in found.checkpoint:
        if not Path(path).is_file():
            parser.error(f"{path} is not there")
    return found


def main(words: list[str] | None = None) -> int:
    """The whole program; gives its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a text stream has it
    own = Path(__file__)
    if own.is_file():
        print(f"check_cordon_bundle.py, version {VERSION}, SHA-256 {sha256(own.read_bytes())}")
    given = arguments(words)
    try:
        kept, keys = read_given(given.checkpoint), read_keys(given.key)
    except (Bad, OSError) as problem:
        print(f"NOT CHECKED. What you gave cannot be used: {problem}")
        return 2
    try:
        check = Check(Bundle(given.bundle), Crypto(use=not given.without_cryptography))
        check.run(kept, keys, given.manifest)
        lines = verdict(check, kept, keys)
    except Bad as found:
        print(f"WRONG. {found}")
        return 1
    except (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as problem:
        print(f"WRONG. The bundle cannot be read: {plain(problem)}.")
        return 1
    except Exception as surprise:  # noqa: BLE001  # whoever made the bundle chose what it is made of
        print(f"WRONG. The bundle is not in the form that Cordon gives one ({type(surprise).__name__}).")
        return 1
    print("\n".join(lines))
    if check.unchecked:
        print(
            f"NOT FULLY CHECKED. Nothing is wrong so far, but these could not be checked: "
            f"{'; '.join(check.unchecked)}. Install the Python package “cryptography” and run this again."
        )
        return 3
    but = " What is covered cannot be checked here." if check.covered or check.withheld else ""
    print(f"RIGHT. Everything in this bundle is as it was given out, and its ledger holds together.{but}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
