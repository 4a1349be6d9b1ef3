"""HTML of posts to plain words; pure.

Paragraphs are parted by an empty line, line breaks are kept, and the words of a link are kept as they stand:
Mastodon writes a long address in several pieces, some of them invisible, which together are the whole
address. Where a link leads is handed over beside the words.

What a newcomer would get wrong: nothing may be tidied. Spaces at the ends and odd characters are the author's
own words; only the ends of lines inside the HTML are no words, since HTML makes a space of them.
Source of the tags that are sent: https://docs.joinmastodon.org/spec/activitypub/#sanitization
"""

from dataclasses import dataclass
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"p", "div", "blockquote", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "table", "hr"}
)
"""What stands in a paragraph of its own."""
_LINES = frozenset({"li", "tr", "dt", "dd"})
"""What stands in a line of its own."""
_UNSEEN = frozenset({"script", "style", "template", "head", "title"})
"""What holds no words."""
_PEOPLE_AND_TAGS = frozenset({"mention", "hashtag"})
"""Classes of links that lead to a person or a hashtag, and say so in their own words."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link among the words."""

    url: str
    words: str


@dataclass(frozen=True, slots=True)
class Plain:
    """What a post says."""

    text: str
    links: tuple[Link, ...] = ()
    """Links to elsewhere, those to mentioned people and to hashtags left out."""


def to_plain(html: str) -> Plain:
    """The plain words of a post's HTML. Broken HTML gives what can be read of it, as a browser would."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Plain("".join(reader.parts), tuple(reader.links))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[Link] = []
        self._gap = 0
        """How many ends of lines are due before the next words."""
        self._unseen = 0
        self._kept = 0
        """How deep inside text whose ends of lines count."""
        self._href = ""
        self._link_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "br":
            self._settle()
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self._part(2)
            self._kept += tag == "pre"
        elif tag in _LINES:
            self._part(1)
        elif tag == "a":
            kinds = set((given.get("class") or "").split())
            self._href = "" if kinds & _PEOPLE_AND_TAGS else (given.get("href") or "")
            self._settle()
            self._link_from = len(self.parts)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BLOCKS:
            self._part(2)
            self._kept -= tag == "pre" and self._kept > 0
        elif tag in _LINES:
            self._part(1)
        elif tag == "a" and self._href:
            if self._href.startswith(("http://", "https://")):
                self.links.append(Link(self._href, "".join(self.parts[self._link_from :])))
            self._href = ""

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if not self._kept:
            if not data.strip() and "\n" in data:
                return  # the ends of lines between two tags
            data = data.replace("\r\n", " ").replace("\n", " ")
        self._settle()
        self.parts.append(data)

    def _part(self, lines: int) -> None:
        """Something new begins: so many ends of lines stand before it, at the most."""
        if self.parts:
            self._gap = max(self._gap, lines)

    def _settle(self) -> None:
        if self._gap:
            self.parts.append("\n" * self._gap)
            self._gap = 0
