"""Files of items, however they are written and however broken some of their rows are."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ItemKind, NotAllowed
from plugins.replay.languages import language_code
from plugins.replay.times import read_time
from tests.unit.plugins.replay.rooms import START, played, replay


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def test_json_lines_become_items_with_all_that_they_say(tmp_path: Path) -> None:
    line = {
        "id": 12, "created_at": "2017-05-22T22:31:00Z", "author": "robin", "text": "  Is it open? ",
        "lang": "en", "in_reply_to": "11", "thread": "10", "unknown": [1, {"deep": None}],
    }  # fmt: skip
    [item], wrong = played(write(tmp_path, "a.jsonl", json.dumps(line)), tmp_path)
    assert wrong == []
    assert (item.remote_id, item.parent, item.thread, item.lang) == ("12", "11", "10", "en")
    assert (item.text, item.author.handle, item.kind) == ("  Is it open? ", "robin", ItemKind.REPLY)
    assert item.created_at == 1_495_492_260_000
    assert json.loads(item.raw) == line


@pytest.mark.parametrize(
    "text", ["text", "Content", "MESSAGE", "body", "comment", "tweet", "test_case", "full text"]
)
@pytest.mark.parametrize(
    "author", ["author", "user", "Username", "handle", "screen_name", "authorName", "author-name"]
)
def test_columns_are_known_by_many_names(tmp_path: Path, text: str, author: str) -> None:
    [item], wrong = played(write(tmp_path, "a.csv", f"{author},{text}\nrobin,hello\n"), tmp_path)
    assert (item.text, item.author.id, wrong) == ("hello", "robin", [])


def test_columns_can_be_named_outright(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "Who,Body of it,text\nrobin,hello,not this\n")
    [item], _ = played(path, tmp_path, columns="text=Body of it,author=Who")
    assert (item.text, item.author.handle) == ("hello", "robin")


@pytest.mark.parametrize("columns", ["text", "nonsense=Body", "text="])
def test_a_list_of_columns_that_makes_no_sense_is_refused(tmp_path: Path, columns: str) -> None:
    connector = replay(write(tmp_path, "a.csv", "text\nhello\n"), tmp_path, columns=columns)
    with pytest.raises(NotAllowed, match="names no column"):
        asyncio.run(connector.open())


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_table_may_use_any_usual_separator(tmp_path: Path, separator: str) -> None:
    rows = separator.join(["author", "text", "lang"]) + "\n" + separator.join(["robin", "hello", "English"])
    [item], _ = played(write(tmp_path, "a.csv", rows), tmp_path)
    assert (item.author.name, item.text, item.lang) == ("robin", "hello", "en")


def test_a_cell_may_hold_lines_and_quotation_marks(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'id,text\n1,"two\nlines, ""quoted"""\n2,plain\n')
    items, wrong = played(path, tmp_path)
    assert [item.text for item in items] == ['two\nlines, "quoted"', "plain"]
    assert wrong == []


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "packed"])
def test_a_packed_file_is_known_by_its_first_bytes(tmp_path: Path, name: str) -> None:
    packed = gzip.compress(b'{"text": "hello"}\n')
    [item], _ = played(write(tmp_path, name, packed), tmp_path)
    assert item.text == "hello"


def test_a_mark_at_the_start_and_other_encodings_are_understood(tmp_path: Path) -> None:
    with_mark = write(tmp_path, "a.csv", "\ufefftext\nŵ\n")
    wide = write(tmp_path, "b.csv", "text\nŵ\n".encode("utf-16"))
    for path in (with_mark, wide):
        [item], wrong = played(path, tmp_path)
        assert (item.text, wrong) == ("ŵ", [])


def test_bytes_that_are_not_utf8_are_read_as_such_files_mostly_are_and_complained_of(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b"text\ncaf\xe9 \x93open\x94\nplain\n")
    items, [wrong] = played(path, tmp_path)
    assert [item.text for item in items] == ["café “open”", "plain"]
    assert wrong.startswith("line 2: some bytes were not UTF-8")


def test_each_bad_line_is_complained_of_by_its_number_and_the_rest_comes(tmp_path: Path) -> None:
    lines = [
        '{"id": 1, "text": "first"}',
        '{"id": 2, "text": "half',
        "[1, 2]",
        '{"id": 4, "text": 5}',
        '{"id": 5, "author": "secretive"}',
        '{"id": 6, "text": null}',
        "\x00\x00 broken secretive words",
        "",
        '{"id": 9, "text": "bad time", "created_at": "yesterday secretive"}',
        "[" * 20_000,
        '{"id": 11, "text": "last", "author": {"name": "N", "username": "u", "id": 7}}',
    ]
    items, wrong = played(write(tmp_path, "a.jsonl", "\n".join(lines)), tmp_path)
    assert [item.text for item in items] == ["first", "bad time", "last"]
    assert [words.partition(":")[0] for words in wrong] == [f"line {n}" for n in (2, 3, 4, 5, 6, 7, 9, 10)]
    assert not any("secretive" in words for words in wrong)
    assert (items[2].author.id, items[2].author.handle, items[2].author.name) == ("7", "u", "N")


def test_a_table_with_odd_rows_gives_what_it_can(tmp_path: Path) -> None:
    items, wrong = played(write(tmp_path, "a.csv", "id,text\n1,one,too many\n2\n\n3,th\x00ree\n"), tmp_path)
    assert [(item.remote_id, item.text) for item in items] == [("1", "one"), ("3", "th\x00ree")]
    assert [words.partition(":")[0] for words in wrong] == ["line 2", "line 3"]


