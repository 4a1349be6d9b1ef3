"""Fetching pictures that strangers put on the network: carefully, and only as bytes.

The address comes from a stranger, so nothing about it is trusted. Only `http` and `https` on their own ports;
every address of the host must be a public one; the connection goes to the very address that was checked, so
that a name that changes its mind in between leads nowhere else; each redirection is checked anew. No cookies,
no sign-in, no compression, and limits on bytes and on time. What comes is looked at by its first bytes alone
and never decoded here.

What a newcomer would get wrong: a client that resolves the name itself undoes the check. The request names
the checked address, and the host only where the server and its certificate need to hear it.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

if TYPE_CHECKING:
    import httpx

MOST_BYTES: Final = 32 * 1024 * 1024
"""The largest medium that is taken in."""
SECONDS: Final = 20.0
"""How long one medium may take, redirections and all."""
REDIRECTS: Final = 5
_LAST_PORT: Final = 65_535
MOST_URL: Final = 4_096
_PORTS: Final = {"http": 80, "https": 443}
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host, for a port."""
Allowed = Callable[[str, int], bool]
"""Whether an address and a port may be connected to."""


class NotFetched(Exception):
    """A medium could not be had; `words` say why, `again` whether a later try may go better."""

    def __init__(self, words: str, *, again: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.again = again


@dataclass(frozen=True, slots=True)
class Fetched:
    """A medium as it came."""

    content: bytes
    type: str
    """What its bytes are, such as `image/png`."""


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host as the operating system knows them. Raises OSError for an unknown one."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def is_public(address: str, port: int) -> bool:
    """Whether an address is one of the public internet, and the port the web's.

    Refused are private, local, link-local, shared, multicast and reserved ranges, and IPv6 addresses that
    stand for such a one. Source: https://www.iana.org/assignments/iana-ipv4-special-registry
    """
    if port not in _PORTS.values():
        return False
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        elif found.sixtofour is not None or found.teredo is not None:
            return False
    return found.is_global and not (
        found.is_private
        or found.is_loopback
        or found.is_link_local
        or found.is_multicast
        or found.is_reserved
        or found.is_unspecified
    )


def type_of(content: bytes) -> str | None:
    """What bytes are by how they begin: a picture, a video, a sound; None for anything else.

    Drawings (SVG) are refused with the rest: they are programs. Source: https://mimesniff.spec.whatwg.org
    """
    for begin, found in _BEGINNINGS:
        if content.startswith(begin):
            return found
    if content[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(content[8:12])
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        if brand in {b"avif", b"avis"}:
            return "image/avif"
        if brand in {b"heic", b"heix", b"mif1", b"msf1"}:
            return "image/heic"
        return "audio/mp4" if brand in {b"M4A ", b"M4B "} else "video/mp4"
    return "audio/mpeg" if content[:1] == b"\xff" and content[1:2] in {b"\xfb", b"\xf3", b"\xf2"} else None


_BEGINNINGS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
)


class Fetcher:
    """Fetches media, one request at a time for each call."""

    def __init__(
        self,
        *,
        resolve: Resolve = system_resolve,
        allowed: Allowed = is_public,
        most_bytes: int = MOST_BYTES,
        seconds: float = SECONDS,
    ) -> None:
        """`resolve` and `allowed` are handed in by tests, whose servers are on this computer."""
        self._resolve = resolve
        self._allowed = allowed
        self._most = most_bytes
        self._seconds = seconds
        self._transport: httpx.AsyncHTTPTransport | None = None

    async def close(self) -> None:
        """Lets every connection go."""
        if self._transport is not None:
            transport, self._transport = self._transport, None
            await transport.aclose()

    async def fetch(self, url: str) -> Fetched:
        """A medium. Raises NotFetched with the reason."""
        import httpx  # noqa: PLC0415 - a quarter of a second, for those who never fetch

        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(url)
        except TimeoutError as problem:
            raise NotFetched(
                f"Its server took longer than {self._seconds:g} seconds.", again=True
            ) from problem
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as problem:
            raise NotFetched("Its server could not be reached.", again=True) from problem

    async def _follow(self, url: str) -> Fetched:
        for _ in range(REDIRECTS + 1):
            answer = await self._get(url)
            if isinstance(answer, Fetched):
                return answer
            url = urljoin(url, answer)
        raise NotFetched(f"Its address leads on more than {REDIRECTS} times.")

    async def _get(self, url: str) -> Fetched | str:
        """What is at an address, or where it has moved to."""
        import httpx  # noqa: PLC0415 - the same

        if len(url) > MOST_URL:
            raise NotFetched("Its address is too long.")
        asked = httpx.URL(url)
        host = asked.raw_host.decode("ascii")
        port = asked.port or _PORTS.get(asked.scheme, 0)
        if asked.scheme not in _PORTS or not host or asked.userinfo or port > _LAST_PORT:
            raise NotFetched("Its address is not one of the web.")
        address = await self._checked(asked.host, port)
        request = httpx.Request(
            "GET",
            asked.copy_with(host=address, fragment=None),
            headers={
                "Host": asked.netloc.decode("ascii"),
                "User-Agent": "Cordon",
                "Accept": "image/*, video/*, audio/*",
                "Accept-Encoding": "identity",
            },
            extensions={
                "sni_hostname": host,
                "timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._seconds),
            },
        )
        if self._transport is None:
            # no connection is kept: one made for a host must never carry what was asked of another
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
            self._transport = httpx.AsyncHTTPTransport(http2=False, trust_env=False, limits=limits)
        response = await self._transport.handle_async_request(request)
        try:
            return await self._read(response)
        finally:
            await response.aclose()

    async def _checked(self, host: str, port: int) -> str:
        """The address to connect to; every address of the host must be allowed."""
        try:
            addresses = [str(ipaddress.ip_address(host))]
        except ValueError:
            try:
                addresses = list(await self._resolve(host, port))
            except (OSError, UnicodeError) as problem:
                raise NotFetched("Its server is not known.", again=True) from problem
        if not addresses:
            raise NotFetched("Its server is not known.", again=True)
        if not all(self._allowed(address, port) for address in addresses):
            raise NotFetched("Its address leads to a place that is not the public web, so it was not opened.")
        return addresses[0]

    async def _read(self, response: "httpx.Response") -> Fetched | str:
        where = response.headers.get("location")
        if response.status_code in _MOVED and where:
            return str(where)
        if response.status_code != 200:
            raise NotFetched(
                f"Its server answered {response.status_code}.", again=response.status_code in _AGAIN
            )
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise NotFetched("Its server packed it although it was asked not to.")
        said = response.headers.get("content-length", "")
        content = bytearray()
        if said.isdecimal() and int(said) > self._most:
            raise NotFetched(self._too_large())
        async for part in response.aiter_raw():
            content += part
            if len(content) > self._most:
                raise NotFetched(self._too_large())
        if said.isdecimal() and len(content) != int(said):
            raise NotFetched("It broke off on the way.", again=True)
        found = type_of(bytes(content[:64]))
        if found is None:
            raise NotFetched("It is not a picture, a video or a sound.")
        return Fetched(bytes(content), found)

    def _too_large(self) -> str:
        return f"It is larger than {self._most // 1_000_000 or 1} MB."
