"""Fetching pictures: only from the public web, only so much, only what is a picture by its bytes."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from console.services.media import Fetcher, NotFetched, is_public, type_of

PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 400
HOST = "pictures.example"


def answer(
    content: bytes = PNG, status: str = "200 OK", headers: Sequence[str] = (), length: int | None = None
) -> bytes:
    """What a server sends."""
    said = len(content) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {said}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


class Server:
    """A server on this computer that answers by the path that is asked for."""

    def __init__(self, answers: dict[str, bytes | None]) -> None:
        self.answers = answers
        self.heard: list[str] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hears one request and answers it; None never answers."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heard.append(head)
        found = self.answers.get(head.split(" ")[1], answer(b"", "404 Not Found"))
        if found is None:
            await reader.read()  # until the client has had enough
        else:
            writer.write(found)
            await writer.drain()
        writer.close()

    def url(self, path: str) -> str:
        """An address whose host must be resolved."""
        return f"http://{HOST}:{self.port}{path}"


@asynccontextmanager
async def serving(
    answers: dict[str, bytes | None], **limits: float
) -> AsyncIterator[tuple[Server, Fetcher, list[str]]]:
    """A server, a fetcher for which its host is on this computer, and the hosts that were asked for."""
    server, resolved = Server(answers), list[str]()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]

    async def resolve(host: str, _port: int) -> Sequence[str]:
        resolved.append(host)
        return {"nobody.example": [], "inside.example": ["10.0.0.1"]}.get(host, ["127.0.0.1"])

    fetcher = Fetcher(resolve=resolve, allowed=lambda address, _: address == "127.0.0.1", **limits)  # type: ignore[arg-type]  # limits are named in each test
    try:
        yield server, fetcher, resolved
    finally:
        await fetcher.close()
        listening.close()


def run(
    check: Callable[[Server, Fetcher, list[str]], object], answers: dict[str, bytes | None], **limits: float
) -> None:
    async def whole() -> None:
        async with serving(answers, **limits) as (server, fetcher, resolved):
            await check(server, fetcher, resolved)  # type: ignore[misc]  # each check is a coroutine

    asyncio.run(whole())


async def refused(fetcher: Fetcher, url: str) -> NotFetched:
    with pytest.raises(NotFetched) as problem:
        await fetcher.fetch(url)
    assert url not in problem.value.words, "a complaint must not carry what a stranger wrote"
    return problem.value


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:1::", "2001:db8::1", "no address", "",
    ],
)  # fmt: skip
def test_no_address_but_a_public_one_is_connected_to(address: str) -> None:
    assert not is_public(address, 443)


@pytest.mark.parametrize("address", ["8.8.8.8", "151.101.1.69", "2606:4700::1", "64:ff9b::808:808"])
def test_public_addresses_are_on_the_ports_of_the_web(address: str) -> None:
    assert is_public(address, 443)
    assert is_public(address, 80)
    assert not is_public(address, 22)
    assert not is_public(address, 8080)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a..", "image/gif"),
        (b"RIFF1234WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypisom", "video/mp4"),
        (b"\0\0\0\x18ftypavif", "image/avif"),
        (b"\x1aE\xdf\xa3", "video/webm"),
        (b"ID3\x03", "audio/mpeg"),
        (b"<html>", None),
        (b"<svg xmlns='x'>", None),
        (b"MZ\x90", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_what_bytes_are_is_told_by_how_they_begin(content: bytes, kind: str | None) -> None:
    assert type_of(content) == kind


def test_a_picture_comes_from_the_very_address_that_was_checked_and_names_its_host() -> None:
    async def check(server: Server, fetcher: Fetcher, resolved: list[str]) -> None:
        found = await fetcher.fetch(server.url("/a.png?x=1#part"))
        assert (found.content, found.type) == (PNG, "image/png")
        assert resolved == [HOST], "asked once, so a name cannot change its mind between check and connection"
        (head,) = server.heard
        assert head.startswith("GET /a.png?x=1 HTTP/1.1")
        small = head.lower()
        assert f"host: {HOST}:{server.port}" in small
        assert "accept-encoding: identity" in small
        assert "cookie" not in small
        assert "authorization" not in small

    run(check, {"/a.png?x=1": answer(headers=["Set-Cookie: who=1"])})


def test_redirections_are_followed_five_times_and_checked_each_time() -> None:
    async def check(server: Server, fetcher: Fetcher, _resolved: list[str]) -> None:
        assert (await fetcher.fetch(server.url("/1"))).content == PNG
        assert "5 times" in (await refused(fetcher, server.url("/0"))).words
        assert "not the public web" in (await refused(fetcher, server.url("/inside"))).words
        assert "not the public web" in (await refused(fetcher, server.url("/literal"))).words
        assert "not one of the web" in (await refused(fetcher, server.url("/file"))).words
        assert not any("10.0.0.1" in head for head in server.heard)

    moved = {f"/{number}": answer(b"", "302 Found", [f"Location: /{number + 1}"]) for number in range(6)}
    run(
        check,
        {
            **moved,
            "/6": answer(),
            "/inside": answer(b"", "301 Moved", ["Location: http://inside.example/x"]),
            "/literal": answer(b"", "307 Moved", ["Location: http://169.254.169.254/latest"]),
            "/file": answer(b"", "302 Found", ["Location: file:///etc/passwd"]),
        },
    )


def test_too_much_too_slow_too_little_and_no_picture_are_each_refused_in_plain_words() -> None:
    async def check(server: Server, fetcher: Fetcher, _resolved: list[str]) -> None:
        for path, words, again in (
            ("/said", "larger than", False),
            ("/unsaid", "larger than", False),
            ("/slow", "longer than", True),
            ("/half", "could not be reached", True),
            ("/page", "not a picture", False),
            ("/packed", "packed", False),
            ("/gone", "answered 404", False),
            ("/busy", "answered 503", True),
        ):
            problem = await refused(fetcher, server.url(path))
            assert words in problem.words, path
            assert problem.again is again, path

    run(
        check,
        {
            "/said": answer(PNG * 9),
            "/unsaid": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PNG * 9,
            "/slow": None,
            "/half": answer(PNG, length=900),
            "/page": answer(b"<html>", headers=["Content-Type: image/png"]),
            "/packed": answer(gzip.compress(PNG), headers=["Content-Encoding: gzip"]),
            "/busy": answer(b"", "503 Busy"),
        },
        most_bytes=1_000,
        seconds=0.3,
    )


@pytest.mark.parametrize(
    "url",
    [
        "", "picture.png", "file:///etc/passwd", "ftp://pictures.example/a", "gopher://pictures.example/",
        "http://", "http://user:secret@pictures.example/a", "data:image/png;base64,AAAA",
        "http://nobody.example/a", "http://inside.example/a", "http://[::1]/a", "http://127.0.0.2/a",
        "http://0177.0.0.1/a", "http://[bad", "http://pictures.example:99999/", "http://" + "a" * 5_000,
        "http://\ud800.example/a", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_whatever_else_stands_as_an_address_is_refused(url: str) -> None:
    async def check(_server: Server, fetcher: Fetcher, resolved: list[str]) -> None:
        with pytest.raises(NotFetched):
            await fetcher.fetch(url)
        assert set(resolved) <= {"nobody.example", "inside.example", "0177.0.0.1", "%5Bbad"}

    run(check, {})
