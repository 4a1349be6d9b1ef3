"""HTML to plain words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.mastodon.markup import Link, to_plain
from tests.servers.false.mastodon_memory import formatted

_LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), min_size=1)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Is it open?</p><p>Yes,<br />and no.</p>", "Is it open?\n\nYes,\nand no."),
        ("no markup at all", "no markup at all"),
        ("<p>  spaces at both ends  </p>", "  spaces at both ends  "),
        ("<p>one</p>\n<p>two</p>\n", "one\n\ntwo"),
        ("<p>an end of\na line is a space</p>", "an end of a line is a space"),
        ("<pre><code>if a:\n    b</code></pre>", "if a:\n    b"),
        ("<ul><li>first</li><li>second</li></ul>after", "first\nsecond\n\nafter"),
        ("<blockquote><p>they said</p></blockquote><p>we say</p>", "they said\n\nwe say"),
        ("&lt;b&gt; &amp; &#39;quoted&#39;", "<b> & 'quoted'"),
        ("<p>see<script>alert(1)</script><style>p{}</style> this</p>", "see this"),
        ("<p></p><p>alone</p>", "alone"),
        ("<p>never closed", "never closed"),
        ("", ""),
    ],
)
def test_paragraphs_and_lines_are_kept_and_markup_goes(html: str, text: str) -> None:
    assert to_plain(html).text == text


def test_the_invisible_pieces_of_a_long_address_make_it_whole() -> None:
    pieces = (
        '<a href="https://news.example/a/long/way"><span class="invisible">https://</span>'
        '<span class="ellipsis">news.example/a</span><span class="invisible">/long/way</span></a>'
    )
    found = to_plain(f"<p>read {pieces}</p>")
    assert found.text == "read https://news.example/a/long/way"
    assert found.links == (Link("https://news.example/a/long/way", "https://news.example/a/long/way"),)


def test_where_a_link_leads_is_told_beside_its_words() -> None:
    found = to_plain('<p><a href="https://trap.example/">https://police.example/</a></p>')
    assert found.text == "https://police.example/"
    assert found.links == (Link("https://trap.example/", "https://police.example/"),)


def test_people_and_hashtags_are_words_and_no_links() -> None:
    html = (
        '<span class="h-card"><a href="https://police.example/@force" class="u-url mention">@<span>force'
        '</span></a></span> <a href="https://x.example/tags/ford" class="mention hashtag">#<span>ford</span>'
        '</a> <a href="javascript:alert(1)">press</a>'
    )
    found = to_plain(html)
    assert found.text == "@force #ford press"
    assert found.links == ()


@given(st.lists(st.lists(_LINE, min_size=1), min_size=1))
def test_plain_words_come_back_as_they_were_written(paragraphs: list[list[str]]) -> None:
    text = "\n\n".join("\n".join(lines) for lines in paragraphs)
    assert to_plain(formatted(text)).text == text


@given(st.text(alphabet="<>/&;!-[]\"'= abpr\n"))
def test_no_html_is_too_broken_to_be_read(html: str) -> None:
    assert isinstance(to_plain(html).text, str)
