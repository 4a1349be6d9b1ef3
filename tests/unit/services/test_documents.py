"""Documents and counts: whatever somebody wrote, a page shows it, a table keeps it, nothing runs it."""

import csv
import html.parser
import io
import re
from collections.abc import Sequence
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain import merkle
from console.domain.errors import InputError, UsageError
from console.paths import resources
from console.services.disclosing.as_csv import as_csv, safe
from console.services.disclosing.as_html import as_html
from console.services.disclosing.as_pdf import as_pdf
from console.services.disclosing.counts import foi_sections, minutes, month_span, sections
from console.services.disclosing.covering import COVER, Mark, cover, read_marks
from console.services.disclosing.documents import (
    Block,
    Cell,
    Document,
    Facts,
    Quote,
    Section,
    Table,
    Words,
    as_words,
    format_of,
    tables,
)
from console.services.disclosing.proofs import Levels
from console.store.disclosing import Heard, Timing

FONTS = resources() / "fonts"
NASTY = (
    "<img src=x onerror=alert(1)> & \"'</style><script>x</script> \u202eevil\u2066 \x1b[2J Ŵŷ 🔪 سكين \ud83d"
)
text = st.text(st.characters(), max_size=60)


def document(words: str, cells: Sequence[Cell] = (1, None)) -> Document:
    blocks: list[Block] = [Words(words), Quote(words), Facts([(words, words)]), Table((words, "n"), [cells])]
    return Document(words, words, [Section(words, blocks)])


# HTML -----------------------------------------------------------------------------------------------


class Reader(html.parser.HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        if dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.policy = dict(attrs)["content"] or ""


@given(text)
def test_a_page_holds_nothing_but_its_own_elements_whatever_was_written(words: str) -> None:
    own, page = Reader(), Reader()
    own.feed(as_html(document("x")))
    page.feed(as_html(document(words)))
    assert page.tags == own.tags
    assert page.names == own.names


def test_a_page_forbids_itself_everything_and_needs_nothing_from_elsewhere() -> None:
    page = as_html(document(NASTY))
    read = Reader()
    read.feed(page)
    assert "default-src 'none'" in read.policy
    assert "script" not in read.policy
    assert "script" not in read.tags
    assert not re.search(r"(?:src|href)=", page.replace("&lt;img src=x", ""))
    assert "url(" not in page
    assert "[U+202E]evil[U+2066]" in page
    assert "[U+001B]" in page
    assert "Ŵŷ 🔪 سكين [U+D83D]" in page


# PDF ------------------------------------------------------------------------------------------------


def test_a_pdf_is_made_of_whatever_was_written_and_is_the_same_each_time() -> None:
    made = [as_pdf(document(NASTY * 9 + "x" * 1500), FONTS, 1_800_000_000_000) for _ in range(2)]
    assert made[0].startswith(b"%PDF-")
    assert made[0] == made[1]


@settings(max_examples=25)
@given(text)
def test_no_text_stops_a_pdf(words: str) -> None:
    assert as_pdf(document(words, (words, 2.5)), FONTS, 0).startswith(b"%PDF-")


# CSV ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\u200b=1",
        "'=1",
        "|x",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(cell: str) -> None:
    assert str(safe(cell)).startswith("'")


def test_plain_cells_and_numbers_stay_as_they_are() -> None:
    assert [safe(cell) for cell in ("Ŵyn", "a=b", "", -5, 2.5, None)] == ["Ŵyn", "a=b", "", -5, 2.5, ""]


@given(text)
def test_no_cell_of_a_table_begins_a_formula(words: str) -> None:
    data = as_csv(document(words, (words, 3)))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    for cell in (cell for row in rows for cell in row):
        assert cell.lstrip(" ")[:1] not in set("=+-@\t\r\n＝＋－＠")
        assert "\n" not in cell
    assert rows[-1][1] == "3"


# words and scripts ----------------------------------------------------------------------------------


def test_a_document_in_words_and_for_scripts() -> None:
    made = Document(
        "T", "M", [Section("S", [Words("W"), Facts([("a", "b")]), Table(("x", "n"), [("y", 2.0)])])]
    )
    assert as_words(made) == "T\nM\n\nS\nW\n  a: b\n  x  n\n  y  2.0"
    assert tables(made) == {"S": [{"a": "b"}, {"x": "y", "n": 2.0}]}


def test_a_files_name_asks_for_its_format() -> None:
    assert [format_of(name) for name in ("a.HTML", "b.pdf", "c.csv")] == ["html", "pdf", "csv"]
    with pytest.raises(UsageError, match=r"must end in \.html"):
        format_of("a.doc")


# counts ---------------------------------------------------------------------------------------------


MORNING = 1_800_003_600_000
"""Friday 15 January 2027, 09:00 UTC."""
MINUTE = 60_000


def timing(**what: object) -> Timing:
    at = MORNING
    plain: dict[str, object] = {
        "verb": "hide", "state": "confirmed", "account": "x:a", "network": "x", "grade": 2, "received_at": at,
        "seen_at": at + 2 * MINUTE, "requested_at": at + 5 * MINUTE, "sent_at": at + 6 * MINUTE,
        "settled_at": at + 10 * MINUTE, "category": "hate", "is_undo": False,
    }  # fmt: skip
    return Timing(**{**plain, **what})  # type: ignore[arg-type]  # the types are those of the fields


def test_the_way_of_an_act_is_told_in_four_spans() -> None:
    assert minutes(timing()) == {"see": 2.0, "decide": 3.0, "act": 1.0, "confirm": 4.0}
    assert minutes(timing(seen_at=None)) == {"decide": 5.0, "act": 1.0, "confirm": 4.0}
    assert minutes(timing(sent_at=None, settled_at=None, state="queued")) == {"see": 2.0, "decide": 3.0}
    assert "confirm" not in minutes(timing(state="refused"))
    assert minutes(timing(received_at=None)) == {"act": 1.0, "confirm": 4.0}
    # seen by nobody before it was decided, and a clock that was set back
    late = MORNING + 9 * MINUTE
    assert minutes(timing(seen_at=late))["decide"] == 0.0
    assert minutes(timing(sent_at=MORNING))["act"] == 0.0


def test_times_are_told_as_median_and_worst_by_account_grade_hour_and_hours() -> None:
    night = MORNING + 14 * 60 * MINUTE
    acts = [
        timing(),
        timing(requested_at=MORNING + 25 * MINUTE, grade=1),
        timing(account="x:b", requested_at=night, state="failed"),
        timing(is_undo=True, verb="unhide"),
    ]
    heard = [
        Heard("x:a", "x", "reply", "visible", 2, MORNING, None),
        Heard("x:a", "x", "reply", "hidden", 4, 0, 5),
    ]
    found = {one.title: one.blocks[-1] for one in sections(acts, heard, UTC)}

    def rows(title: str) -> list[Sequence[Cell]]:
        table = found[title]
        assert isinstance(table, Table)
        return list(table.rows)

    (total,) = rows("Times, in minutes")
    assert list(total[:6]) == ["All", 3, 2.0, 2.0, 23.0, 838.0]
    assert [row[0] for row in rows("Times by account")] == ["x:a", "x:b"]
    assert [row[0] for row in rows("Times by grade")] == ["Grade 1", "Grade 2"]
    assert [row[0] for row in rows("Times by hour")] == ["09:00 to 10:00", "23:00 to 00:00"]
    assert [(row[0], row[1]) for row in rows("Times in and out of hours")] == [
        ("In hours", 2),
        ("Out of hours", 1),
    ]
    assert rows("Acts by verb and state") == [
        ("hide", "confirmed", 2),
        ("hide", "failed", 1),
        ("unhide (taking back)", "confirmed", 1),
    ]
    assert rows("Items by account") == [("x:a", 2, 1, 0, 1, 0, 1, 0), ("All", 2, 1, 0, 1, 0, 1, 0)]


def test_a_question_for_information_is_told_in_counts_alone() -> None:
    heard = [Heard("x:a", "x", "reply", "visible", 2, MORNING, None)] * 3
    found = {one.title: one.blocks for one in foi_sections(heard, UTC)}
    assert list(found) == ["All", "By network", "By account", "By month", "By kind", "By state", "By grade"]
    (months,) = found["By month"]
    assert isinstance(months, Table)
    assert list(months.rows) == [("2027-01", 3)]


def test_a_month_begins_and_ends_where_the_clock_on_the_wall_says() -> None:
    span = month_span("2026-12", UTC)
    assert (span.since, span.until) == (1_796_083_200_000, 1_798_761_600_000)
    east = month_span("2026-12", timezone(timedelta(hours=2)))
    assert span.since - east.since == 7_200_000
    for typed in ("2026", "2026-13", "December", "2026-1-1"):
        with pytest.raises(UsageError, match="is no month"):
            month_span(typed)


# proofs ---------------------------------------------------------------------------------------------


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40), st.data())
def test_many_proofs_are_those_that_one_by_one_would_be(hashes: list[bytes], data: st.DataObject) -> None:
    levels = Levels(hashes)
    assert levels.root == merkle.root(hashes)
    if hashes:
        at = data.draw(st.integers(0, len(hashes) - 1))
        assert levels.path(at) == merkle.inclusion(hashes, at)


