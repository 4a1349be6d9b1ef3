"""A document as one HTML file that prints well, shows itself the same anywhere, and cannot do anything.

What a newcomer would get wrong: escaping is not the only wall. The file's own policy forbids scripts, forms,
frames and everything from elsewhere, so that words which slipped through could still do nothing. Characters
that turn the direction of writing are shown by their names, because they can make a sentence read as another.
"""

import base64
import hashlib
import html
import unicodedata
from typing import Final

from console.services.disclosing.documents import Block, Document, Facts, Quote, Table, Words, shown

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 11pt/1.45 system-ui, "Segoe UI", "Helvetica Neue", sans-serif; color: #13181c;
  background: #fff; max-width: 48rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 17pt; margin: 0 0 .3rem; }
h2 { font-size: 12.5pt; margin: 1.6rem 0 .4rem; border-bottom: 1px solid #6c7781; padding-bottom: .15rem; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
.made { color: #3d4852; }
blockquote { margin: .5rem 0; padding: .6rem .9rem; border: 1px solid #6c7781; border-left-width: 4px;
  white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0; }
dt { color: #3d4852; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: 10pt; }
th, td { text-align: left; vertical-align: top; padding: .2rem .5rem .2rem 0;
  border-bottom: 1px solid #d6dce0; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; }
  tr, dl { break-inside: avoid; } }
"""
_STYLE_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; base-uri 'none'; form-action 'none'"
)
_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def as_html(document: Document) -> str:
    """The whole file."""
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{plain(document.language)}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{plain(document.title)}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        f"<h1>{plain(document.title)}</h1>",
        f'<p class="made">{plain(document.made)}</p>',
    ]
    for section in document.sections:
        parts.append(f"<h2>{plain(section.title)}</h2>")
        parts += [_block(block) for block in section.blocks]
    return "\n".join([*parts, "</body>", "</html>", ""])


def plain(text: str) -> str:
    """Text as HTML that is nothing but text; controls and turning characters by their numbers."""
    return html.escape("".join(map(_visible, text)), quote=True)


def _visible(char: str) -> str:
    if char in "\n\t":
        return char
    if char in _TURNING or unicodedata.category(char) in {"Cc", "Cs"}:
        return f"[U+{ord(char):04X}]"
    return char


def _block(block: Block) -> str:
    if isinstance(block, Words):
        return f"<p>{plain(block.text)}</p>"
    if isinstance(block, Quote):
        return f'<blockquote dir="auto">{plain(block.text)}</blockquote>'
    if isinstance(block, Facts):
        rows = (f'<dt>{plain(name)}</dt><dd dir="auto">{plain(value)}</dd>' for name, value in block.rows)
        return f"<dl>{''.join(rows)}</dl>"
    return _table(block)


def _table(table: Table) -> str:
    numbers = [
        all(isinstance(row[place], int | float | None) for row in table.rows)
        for place in range(len(table.columns))
    ]

    def cells(tag: str, words: list[str]) -> str:
        return "".join(
            f"<{tag}{' class=number' if is_number else ''}>{plain(word)}</{tag}>"
            for word, is_number in zip(words, numbers, strict=True)
        )

    head = cells("th", list(table.columns))
    rows = "".join(f"<tr>{cells('td', [shown(cell) for cell in row])}</tr>" for row in table.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
