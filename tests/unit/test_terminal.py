"""The terminal: what is asked, what is never taken from an argument, and lines that cannot be read."""

import io
import json
import sys
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api.manifest import Manifest, SignInField
from console.domain.errors import UsageError
from console.domain.watchlists import Rule, Watchlist
from console.matching import compile_watchlists
from console.terminal import LONGEST_LINE, ask, match_lines
from tests.fakes.connectors import manifest

NETWORK: Manifest = replace(
    manifest(),
    name="Fake",
    sign_in=(
        SignInField("handle", "Handle of the account"),
        SignInField("app_password", "App password", secret=True),
        SignInField("host", "Where", default="https://fake.example"),
        SignInField("note", "Anything else", default=""),
    ),
)
LIST = Watchlist(
    id="weapons",
    name="Weapons",
    category="weapons",
    grade=2,
    suggest=None,
    owner="Us",
    version=1,
    review_by=date(2030, 1, 1),
    rules=(Rule(id="blade", words=("machete",)),),
)


def said(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_answers_come_from_the_line_and_secrets_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    said(monkeypatch, "s3cret words\r\n")
    settings, secrets = ask(NETWORK, ["--handle", "force.test", "--host=http://127.0.0.1"], secret_stdin=True)
    assert settings == {"handle": "force.test", "host": "http://127.0.0.1", "note": ""}
    assert secrets == {"app_password": "s3cret words"}


@pytest.mark.parametrize(
    ("typed", "stdin", "words"),
    [
        ([], "x\n", "Fake needs --handle"),
        (["--handle", ""], "x\n", "Fake needs --handle"),
        (["--handle", "a", "--wings", "3"], "x\n", "does not know “--wings”"),
        (["handle", "a"], "x\n", "does not know “handle”"),
        (["--handle", "a", "--app-password", "planted"], "x\n", "--secret-stdin"),
        (["--handle", "a", "--app-password=planted"], "x\n", "--secret-stdin"),
        (["--handle", "a", "--pass=planted"], "x\n", "does not know “--pass”"),
        (["--handle", "a"], "", "was left empty"),
        (["--handle", "a"], "\n", "was left empty"),
    ],
)
def test_a_wrong_answer_is_one_line_and_never_repeats_a_secret(
    monkeypatch: pytest.MonkeyPatch, typed: list[str], stdin: str, words: str
) -> None:
    said(monkeypatch, stdin)
    with pytest.raises(UsageError) as problem:
        ask(NETWORK, typed, secret_stdin=True)
    assert words in problem.value.message
    assert "\n" not in problem.value.message
    assert "planted" not in problem.value.message


def test_without_a_person_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    said(monkeypatch, "never read\n")
    with pytest.raises(UsageError, match="nobody to ask"):
        ask(NETWORK, ["--handle", "a"], secret_stdin=False)


def lines_of(text: bytes) -> tuple[int, list[dict[str, object]]]:
    """The exit code of matching these lines, and what was printed."""
    printed: list[dict[str, object]] = []
    code = match_lines([LIST], io.BytesIO(text), printed.append)
    return code, json.loads(json.dumps(printed))


def test_each_line_is_answered_with_its_own_id(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = lines_of(
        b'{"id":"a","text":"a Machete"}\n\n{"id":7,"text":"hello","more":1}\n'
        b'{"id":"half","text":"\\ud83d machete"}\n{"id":"last","text":"M\\u00c1CHETE"}'
    )
    assert code == 0
    assert [line["id"] for line in printed] == ["a", 7, "half", "last"]
    assert [line["grade"] for line in printed] == [2, 5, 2, 2]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "line",
    [
        b"{", b"[]", b"null", b'"text"', b'{"id":1}', b'{"text":"x"}', b'{"id":1,"text":5}',
        b'{"id":{},"text":"x"}',
        b'{"id":1,"text":"caf\xe9"}', b'{"id":1,"text":"\\ud83d', b'{"text":"\\ud83d"}', b"\x00", b"\xff\xfe",
        b"[" * 200_000,
        b'{"id":1,"text":"\\ud83d","x":' + b"[" * 200_000,
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_one_line_and_the_rest_is_matched(
    line: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    code, printed = lines_of(line + b'\n{"id":2,"text":"machete"}\n')
    assert (code, [one["id"] for one in printed]) == (1, [2])
    complaint = capsys.readouterr().err
    assert complaint.startswith("Line 1 was left out: ")
    assert complaint.count("\n") == 1
    assert len(complaint) < 300


def test_a_line_that_is_too_long_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = lines_of(b'{"id":1,"text":"' + b"a" * LONGEST_LINE + b'"}\n{"id":2,"text":"x"}\n')
    assert (code, [one["id"] for one in printed]) == (1, [2])
    assert "longer than" in capsys.readouterr().err


@given(st.lists(st.text(max_size=30), max_size=6))
def test_it_finds_what_the_live_path_finds(texts: list[str]) -> None:
    lines = "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts))
    code, printed = lines_of(lines.encode())
    live = compile_watchlists([LIST]).match(texts, [None] * len(texts))
    assert code == 0
    assert [len(hits) for hits in live] == [len(line["hits"]) for line in printed]  # type: ignore[arg-type]  # JSON
