"""What the stages of all false networks share; see `console.api.stage.Stage` for what each member means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx

from console.api import Choice, Guide, Landing, Manifest, RemoteId, SignIn, read_manifest
from console.api.connector import Connect
from console.api.landing import landing
from console.api.stage import Stage, Trouble
from tests.servers.false.server import FalseNetwork

PLUGINS = Path(__file__).parents[3] / "plugins"


class FalseStage:
    """A connector of this house before its false network.

    To derive: `settings`, `secret`, `handle` (class or instance attributes), `say`, `withdraw`, `is_public`,
    and where the network has it `rewrite`, `say_about`, `first_secret`; where it has not, `shows_withdrawn`.
    """

    waiting: Sequence[str] = ()
    is_live = True
    first_secret = "{}"
    troubles: Collection[Trouble] = frozenset(Trouble)
    settings: Mapping[str, str]
    secret: str
    handle: str

    def __init__(self, connector: str, network: FalseNetwork) -> None:
        """`connector` is its id; `network` is running."""
        self.network = network
        self.manifest: Manifest = read_manifest(PLUGINS / connector / "manifest.toml")
        module = import_module(self.manifest.module)
        self.connect: Connect = module.connect
        self.sign_in: SignIn | None = getattr(module, "sign_in", None)

    @property
    def changes(self) -> int:
        return self.network.changes

    def misbehave(self, trouble: Trouble, *, requests: int | None = None) -> None:
        self.network.misbehave(trouble, requests=requests)

    def behave(self) -> None:
        self.network.behave()

    def rewrite(self, remote_id: RemoteId, text: str) -> bool:
        del remote_id, text
        return False

    def shows_withdrawn(self) -> bool:
        return True

    def say_about(self, topic: str, text: str) -> RemoteId | None:
        del topic, text
        return None

    def guide(self) -> Guide | None:
        return Walker() if self.manifest.guided else None


N = TypeVar("N", bound=FalseNetwork)


@contextmanager
def on_stage(network: N, make: Callable[[N], Stage]) -> Iterator[Stage]:
    """A stage on a running network; at its end no request may have broken the network's contract."""
    with network:
        yield make(network)
        assert not network.offences, f"requests that the network would not take: {network.offences[:3]}"


class Walker:
    """A person with a browser, who says yes to everything; a `Guide` for tests.

    `visit` asks the address of the false network, as a browser would, and follows its redirect: to the
    landing, which answers, or to an address elsewhere, which `paste` then gives as a person would.
    """

    def __init__(self, chosen: str | None = None) -> None:
        """`chosen` is the id to choose where there is a choice; None: the first."""
        self.said: list[str] = []
        self._chosen = chosen
        self._pasted = ""

    async def say(self, words: str) -> None:
        self.said.append(words)

    async def choose(self, question: str, choices: Sequence[Choice]) -> str:
        self.said.append(question)
        return self._chosen or choices[0].id

    async def visit(self, address: str, words: str) -> None:
        self.said.append(words)
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(address)
            sent_to = answer.headers.get("location", "")
            self._pasted = sent_to or answer.text
            if urlsplit(sent_to).hostname == "127.0.0.1":
                await browser.get(sent_to)

    async def paste(self, question: str) -> str:
        self.said.append(question)
        return self._pasted

    def landing(self, path: str = "/", port: int = 0) -> AbstractAsyncContextManager[Landing]:
        return landing(path, port)


def query_of(address: str) -> dict[str, str]:
    """What an address carries in its query."""
    return dict(parse_qsl(urlsplit(address).query))
