"""People on the test network: the force, outside accounts, and somebody who only looks.

They act straight at the PDS and never through Cordon. The easy mistake is to answer a post the
moment it is written: the AppView indexes accounts in parallel, and a reply indexed before its
parent never makes a notification. So ``Person.reply`` first waits until the parent can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.servers.bluesky.servers import Addresses
from tests.servers.waiting import until

POST = "app.bsky.feed.post"
PASSWORD = "a long enough password"  # of accounts that live as long as the test


@dataclass(frozen=True)
class Ref:
    """One version of one record: ``uri`` (``at://…``) and ``cid``."""

    uri: str
    cid: str

    @property
    def rkey(self) -> str:
        """The record's key, the last part of its address."""
        return self.uri.rsplit("/", 1)[1]

    def as_json(self) -> dict[str, str]:
        """Return it as the network writes it."""
        return {"uri": self.uri, "cid": self.cid}


@dataclass(frozen=True)
class Person:
    """One account: ``handle``, ``did``, and the network it lives on."""

    network: BlueskyNetwork
    handle: str
    did: str
    token: str

    def post(self, text: str, **more: Any) -> Ref:
        """Publish a post and return once everybody can read it."""
        record = {"$type": POST, "text": text, "createdAt": _now(), "langs": ["en"], **more}
        body = {"repo": self.did, "collection": POST, "record": record}
        made = self.network.call("com.atproto.repo.createRecord", body, token=self.token)
        ref = Ref(made["uri"], made["cid"])
        self.network.wait_for_post(ref.uri)
        return ref

    def reply(self, parent: Ref, text: str, *, root: Ref | None = None) -> Ref:
        """Answer ``parent`` in the thread of ``root`` (the parent itself unless given)."""
        self.network.wait_for_post(parent.uri)
        places = {"root": (root or parent).as_json(), "parent": parent.as_json()}
        return self.post(text, reply=places)

    def quote(self, quoted: Ref, text: str) -> Ref:
        """Publish a post that quotes another."""
        self.network.wait_for_post(quoted.uri)
        return self.post(text, embed={"$type": "app.bsky.embed.record", "record": quoted.as_json()})

    def mention(self, other: Person, text: str) -> Ref:
        """Publish a post that begins with another's handle."""
        name = f"@{other.handle}"
        place = {"byteStart": 0, "byteEnd": len(name.encode())}
        feature = {"$type": "app.bsky.richtext.facet#mention", "did": other.did}
        return self.post(f"{name} {text}", facets=[{"index": place, "features": [feature]}])

    def delete(self, ref: Ref) -> None:
        """Take one's own record back."""
        collection, rkey = ref.uri.split("/")[-2:]
        body = {"repo": self.did, "collection": collection, "rkey": rkey}
        self.network.call("com.atproto.repo.deleteRecord", body, token=self.token)

    def app_password(self, name: str = "console") -> str:
        """Make an app password, as the account's owner would in the settings."""
        made = self.network.call("com.atproto.server.createAppPassword", {"name": name}, token=self.token)
        return str(made["password"])


class BlueskyNetwork:
    """The network as its people and bystanders see it."""

    def __init__(self, addresses: Addresses) -> None:
        """``addresses`` are those of running servers."""
        self.addresses = addresses
        self._http = httpx.Client(timeout=20, trust_env=False)
        self._names: set[str] = set()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(self, nsid: str, body: dict[str, Any], *, token: str | None = None) -> dict[str, Any]:
        """Call a procedure of the PDS. Raises ``httpx.HTTPStatusError`` when it is refused."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = self._http.post(f"{self.addresses.pds}/xrpc/{nsid}", json=body, headers=headers)
        _check(answer)
        return dict(answer.json()) if answer.content else {}

    def ask(self, nsid: str, *, token: str | None = None, **query: Any) -> dict[str, Any]:
        """Ask the AppView; without ``token`` as a bystander who is not signed in."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        base = self.addresses.pds if token else self.addresses.appview
        answer = self._http.get(f"{base}/xrpc/{nsid}", params=query, headers=headers)
        _check(answer)
        return dict(answer.json())

    def create_account(self, name: str) -> Person:
        """Make an account; the handle is ``name``, made unique, under ``.test``.

        Returns once its profile can be read, since until then its notifications cannot either.
        """
        unique = name
        while unique in self._names:
            unique = f"{name}{len(self._names)}"
        self._names.add(unique)
        handle = f"{unique}.test"
        body = {"handle": handle, "email": f"{unique}@example.test", "password": PASSWORD}
        made = self.call("com.atproto.server.createAccount", body)
        person = Person(self, handle, made["did"], made["accessJwt"])
        until(f"the profile of {handle}", lambda: self._finds("actor.getProfile", actor=person.did))
        return person

    def wait_for_post(self, uri: str) -> None:
        """Return once the AppView can show the post."""
        until(f"the AppView to index {uri}", lambda: self.finds_post(uri))

    def finds_post(self, uri: str) -> bool:
        """Whether a bystander can see the post."""
        return bool(self.ask("app.bsky.feed.getPosts", uris=uri)["posts"])

    def shown_replies(self, root: Ref) -> list[str]:
        """Return the addresses of the replies that the thread shows to a bystander."""
        thread = self.ask("app.bsky.unspecced.getPostThreadV2", anchor=root.uri, below=10)
        return [part["uri"] for part in thread["thread"] if part["depth"] > 0]

    def hidden_replies(self, root: Ref) -> list[str]:
        """Return the addresses of the replies hidden by the thread's owner."""
        other = self.ask("app.bsky.unspecced.getPostThreadOtherV2", anchor=root.uri)
        return [part["uri"] for part in other["thread"] if part["value"]["hiddenByThreadgate"]]

    def reports(self) -> list[dict[str, Any]]:
        """Return the reports that reached the moderation service, oldest first."""
        answer = self._http.get(self.addresses.moderation)
        return list(answer.json()["reports"])

    def _finds(self, name: str, **query: Any) -> dict[str, Any] | None:
        try:
            return self.ask(f"app.bsky.{name}", **query)
        except httpx.HTTPStatusError:
            return None


def _check(answer: httpx.Response) -> None:
    """Raise with the server's own words, which httpx leaves out."""
    if answer.is_error:
        raise httpx.HTTPStatusError(
            f"{answer.status_code} {answer.request.url.path}: {answer.text[:500]}",
            request=answer.request,
            response=answer,
        )


def _now() -> str:
    """Return the present time as the network writes it."""
    return datetime.now(tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
