"""`python -m tests.bench [--json] [--only WORD] [--long] [MODULE…]`: every benchmark, as a table or JSON.

What a newcomer would get wrong: each part runs in a process of its own, one after the other. A part
that leaves threads, caches or a warm disk behind would otherwise measure the next one too.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from console.ui.sources import read_no_sources

HERE = Path(__file__).parent
LIMIT_S = 300.0
LONG_LIMIT_S = 3_600.0

Found = dict[str, dict[str, Any]]


def modules() -> list[str]:
    """The parts, by file name."""
    return sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))


def chosen(names: Sequence[str], only: str | None) -> list[str]:
    """The parts to run: those named, or those in whose text the word stands, as its measure's name does.

    A part that builds a name from pieces may be left out that way, so names are written whole.
    """
    if names:
        return [name for name in modules() if name in names]
    if only is None:
        return modules()
    return [name for name in modules() if only in (HERE / f"{name}.py").read_text(encoding="utf-8")]


def run_apart(name: str, *, long: bool) -> Found:
    """Runs one part in a process of its own; a part that fails is said and counts as not holding."""
    command = [sys.executable, "-m", "tests.bench", "--inside", name, *(["--long"] if long else [])]
    started = time.monotonic()
    try:
        done = subprocess.run(
            command,
            cwd=HERE.parent.parent,
            stdout=subprocess.PIPE,
            timeout=LONG_LIMIT_S if long else LIMIT_S,
            check=False,
            env={**os.environ, "PYTHONPATH": str(HERE.parent.parent)},
        )
    except subprocess.TimeoutExpired:
        return _failed(name, f"not done after {time.monotonic() - started:.0f} s")
    if done.returncode:
        return _failed(name, f"ended with {done.returncode}")
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def _failed(name: str, why: str) -> Found:
    return {name: {"value": None, "goal": None, "unit": "", "baseline": f"{name}: {why}", "holds": False}}


def table(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The results for a person."""
    rows = [("name", "value", "goal", "unit", "", "against")]
    for name, result in found.items():
        rows.append(
            (
                name,
                _plain(result["value"]),
                _plain(result["goal"]),
                str(result["unit"]),
                "holds" if result["holds"] else "FAILS",
                str(result["baseline"]),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]]).rstrip()
        for row in rows
    )


def _plain(value: object) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int | float) else str(value)


def main(words: Sequence[str] | None = None) -> int:
    """Runs what was asked for; 1 when something does not hold."""
    reader = argparse.ArgumentParser(prog="bench", description="Measures Cordon against its bare parts.")
    reader.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(modules()))
    reader.add_argument("--json", action="store_true", help="one JSON object and nothing else")
    reader.add_argument("--only", metavar="WORD", help="only what has this word in its name")
    reader.add_argument("--long", action="store_true", help="the long forms")
    reader.add_argument("--inside", help=argparse.SUPPRESS)
    asked = reader.parse_args(words)
    if asked.inside:
        read_no_sources()  # as the program does before anything else
        part = importlib.import_module(f"tests.bench.{asked.inside}")
        print(json.dumps(part.run(asked.long)))
        return 0
    unknown = set(asked.modules) - set(modules())
    if unknown:
        reader.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(modules())}")
    found: Found = {}
    for name in chosen(asked.modules, asked.only):
        if not asked.json:
            print(f"measuring: {name}", file=sys.stderr, flush=True)
        found |= run_apart(name, long=asked.long)
    if asked.only is not None:
        found = {
            name: result for name, result in found.items() if asked.only in name or result["value"] is None
        }
    print(json.dumps(found, indent=2) if asked.json else table(found))
    return 0 if found and all(result["holds"] for result in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
