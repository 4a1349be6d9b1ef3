"""The parts of a bundle that come from the ledger: entries with their proofs, custody.

What a newcomer would get wrong: every hash of the ledger is in a bundle, and few of its entries. So a
stranger computes the root from the same leaves as we do, and learns nothing of what is not theirs to know
but that there is something.
"""

import json
from collections.abc import Mapping, Sequence

from console.domain.audit import Entry
from console.services.disclosing.proofs import Levels
from console.services.disclosing.records import as_line


def ledger_lines(hashes: Sequence[bytes], shown: Mapping[int, Entry], withheld: Mapping[int, str]) -> bytes:
    """ledger.jsonl: a line for each entry, whole where it is shown, otherwise its hash.

    `withheld` are entries whose words are covered.
    """
    levels = Levels(hashes)
    lines: list[bytes] = []
    for seq, digest in enumerate(hashes, 1):
        entry = shown.get(seq)
        if entry is None:
            lines.append(b'"%b"\n' % digest.hex().encode())
            continue
        is_open = entry.content is not None and entry.salt is not None and seq not in withheld
        lines.append(
            as_line(
                {
                    "seq": seq,
                    "hash": digest.hex(),
                    "leaf": entry.leaf.decode(),
                    "salt": entry.salt.hex() if is_open and entry.salt else None,
                    "content": entry.content.decode() if is_open and entry.content else None,
                    "proof": [step.hex() for step in levels.path(seq - 1)],
                }
            )
        )
    return b"".join(lines)


def custody_lines(records: Sequence[Mapping[str, object]], shown: Mapping[int, Entry]) -> bytes:
    """Everything that was done with each record, record by record, in the ledger's order."""
    lines: dict[str, list[bytes]] = {str(one["record"]): [] for one in records}
    for seq in sorted(shown):
        leaf = json.loads(shown[seq].leaf)
        record = leaf["facts"].get("evidence")
        if isinstance(record, str) and record in lines:
            line = {"record": record, "seq": seq, "at": leaf["at"], "who": leaf["who"], "kind": leaf["kind"]}
            lines[record].append(as_line(line))
    return b"".join(line for name in sorted(lines, key=lambda each: int(each[1:])) for line in lines[name])
