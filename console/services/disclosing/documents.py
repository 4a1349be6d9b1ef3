"""A document for people, before it is HTML, PDF, CSV or words in a terminal.

What a newcomer would get wrong: everything in a document is plain text, whoever wrote it. Each of the ways to
write it down makes it harmless in its own manner; nothing here is ever markup.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from console.domain.errors import UsageError

Cell = str | int | float | None
"""None is shown as a dash: there is nothing to tell."""
Format = Literal["html", "pdf", "csv"]
_FORMATS: Final[dict[str, Format]] = {".html": "html", ".pdf": "pdf", ".csv": "csv"}


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's own words, shown as they are."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, one under the other."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


Block = Words | Quote | Facts | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Document:
    """One document."""

    title: str
    made: str
    """When and by whom, in one line."""
    sections: Sequence[Section]
    language: str = field(default="en-GB")


def shown(cell: Cell) -> str:
    """A cell in words: decimals with one place, nothing as a dash."""
    if cell is None:
        return "\u2013"
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)


def format_of(name: str) -> Format:
    """The format that a file's name asks for. Raises UsageError for any other."""
    for ending, found in _FORMATS.items():
        if name.lower().endswith(ending):
            return found
    raise UsageError(f"“{name}” must end in .html, .pdf or .csv.")


def as_words(document: Document) -> str:
    """The document for a terminal."""
    lines = [document.title, document.made]
    for section in document.sections:
        lines += ["", section.title]
        for block in section.blocks:
            lines += _block_lines(block)
    return "\n".join(lines)


def _block_lines(block: Block) -> list[str]:
    if isinstance(block, Words | Quote):
        return [block.text]
    if isinstance(block, Facts):
        return [f"  {name}: {value}" for name, value in block.rows]
    rows = [[str(name) for name in block.columns], *([shown(cell) for cell in row] for row in block.rows)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(block.columns))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def tables(document: Document) -> dict[str, list[dict[str, Cell]]]:
    """Facts and tables of a document by the titles of their sections, for scripts."""
    found: dict[str, list[dict[str, Cell]]] = {}
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                rows = [dict(zip(block.columns, row, strict=True)) for row in block.rows]
                found.setdefault(section.title, []).extend(rows)
            elif isinstance(block, Facts):
                found.setdefault(section.title, []).append(dict(block.rows))
    return found