# covering -------------------------------------------------------------------------------------------


def record(words: str) -> dict[str, object]:
    return {
        "item": {"text": words, "hits": [{"start": 0, "end": len(words), "text": words, "term": "x"}]},
        "thread": [{"text": f"They said: {words.upper()}"}],
        "raw": words,
        "digests": {"text": "0"},
        "media": [],
    }


@given(st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=40), st.data())
def test_what_is_covered_is_not_there_and_the_rest_is(words: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    made = cover(record(words), [Mark("e1", "item.text", start, end, "§")])
    text = made.copy["item"]["text"]
    assert f"{COVER} [covered: §]" in text
    assert made.copy["raw"] is None
    if len(words[start:end].strip()) >= 3:
        left = text.replace(f"{COVER} [covered: §]", "\0")
        assert words[start:end].strip() not in left


def test_marks_that_overlap_are_refused() -> None:
    marks = [Mark("e1", "item.text", 0, 4, "a"), Mark("e1", "item.text", 3, 6, "b")]
    with pytest.raises(InputError, match="overlaps another mark"):
        cover(record("some words"), marks)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("no json", "cannot be read as a list"),
        ("{}", "must hold a list"),
        ('[{"record": "e1", "field": "text", "reason": "r", "colour": 1}]', "and nothing else"),
        ('[{"record": "e1", "field": "text", "reason": " "}]', "a reason is needed"),
        ('[{"record": "e1", "field": "text", "reason": "r", "start": 1}]', "give start and end"),
        ('[{"record": "e1", "field": "text", "reason": "r", "start": 3, "end": 3}]', "start before end"),
        ('[{"record": "e1", "field": "text", "reason": "r", "start": true, "end": 3}]', "whole numbers"),
        ('[{"record": "e1", "field": 5, "reason": "r"}]', "must be said, as text"),
    ],
)
def test_a_list_of_marks_with_a_mistake_says_where(tmp_path: Path, data: str, words: str) -> None:
    (tmp_path / "marks.json").write_text(data)
    with pytest.raises(InputError, match=words):
        read_marks(tmp_path / "marks.json")
