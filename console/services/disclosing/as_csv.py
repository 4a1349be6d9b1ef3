"""Tables as CSV that a spreadsheet cannot be made to run.

A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a line end for a formula, and some
take the full-width forms of these for the same; a member of the public can choose their name so. Such a cell
gets an apostrophe in front, which spreadsheets hide (OWASP, "CSV Injection",
https://owasp.org/www-community/attacks/CSV_Injection). Blanks in front do not save it: they are looked past.

What a newcomer would get wrong: the file begins with a byte order mark on purpose. Without it Excel reads
UTF-8 as the system's old code page, and every Welsh name is wrong; programs that read CSV know it
(`utf-8-sig` in Python).
"""

import csv
import io
from typing import Final

from console.services.disclosing.documents import Cell, Document, Facts, Table

_STARTS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212|%")


def as_csv(document: Document) -> bytes:
    """Every table and list of facts, one after the other, each under its title; UTF-8 with its mark."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    rows.writerow([safe(document.title)])
    rows.writerow([safe(document.made)])
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                rows.writerow([])
                rows.writerow([safe(section.title)])
                rows.writerow([safe(column) for column in block.columns])
                rows.writerows([safe(cell) for cell in row] for row in block.rows)
            elif isinstance(block, Facts):
                rows.writerow([])
                rows.writerow([safe(section.title)])
                rows.writerows([safe(name), safe(value)] for name, value in block.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "backslashreplace")


def safe(cell: Cell) -> Cell:
    """A cell that is no formula; numbers stay numbers."""
    if cell is None:
        return ""
    if isinstance(cell, int | float):
        return cell
    text = "".join(char for char in cell if char >= " " or char in "\t\r\n")
    begins = text.lstrip(" \u00a0\u200b\u200c\u200d\u2060\ufeff\"'")[:1]
    text = text.replace("\r\n", " ").replace("\r", " ").replace("\n", " ").replace("\t", " ")
    return f"'{text}" if begins and begins in _STARTS else text
