"""A document as PDF, from plain text alone.

What a newcomer would get wrong: a font lacks most of the world's characters, and a PDF would show an empty
box for each. In evidence a box is a loss, so a character that the font lacks is written as its number, such
as [U+1F52A]. Text that runs from right to left is set in the order in which it was typed and the page says
so; the HTML beside it is the one to read then.
"""

import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos
from fpdf.fonts import FontFace, TTFFont

from console.services.disclosing.documents import Block, Document, Facts, Quote, Table, Words, shown

FONT: Final = "DejaVuSans.ttf"
_RIGHT_TO_LEFT: Final = "(Some of this runs from right to left; read it in the HTML file.)"
_FACE: Final = "cordon"
_MARGIN_MM: Final = 18.0
_LONGEST_WORD: Final = 24
"""A word longer than this may be broken anywhere: addresses, digests, what people type to do harm."""
_LONGEST_CELL: Final = 800
_PLAIN_SPACE: Final = frozenset("\n ")


def as_pdf(document: Document, fonts: Path, at: int) -> bytes:
    """The whole file. `fonts` is the folder of shipped fonts, `at` the time that it bears (epoch ms)."""
    page = _Pages(fonts, at)
    try:
        page.begin(document.title)
        page.words(document.title, 16)
        page.words(document.made, 9)
        for section in document.sections:
            page.head(section.title)
            for block in section.blocks:
                page.block(block)
        return bytes(page.output())
    finally:
        page.font.close()


class _Pages(FPDF):
    """Pages with one font, a foot with title and number, and text that always fits."""

    def __init__(self, fonts: Path, at: int) -> None:
        super().__init__(format="A4")
        self.add_font(_FACE, fname=fonts / FONT)
        found = self.fonts[_FACE]
        assert isinstance(found, TTFFont)  # noqa: S101  # it is one; told here for the types
        self.font = found
        self._known = frozenset(found.cmap)
        self._foot = ""
        self.set_producer("Cordon")
        self.set_creator("Cordon")
        self.set_creation_date(datetime.fromtimestamp(at / 1000, UTC))
        self.set_margins(_MARGIN_MM, _MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=_MARGIN_MM + 6)
        self.set_font(_FACE, size=10)

    def begin(self, title: str) -> None:
        """The first page."""
        self._foot = self._written(title.replace("\n", " "))[:90]
        self.set_title(self._foot)
        self.add_page()

    def footer(self) -> None:
        """Title and page number."""
        self.set_y(-_MARGIN_MM)
        self.set_font(_FACE, size=8)
        self.cell(0, 5, f"{self._foot}   {self.page_no()}", align="R")
        self.set_font(_FACE, size=10)

    def words(self, text: str, size: float = 10) -> None:
        """A paragraph in one size (points)."""
        self.set_font(_FACE, size=size)
        self._paragraph(self._written(text), size / 2)
        self.set_font(_FACE, size=10)

    def head(self, title: str) -> None:
        """A heading with a line under it, never alone at the foot of a page."""
        if self.get_y() > self.h - 50:
            self.add_page()
        self.ln(3)
        self.words(title, 12)
        y = self.get_y() + 0.5
        self.line(_MARGIN_MM, y, self.w - _MARGIN_MM, y)
        self.ln(2)

    def block(self, block: Block) -> None:
        """One part of a section."""
        if isinstance(block, Words):
            self.words(block.text)
        elif isinstance(block, Quote):
            self._quote(block.text)
        elif isinstance(block, Facts):
            for name, value in block.rows:
                self.words(f"{name}: {value}")
        else:
            self._table(block)
        self.ln(1)

    def _quote(self, text: str) -> None:
        self.set_left_margin(_MARGIN_MM + 5)
        self.set_x(_MARGIN_MM + 5)
        self.words(text or " ", 11)
        self.set_left_margin(_MARGIN_MM)
        if any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text):
            self.words(_RIGHT_TO_LEFT, 8)

    def _table(self, table: Table) -> None:
        rows = [[self._written(shown(cell)) for cell in row] for row in table.rows]
        heads = [self._written(column) for column in table.columns]
        if any(len(cell) > _LONGEST_CELL for row in (heads, *rows) for cell in row):
            for row in rows:  # a cell that fills pages fits no table
                for head, cell in zip(heads, row, strict=True):
                    self.words(f"{head}: {cell}")
                self.ln(2)
            return
        widths = [min(max(len(row[place]) for row in (heads, *rows)) + 4, 42) for place in range(len(heads))]
        self.set_font(_FACE, size=9)
        with self.table(
            headings_style=FontFace(emphasis="", fill_color=(239, 242, 244)),
            col_widths=tuple(widths),
            line_height=5,
            wrapmode=WrapMode.CHAR if any(_is_long(cell) for row in rows for cell in row) else WrapMode.WORD,
            text_align="LEFT",
        ) as drawn:
            for row in (heads, *rows):
                line = drawn.row()
                for cell in row:
                    line.cell(cell)
        self.set_font(_FACE, size=10)

    def _paragraph(self, text: str, height: float) -> None:
        mode = WrapMode.CHAR if _is_long(text) else WrapMode.WORD
        self.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=mode)

    def _written(self, text: str) -> str:
        """Text that the font can show whole."""
        return "".join(map(self._visible, text.replace("\t", "    ")))

    def _visible(self, char: str) -> str:
        if char in _PLAIN_SPACE:
            return char
        if ord(char) in self._known and unicodedata.category(char)[0] != "C":
            return char
        return f"[U+{ord(char):04X}]"


def _is_long(text: str) -> bool:
    return any(len(word) > _LONGEST_WORD for word in text.split())