def test_a_text_of_five_megabytes_comes_whole(tmp_path: Path) -> None:
    long = "ab " * 1_700_000
    for name, content in {"a.csv": f'text\n"{long}"\nnext\n', "a.jsonl": json.dumps({"text": long})}.items():
        items, wrong = played(write(tmp_path, name, content), tmp_path)
        assert (items[0].text, wrong) == (long, [])


def test_a_line_that_is_an_accident_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.replay.reading.LONGEST_LINE", 100)
    for name, text in {"a.jsonl": '{"text": "%s"}\n{"text": "next"}\n', "a.csv": "text\n%s\nnext\n"}.items():
        items, [wrong] = played(write(tmp_path, name, text % ("x" * 1_000)), tmp_path)
        assert [item.text for item in items] == ["next"]
        assert "longer than" in wrong


def test_a_packed_file_that_breaks_off_ends_with_a_complaint(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b'{"text": "item %d"}\n' % number for number in range(5_000)), mtime=0)
    items, wrong = played(write(tmp_path, "a.jsonl.gz", whole[: len(whole) // 2]), tmp_path)
    assert items
    assert "breaks off" in wrong[-1]


@pytest.mark.parametrize("content", ["id,author\n1,robin\n", '{"id": 1, "author": "robin"}\n'])
def test_a_file_without_words_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    connector = replay(write(tmp_path, "a", content), tmp_path)
    with pytest.raises(NotAllowed, match="no column that holds the words") as refused:
        asyncio.run(connector.open())
    assert "\n" not in refused.value.words


@pytest.mark.parametrize("source", ["", "/nowhere/at/all.csv", "no-such-exercise"])
def test_a_source_that_is_not_there_is_refused_in_words(tmp_path: Path, source: str) -> None:
    with pytest.raises(NotAllowed):
        asyncio.run(replay(source, tmp_path).open())


@pytest.mark.parametrize("content", ["", "\n\n", "text\n"])
def test_a_file_without_rows_plays_to_its_end_at_once(tmp_path: Path, content: str) -> None:
    path = write(tmp_path, "a.csv", content)
    asyncio.run(replay(path, tmp_path).open())
    assert played(path, tmp_path) == ([], [])


def test_a_row_without_an_id_is_known_by_author_time_and_text(tmp_path: Path) -> None:
    rows = (
        "author,date,text\na,2020-01-01,x\na,2020-01-02,x\nb,2020-01-01,x\na,2020-01-01,y\na,2020-01-01,x\n"
    )
    first = [item.remote_id for item in played(write(tmp_path, "a.csv", rows), tmp_path)[0]]
    again = [item.remote_id for item in played(write(tmp_path, "b.csv", rows), tmp_path)[0]]
    assert first == again
    assert first[0] == first[4]
    assert len(set(first)) == 4
    assert all(one.startswith("r-") and len(one) == 66 for one in first)


def test_a_row_without_a_time_gets_that_of_the_row_before_or_the_start(tmp_path: Path) -> None:
    rows = "date,text\n,first\n2020-01-01,second\n,third\n"
    items, _ = played(write(tmp_path, "a.csv", rows), tmp_path, started_at=str(START))
    assert [item.created_at for item in items] == [START, 1_577_836_800_000, 1_577_836_800_000]


def test_others_posts_are_not_taken_for_our_own(tmp_path: Path) -> None:
    rows = "kind,author_id,text\npost,somebody,x\npost,us,y\nreview,somebody,z\n"
    items, _ = played(write(tmp_path, "a.csv", rows), tmp_path)
    assert [(item.kind, item.is_ours) for item in items] == [
        (ItemKind.COMMENT, False),
        (ItemKind.POST, True),
        (ItemKind.REVIEW, False),
    ]


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2017-05-22T22:31:00Z", 1_495_492_260_000),
        ("2017-05-22 22:31", 1_495_492_260_000),
        ("22/5/2017 22:31", 1_495_492_260_000),
        ("5/22/2017 22:31", 1_495_492_260_000),
        ("Mon May 22 22:31:00 +0000 2017", 1_495_492_260_000),
        ("Mon, 22 May 2017 23:31:00 +0100", 1_495_492_260_000),
        (1_495_492_260, 1_495_492_260_000),
        ("1495492260000", 1_495_492_260_000),
        (1_495_492_260_000_000, 1_495_492_260_000),
        ("99/99/2017", None),
        ("", None),
        (0, None),
        (True, None),
        ([], None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_times_are_read_as_files_write_them(written: object, at: int | None) -> None:
    assert read_time(written) == at


@pytest.mark.parametrize(
    ("name", "code"),
    [("English", "en"), ("WELSH", "cy"), ("cy-GB", "cy"), ("wel", "cy"), ("undefined", None), ("", None)],
)
def test_languages_are_known_by_name_and_code(name: str, code: str | None) -> None:
    assert language_code(name) == code


@given(st.text(max_size=60) | st.integers() | st.floats() | st.none() | st.lists(st.integers()))
def test_no_value_breaks_the_reading_of_times(value: object) -> None:
    found = read_time(value)
    assert found is None or found > 0


@given(content=st.binary(max_size=400), is_json=st.booleans())
def test_no_bytes_at_all_break_the_reading(
    content: bytes, is_json: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    head = b'{"text": "x"}\n' if is_json else b"text,id\n"
    items, _ = played(write(folder, "a.jsonl" if is_json else "a.csv", head + content), folder)
    assert all(item.remote_id and item.author.id for item in items)
