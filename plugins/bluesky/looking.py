"""Looking again: whether a verb's effect is in place, asked of the network and not of our memory.

What a newcomer would get wrong: two places know. The account's own repository has a write at once; the
network's view (what the public sees) follows a moment later. An effect counts as done when both show it;
when only the repository does, the answer is "not yet", and the console asks again.
"""

from collections.abc import Sequence

import msgspec

from console.api import Gone, ItemState, RemoteId, Sight, Target, Verb
from console.api.entries import UnreadableError
from console.api.web import milliseconds
from plugins.bluesky.acting import POST
from plugins.bluesky.capability import is_our_thread
from plugins.bluesky.gates import Gates
from plugins.bluesky.mapping import parts_of, post_of
from plugins.bluesky.people import People
from plugins.bluesky.session import Asks, Session
from plugins.bluesky.wire import PostRecord, Posts, PostView, Record, Records
from plugins.bluesky.xrpc import Parameters

_AT_ONCE = 25  # https://docs.bsky.app/docs/api/app-bsky-feed-get-posts
_RECENT = 100


class Looks:
    """Looks at items for one account."""

    def __init__(self, session: Session, gates: Gates, people: People) -> None:
        """All three are the connector's."""
        self._session = session
        self._gates = gates
        self._people = people

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """One sight for each target, in their order. Raises a `Failure`."""
        if verb in {Verb.HIDE, Verb.UNHIDE}:
            return await self._gates_of(verb, targets)
        if verb in {Verb.BLOCK, Verb.UNBLOCK, Verb.MUTE, Verb.UNMUTE}:
            return await self._authors_of(verb, targets)
        if verb is Verb.DELETE:
            return await self._deleted(targets)
        if verb is Verb.REPLY:
            return [await self._reply(target, note) for target, note in zip(targets, notes, strict=True)]
        return [Sight(target.remote_id, target.state) for target in targets]

    async def _gates_of(self, verb: Verb, targets: Sequence[Target]) -> list[Sight]:
        roots = list(dict.fromkeys(target.thread for target in targets if target.thread))
        ours = [root for root in roots if parts_of(root)[0] == self._session.did]
        written = {root: set(await self._gates.hidden(root)) for root in ours}
        views = await self._posts([*ours, *(target.remote_id for target in targets)])
        return [await self._hiding(verb, target, written, views) for target in targets]

    async def _hiding(
        self,
        verb: Verb,
        target: Target,
        written: dict[RemoteId, set[str]],
        views: dict[str, PostView],
    ) -> Sight:
        uri, root = target.remote_id, target.thread
        if uri not in views and not await self._exists(uri):
            return Sight(uri, ItemState.GONE, done=verb is Verb.HIDE)
        if root is None or not is_our_thread(target):
            return Sight(uri, ItemState.VISIBLE, done=verb is Verb.UNHIDE)
        is_written = uri in written.get(root, set())
        top = views.get(root)
        # Without our post there is no public thread left, and the record alone decides.
        is_shown = uri in hidden_by(top) if top else is_written
        if is_written != is_shown:
            return Sight(uri, ItemState.UNKNOWN, done=False)
        state = ItemState.HIDDEN if is_written else ItemState.VISIBLE
        return Sight(uri, state, done=is_written is (verb is Verb.HIDE))

    async def _authors_of(self, verb: Verb, targets: Sequence[Target]) -> list[Sight]:
        """Blocks and mutes. They leave the item as it is, so its state is passed on as it was."""
        views = await self._people.views(target.author_id for target in targets)
        sights: list[Sight] = []
        for target in targets:
            viewer = views.get(target.author_id)
            if viewer is None:
                # Without an account there is nobody left to block, and nothing that could be seen.
                done: bool | None = True if verb in {Verb.UNBLOCK, Verb.UNMUTE} else None
            else:
                is_on = bool(viewer.blocking) if verb in {Verb.BLOCK, Verb.UNBLOCK} else viewer.muted
                done = is_on is (verb in {Verb.BLOCK, Verb.MUTE})
            sights.append(Sight(target.remote_id, target.state, done))
        return sights

    async def _deleted(self, targets: Sequence[Target]) -> list[Sight]:
        views = await self._posts([target.remote_id for target in targets])
        sights: list[Sight] = []
        for target in targets:
            is_left = await self._exists(target.remote_id)
            if is_left:
                sights.append(Sight(target.remote_id, ItemState.VISIBLE, done=False))
            elif target.remote_id in views:
                sights.append(Sight(target.remote_id, ItemState.UNKNOWN, done=False))
            else:
                sights.append(Sight(target.remote_id, ItemState.DELETED, done=True))
        return sights

    async def _reply(self, target: Target, note: str | None) -> Sight:
        """Whether our reply is there. Without its address: whether we have answered this at all.

        With an answer of ours in place nobody can tell whether it is this one, so a person decides.
        """
        if note:
            return Sight(target.remote_id, target.state, await self._exists(note))
        query: Parameters = {
            "repo": self._session.did,
            "collection": POST,
            "limit": _RECENT,
        }
        page = await self._session.ask("com.atproto.repo.listRecords", query, Records)
        answered = any(_answers(record, target.remote_id) for record in page.records)
        return Sight(target.remote_id, target.state, None if answered else False)

    async def _exists(self, uri: str) -> bool:
        return await exists(self._session, uri)

    async def _posts(self, uris: Sequence[str]) -> dict[str, PostView]:
        """The posts that the network shows us. Missing: gone, or their author is blocked."""
        return await posts_by_uri(self._session, uris)


async def exists(session: Asks, uri: str) -> bool:
    """Whether a record is there, even one whose author is blocked. Raises a `Failure`."""
    did, collection, rkey = parts_of(uri)
    try:
        await session.ask(
            "com.atproto.repo.getRecord", {"repo": did, "collection": collection, "rkey": rkey}, Record
        )
    except Gone:
        return False
    return True


async def posts_by_uri(session: Asks, uris: Sequence[str]) -> dict[str, PostView]:
    """Posts as the network shows them to this account. Raises a `Failure`."""
    found: dict[str, PostView] = {}
    wanted = list(dict.fromkeys(uris))
    for start in range(0, len(wanted), _AT_ONCE):
        part: list[str] = wanted[start : start + _AT_ONCE]
        answer = await session.ask("app.bsky.feed.getPosts", {"uris": part}, Posts)
        for raw in answer.posts:
            try:
                view, _ = post_of(bytes(raw))
            except UnreadableError:
                continue  # as good as missing: what it would tell is asked for elsewhere
            found[view.uri] = view
    return found


def hidden_by(view: PostView | None) -> list[str]:
    """The replies that the thread of this post hides, as the public's view has it."""
    gate = view.threadgate if view else None
    return gate.record.hidden_replies if gate and gate.record else []


def _answers(record: Record, uri: str) -> bool:
    try:
        post = msgspec.json.decode(record.value, type=PostRecord)
    except msgspec.DecodeError:
        return False
    return (
        post.reply is not None and post.reply.parent.uri == uri and milliseconds(post.created_at) is not None
    )
