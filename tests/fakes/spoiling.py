"""Somebody who knows the form of a bundle and changes it, as cleverly as they can.

What they lack is the key that signs, and whatever others keep. What a newcomer would get wrong: `reseal`
makes every digest in a bundle right again, so that only what is anchored elsewhere can tell.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.audit import NO_PREVIOUS, leaf_hash, plain_json
from console.domain.checkpoint import sign, verifier_key
from console.services.disclosing.proofs import Levels

STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = STRANGER.public_key().public_bytes_raw()
Line = str | dict[str, Any]


def read(path: Path) -> Any:
    """A file of JSON."""
    return json.loads(path.read_text("utf-8"))


def write(path: Path, value: object) -> None:
    """Writes a file of JSON."""
    path.write_text(json.dumps(value), "utf-8")


def read_lines(path: Path) -> list[Any]:
    """A file of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write_lines(path: Path, lines: list[Any]) -> None:
    """Writes a file of JSON lines."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def listed(folder: Path, name: str) -> dict[str, Any]:
    """A file as a manifest lists it, as it is now."""
    data = (folder / name).read_bytes()
    return {"path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def reseal(folder: Path) -> str:
    """Makes the digests in manifest and seal right again; gives the manifest's."""
    manifest = read(folder / "manifest.json")
    files = [listed(folder, one["path"]) for one in manifest["files"]]
    if files != manifest["files"]:  # otherwise it keeps its bytes, and with them its digest
        write(folder / "manifest.json", {**manifest, "files": files})
    seal = read(folder / "seal.json")
    seal["files"] = [listed(folder, one["path"]) for one in seal["files"]]
    seal["manifest"] = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    write(folder / "seal.json", seal)
    return str(seal["manifest"])


def relink(folder: Path, change: Callable[[list[Line]], None]) -> None:
    """Changes the lines of the ledger and makes chain, hashes, proofs, root and seal right again."""
    lines: list[Line] = read_lines(folder / "ledger.jsonl")
    change(lines)
    previous, hashes = NO_PREVIOUS, []
    for number, line in enumerate(lines, 1):
        if isinstance(line, str):
            previous = line
        else:
            leaf = plain_json({**json.loads(line["leaf"]), "previous": previous, "seq": number})
            previous = leaf_hash(leaf).hex()
            line |= {"seq": number, "leaf": leaf.decode(), "hash": previous}
        hashes.append(bytes.fromhex(previous))
    levels = Levels(hashes)
    for number, line in enumerate(lines):
        if isinstance(line, dict):
            line["proof"] = [step.hex() for step in levels.path(number)]
    write_lines(folder / "ledger.jsonl", lines)
    seal = read(folder / "seal.json")
    seal |= {"size": len(lines), "root": levels.root.hex()}
    write(folder / "seal.json", seal)
    manifest = read(folder / "manifest.json")
    root = Levels(hashes[: manifest["ledger"]["size"]]).root.hex()
    if root != manifest["ledger"]["root"]:
        write(folder / "manifest.json", {**manifest, "ledger": {**manifest["ledger"], "root": root}})
    reseal(folder)


def rewrite_all(folder: Path, change: Callable[[list[Line]], None]) -> None:
    """Writes the whole ledger anew with a change, under a key of one's own, everything made right again."""
    origin = read(folder / "manifest.json")["origin"]
    key = verifier_key(origin, PUBLIC)

    def with_key(lines: list[Line]) -> None:
        change(lines)
        for line in lines:
            if isinstance(line, dict):
                leaf = json.loads(line["leaf"])
                if leaf["kind"] == "ledger.key":
                    leaf["facts"] |= {"key": key, "before": None, "vouched": None}
                    line["leaf"] = plain_json(leaf).decode()

    relink(folder, with_key)
    (folder / "key.txt").write_text(key + "\n", "utf-8")

    def with_digest(lines: list[Line]) -> None:
        digest = reseal(folder)
        for line in lines:
            if isinstance(line, dict):
                leaf = json.loads(line["leaf"])
                if leaf["kind"] == "bundle.exported":
                    leaf["facts"]["bundle"] = digest
                    line["leaf"] = plain_json(leaf).decode()

    relink(folder, with_digest)
    seal = read(folder / "seal.json")
    note = sign(origin, seal["size"], bytes.fromhex(seal["root"]), PUBLIC, STRANGER.sign)
    (folder / "checkpoints.txt").write_text(note.text, "utf-8")
    reseal(folder)


def shown(lines: list[Line], kind: str) -> dict[str, Any]:
    """The first entry of a kind that is shown."""
    for line in lines:
        if isinstance(line, dict) and json.loads(line["leaf"])["kind"] == kind:
            return line
    raise AssertionError(f"No entry {kind} is shown.")


def with_fact(line: dict[str, Any], name: str, value: object) -> None:
    """Changes one fact of an entry."""
    leaf = json.loads(line["leaf"])
    leaf["facts"][name] = value
    line["leaf"] = plain_json(leaf).decode()


def flip(data: bytes, at: int) -> bytes:
    """The same bytes with one bit turned."""
    changed = bytearray(data)
    changed[at % len(changed)] ^= 1
    return bytes(changed)


def b64(data: bytes) -> str:
    """Bytes in base64."""
    return base64.b64encode(data).decode()
