"""The place on this machine that a browser is sent to at the end of a sign-in.

It listens on 127.0.0.1 only, hands over the first query that comes to its path, shows one sentence, and is
gone. What a newcomer would get wrong: browsers ask for other things too (an icon), and those must not be
taken for the answer.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

from console.api.failures import NotAllowed
from console.api.signing import Landing

PATIENCE_S = 600.0
"""How long a person may take in the browser."""
_LONGEST = 65_536
_DONE = b"<!doctype html><title>Cordon</title><p>You can close this page and go back to Cordon."


class BrowserLanding:
    """One listening place; made by `landing`."""

    def __init__(self, path: str) -> None:
        self.address = ""
        self._path = path
        self._arrived: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()

    async def arrives(self) -> Mapping[str, str]:
        """Waits for the browser; gives the query that it brought. Raises NotAllowed after ten minutes."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await asyncio.shield(self._arrived)
        except TimeoutError:
            raise NotAllowed("Nobody came back from the browser in time. Please start again.") from None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one connection."""
        try:
            first = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0].decode("ascii", "replace")
            method, _, rest = first.partition(" ")
            parts = urlsplit(rest.partition(" ")[0])
            query = dict(parse_qsl(parts.query))
            is_answer = method == "GET" and parts.path == self._path and bool(query)
            status = b"200 OK" if is_answer else b"404 Not Found"
            head = b"HTTP/1.1 " + status + b"\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
            writer.write(head + (_DONE if is_answer else b""))
            await writer.drain()
            if is_answer and not self._arrived.done():
                self._arrived.set_result(query)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, ConnectionError):
            pass  # whoever it was, it was no browser with an answer
        finally:
            writer.close()


@asynccontextmanager
async def landing(path: str = "/", port: int = 0) -> AsyncIterator[BrowserLanding]:
    """Listens on this machine until the block ends. Raises NotAllowed when the port is taken."""
    place = BrowserLanding(path)
    try:
        server = await asyncio.start_server(place.serve, "127.0.0.1", port, limit=_LONGEST)
    except OSError as problem:
        raise NotAllowed(f"Another program uses port {port} of this computer; close it first.") from problem
    place.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}"
    try:
        yield place
    finally:
        server.close()
        await server.wait_closed()


async def first_answer(place: Landing, typed: Awaitable[str]) -> Mapping[str, str]:
    """What the browser brings, or a person types, whichever comes first.

    `typed` is the address that the browser was sent to, or the code in it; an empty text, and a failure to
    ask for it, leave it to the browser. Raises NotAllowed when nothing comes in time.
    """
    came = asyncio.ensure_future(place.arrives())
    asked = asyncio.ensure_future(typed)
    try:
        await asyncio.wait({came, asked}, return_when=asyncio.FIRST_COMPLETED)
        if not came.done() and asked.exception() is None and asked.result().strip():
            return pasted_query(asked.result())
        return await came
    finally:
        for one in (came, asked):
            one.cancel()


def pasted_query(text: str) -> dict[str, str]:
    """What a pasted address carries; a text that is no address counts as the code itself."""
    text = text.strip()
    if "=" not in text:
        return {"code": text} if text else {}
    try:
        parts = urlsplit(text if "?" in text or "#" in text else f"?{text}")
    except ValueError:
        return {}  # an address cut off or mistyped brings nothing
    return dict(parse_qsl(parts.query or parts.fragment))
