"""Answers that are held open: lines and events are whole wherever they were cut, and an end is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.api import web as web_parts
from console.api.failures import Failure, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.stage import Trouble
from console.api.web import Event, events
from tests.servers.false.server import Answer
from tests.unit.api.rooms import PAGE, Says, web_to

# Everything but what ends a line; other programs take the last three for ends of lines too.
_WORDS = st.text(
    st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]) | st.sampled_from("\u2028\x85\x0b")
)
_CUTS = st.lists(st.integers(0, 400), max_size=12)
_SIMPLE = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=20)
_EVENTS = st.builds(
    Event,
    name=_SIMPLE.filter(bool),
    data=st.lists(_SIMPLE, min_size=1, max_size=3).map("\n".join),
    id=_SIMPLE,
)


def cut(whole: bytes, places: Iterable[int]) -> list[bytes]:
    """The same bytes in pieces, some of them empty."""
    ends = sorted(min(place, len(whole)) for place in places)
    return [whole[start:end] for start, end in zip([0, *ends], [*ends, len(whole)], strict=True)]


async def _one_by_one(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def lines_of(pieces: Sequence[bytes]) -> list[str]:
    """The lines in pieces that came without a network."""

    async def work() -> list[str]:
        answer = httpx.Response(200, content=_one_by_one(pieces))
        return [line async for line in web_parts._lines(web_parts._pieces(answer))]

    return asyncio.run(work())


def written(event: Event, end: str) -> str:
    """An event as a server writes it, with a comment that means nothing."""
    data = [f"data: {line}" for line in event.data.split("\n")]
    return end.join([f"event: {event.name}", ": still here", f"id: {event.id}", *data, "", ""])


@given(st.lists(_WORDS, max_size=6), _CUTS, st.sampled_from(["\n", "\r\n"]))
def test_lines_are_whole_wherever_they_are_cut(lines: list[str], places: list[int], end: str) -> None:
    whole = "".join(line + end for line in lines).encode()
    assert lines_of(cut(whole, places)) == lines


@given(_WORDS.filter(bool), _CUTS)
def test_a_last_line_without_an_end_is_a_line(line: str, places: list[int]) -> None:
    assert lines_of(cut(f"first\n{line}".encode(), places)) == ["first", line]


def test_a_character_that_was_never_finished_spoils_nothing_before_it() -> None:
    assert lines_of([b"whole\n", b"ha", "lf €".encode()[:-1]]) == ["whole", "half "]
    assert lines_of([b"bro\xffken\nnext\n"]) == ["bro�ken", "next"]


@given(st.lists(_EVENTS, max_size=5), _CUTS, st.sampled_from(["\n", "\r\n"]))
def test_events_are_whole_wherever_they_are_cut(said: list[Event], places: list[int], end: str) -> None:
    whole = "".join(written(event, end) for event in said).encode()

    async def work() -> list[Event]:
        answer = httpx.Response(200, content=_one_by_one(cut(whole, places)))
        return [event async for event in events(web_parts._lines(web_parts._pieces(answer)))]

    assert asyncio.run(work()) == said


def test_events_have_a_name_of_their_own_or_none_and_keep_the_last_id() -> None:
    lines = ["data:one", "", "event: edit", "id: 7", "data: two", "data:  three", "", "event: empty", ""]
    lines += ["retry: 10", "unheard of", "data", "", "data: cut off"]

    async def work() -> list[Event]:
        async def give() -> AsyncIterator[str]:
            for line in lines:
                yield line

        return [event async for event in events(give())]

    assert asyncio.run(work()) == [
        Event("message", "one", ""),
        Event("edit", "two\n three", "7"),
        Event("message", "", "7"),
    ]


def read(network: Says, *, silence: float = 10.0) -> tuple[list[str], Failure | None]:
    """The lines that a stream gives, and how it ended."""
    found: list[str] = []

    async def work() -> None:
        async with web_to(network.url) as web, web.lines("stream", silence=silence) as lines:
            async for line in lines:
                found.append(line)  # noqa: PERF401 - what came before a failure counts

    try:
        asyncio.run(work())
    except Failure as failure:
        return found, failure
    return found, None


def test_a_stream_on_a_real_socket_gives_its_lines_wherever_they_are_cut() -> None:
    with Says(Answer()) as network:

        @settings(max_examples=25)
        @given(st.lists(_WORDS, max_size=4), _CUTS)
        def law(lines: list[str], places: list[int]) -> None:
            whole = "".join(f"{line}\n" for line in lines).encode()
            network.answers = [Answer(iter(cut(whole, places)), kind="text/event-stream")]
            assert read(network) == (lines, None)

        law()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer({"error": "no"}, 401), SignInAgain),
        (Answer({"error": "no"}, 403), NotAllowed),
        (Answer({"error": "no"}, 429, {"retry-after": "20"}), SlowDown),
        (Answer(b"upstream", 503, kind="text/plain"), TryLater),
        (Answer(PAGE, kind="text/html"), Misunderstood),
        (Answer(None, 302, {"location": "http://127.0.0.1:9/"}), Misunderstood),
    ],
)
def test_a_stream_that_is_refused_says_so_in_the_contracts_words(answer: Answer, kind: type[Failure]) -> None:
    with Says(answer) as network:
        lines, failure = read(network)
    assert lines == []
    assert type(failure) is kind
    assert not failure.sent


def test_a_stream_that_breaks_off_or_falls_silent_is_tried_later() -> None:
    with Says(Answer()) as network:

        def breaks() -> Iterator[bytes]:
            yield b"one\n"
            network.misbehave(Trouble.CUT)
            yield b"never\n"

        def falls_silent() -> Iterator[bytes]:
            yield b"one\n"
            network.ended.wait(10)

        network.answers = [Answer(breaks())]
        lines, failure = read(network)
        assert (lines, type(failure)) == (["one"], TryLater)
        network.behave()
        network.answers = [Answer(falls_silent())]
        lines, failure = read(network, silence=0.1)
        assert (lines, type(failure)) == (["one"], TryLater)
        assert failure is not None
        assert "silent" in failure.words


def test_a_line_without_end_is_not_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_parts, "LONGEST_LINE", 100)
    with Says(Answer(iter([b"short\n", b"x" * 60, b"x" * 60, b"\n"]))) as network:
        lines, failure = read(network)
    assert lines == ["short"]
    assert type(failure) is Misunderstood
