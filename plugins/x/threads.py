"""Whose conversation a reply stands in, and the first words of our posts.

What a newcomer would get wrong: X lets us hide replies only in conversations that we began, and a post does
not say who began its own. For a reply to the first post it follows from whom it answers; deeper ones are
found out by asking for the first post, once.
"""

from collections.abc import Iterable, Mapping, Sequence

from console.api import SlowDown
from console.api.entries import UnreadableError, first_words
from plugins.x import names
from plugins.x.mapping import is_reply_to_root, read_post, words_in
from plugins.x.money import POST
from plugins.x.problems import MISSING
from plugins.x.session import Session
from plugins.x.wire import Listed, Post

MOST_REMEMBERED = 50_000


class Threads:
    """What one account knows of the conversations it has met."""

    def __init__(self, session: Session) -> None:
        """Nothing is asked yet."""
        self._session = session
        self.own: dict[str, str] = {}
        """First words of our own posts by id, edited ones under each of their ids."""
        self.roots: dict[str, str] = {}
        """Who began a conversation, by its id; empty where the first post is gone."""

    def take(self, post: Post) -> None:
        """Remembers a post of our own."""
        for version in post.versions:
            self.own[version] = first_words(words_in(post))
        while len(self.own) > MOST_REMEMBERED:
            del self.own[next(iter(self.own))]

    async def resolve(self, posts: Iterable[Post]) -> None:
        """Finds out who began the conversations of these, as far as there is money. Raises a `Failure`."""
        unknown = list(dict.fromkeys(post.conversation_id for post in posts if self._is_unknown(post)))
        for start in range(0, len(unknown), names.AT_ONCE):
            part = unknown[start : start + names.AT_ONCE]
            try:
                self._session.money.check(self._session.money.price_of(part, POST))
                found, gone = await look_up(self._session, part)
            except SlowDown:
                return
            for one in part:
                post = found.get(one)
                if post is not None and post.author_id == self._session.me.id:
                    self.take(post)
                elif post is not None or one in gone:
                    self.roots[one] = post.author_id if post else ""
        while len(self.roots) > MOST_REMEMBERED:
            del self.roots[next(iter(self.roots))]

    def _is_unknown(self, post: Post) -> bool:
        root = post.conversation_id
        if not root or root in post.versions or root in self.own or root in self.roots:
            return False
        # Whose conversation it is follows from the post; ours is asked for because of its first words.
        return not is_reply_to_root(post) or post.in_reply_to_user_id == self._session.me.id


async def look_up(session: Session, ids: Sequence[str]) -> tuple[dict[str, Post], dict[str, str]]:
    """Posts by id, and those that X does not show with the kind of its reason. Raises a `Failure`."""
    query: Mapping[str, str] = {"ids": ",".join(ids), **names.BARE_POSTS}
    page: Listed = await session.ask(names.POSTS_BY_ID, query, ceiling="posts looked up")
    found: dict[str, Post] = {}
    for raw in page.data or ():
        try:
            post = read_post(bytes(raw))
        except UnreadableError:
            continue
        found[post.id] = post
    await session.money.pay(found.keys(), POST)
    missing = {problem.subject: problem.kind for problem in page.errors or () if problem.subject}
    return found, {one: kind for one, kind in missing.items() if one not in found}


def is_gone(kind: str) -> bool:
    """Whether X's reason for not showing a post means that it is gone for everybody."""
    return kind in MISSING
