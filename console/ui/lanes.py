"""Which lane is shown, and how a person comes to another: the rail, a typed question, an account.

What a newcomer would get wrong: a lane has a key and a question. The key names it in the rail and in what
is remembered; the question is what a person could type for it, and what the cache is asked. A search that
was typed is its own key. Where a person was in a lane is remembered by its key.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from console.domain.errors import UsageError
from console.domain.lanes import Lane, parse_lane
from console.domain.query_help import Suggestion, Typed, suggestions
from console.domain.query_text import written
from console.store import lanes as stored_lanes
from console.store.reader import Reader
from console.ui.bridge import Door
from console.ui.dialogs.build_find import BuildFind
from console.ui.kept_lanes import KeptLanes, view_key
from console.ui.lane.view import Place
from console.ui.loop import Tasks
from console.ui.panes.lane_column import EdgeFacts
from console.ui.panes.said import OtherLane, no_rows, trouble_words
from console.ui.parts import announce
from console.ui.standard_lanes import EVERYTHING, OTHERS, STANDARD, WAVES
from console.ui.tallies import Tallies
from console.ui.text import plural, shown

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window

MOST_PLACES = 200
"""How many lanes are remembered with the place where a person was in them."""
COUNTED = ("mine", "decided", "held", "failed", "claimed", "cymraeg")
"""Standard lanes whose numbers nobody keeps."""


class Lanes:
    """What the window does about lanes and find."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, reader: Reader, tasks: Tasks) -> None:
        self._window, self._engine, self._door, self._tasks = window, engine, door, tasks
        self.key = EVERYTHING
        """Which lane is shown."""
        self.kept = KeptLanes(window, engine, door, reader, tasks)
        self.tallies = Tallies(reader, tasks, window.known.say_rail)
        self.tallies.watch(self._counted)
        self._reader = reader
        self.places: dict[str, Place] = {}
        """Where the person was in each lane, the lanes left last at the end."""
        self.tear_off: Callable[[str], None] = lambda _key: None
        """Shows a lane in a window of its own; set by whoever can make windows."""
        self._paused_at: int | None = None
        self._raised_said = 0

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door
        self.kept.take_engine(engine, door)
        self.tallies.changed()

    # what a key means -----------------------------------------------------------------------------

    def question(self, key: str) -> str:
        """What a person could type for a lane."""
        if key in STANDARD:
            return STANDARD[key].question
        view = self.kept.view(key)
        if view is not None:
            return view.question
        if any(account.key == key for account in self._window.accounts):
            return written("account", key)
        return key

    def lane(self, key: str) -> Lane:
        """What the cache is asked for a lane. Raises UsageError for a key that means nothing any more."""
        return parse_lane(self.question(key), self._engine.now(), self._engine.who)

    def is_known(self, key: str) -> bool:
        """Whether a key still means something; saved lanes may be gone."""
        try:
            self.lane(key)
        except UsageError:
            return False
        return True

    def may_be_written(self, key: str) -> bool:
        """Whether a key may stand in a file: a search may name a member of the public, so it may not."""
        kept = key in STANDARD or self.kept.view(key) is not None or key.startswith(("hit:", "group:"))
        return kept or any(account.key == key for account in self._window.accounts)

    def name_of(self, key: str) -> str:
        """The name of a lane."""
        if key in STANDARD:
            return STANDARD[key].name
        view = self.kept.view(key)
        if view is not None:
            return shown(view.name).text
        for account in self._window.accounts:
            if account.key == key:
                return account.name
        for group in self.kept.names.groups:
            if key == written("group", group):
                return shown(group).text
        for number, name in self.kept.names.watchlists.items():
            if key == f"hit:{number}":
                return f"Hits: {shown(name).text}"
        return self._window.waves.name_of(key) or f"Find: {shown(key).text}"

    @property
    def is_kept(self) -> bool:
        """Whether a saved lane is shown."""
        return self.key.startswith(view_key(0)[:-1])

    @property
    def name(self) -> str:
        """The name of the lane that is shown."""
        return self.name_of(self.key)

    def _counted(self) -> Mapping[str, Lane]:
        """The lanes whose unseen are counted."""
        keys = [*COUNTED, *(view_key(view.id) for view in self.kept.names.views)]
        return {key: self.lane(key) for key in keys if self.is_known(key)}

    # going there ----------------------------------------------------------------------------------

    def open(self, key: str, *, cursor: int | None = None) -> None:
        """Shows a lane as it was left, or with the cursor on an item if one is named."""
        window = self._window
        try:
            lane = self.lane(key)
        except UsageError as problem:
            window.tell(problem.message)
            return
        place = None if cursor is not None else self._leave_for(key)
        window.feed.open_lane(lane, cursor=cursor, below=window.waves.below(key), place=place)
        window.known.say_rail()
        window.focus_lane()

    def open_account(self, key: str) -> None:
        """Shows one account's items."""
        self.open(key)

    def begin(self) -> None:
        """Shows the first lane, where the person was in it before."""
        if not self.is_known(self.key):
            self.key = EVERYTHING
        place = self.places.get(self.key)
        feed, waves = self._window.feed, self._window.waves
        feed.open_lane(self.lane(self.key), below=waves.below(self.key), place=place)
        self._window.known.say_rail()
        self._window.focus_lane()

    def _leave_for(self, key: str) -> Place | None:
        """Remembers where the person is; gives where they were in the other lane."""
        self.remember()
        place = self.places.get(key) if key != self.key else None
        self.key = key
        return place

    def remember(self) -> None:
        """Remembers where the person is in the lane that is shown."""
        place = self._window.view.place()
        if self._window.feed.is_loading:
            return
        self.places.pop(self.key, None)
        if place.cursor is not None or not place.at_newest:
            self.places[self.key] = place
            while len(self.places) > MOST_PLACES:
                del self.places[next(iter(self.places))]

    def renamed(self, key: str, question: str) -> None:
        """The lane that is shown got a name, if it is that one."""
        if self.question(self.key) == question:
            self.key = key
        self._window.known.say_rail()
        self.say()

    def tear_off_this(self) -> None:
        """Shows this lane in a window of its own too; in such a window, puts it back."""
        if self._window.is_torn:
            self._window.close()
        else:
            self.tear_off(self.key)

    def open_find(self) -> None:
        """Opens the field."""
        self._window.lane.open_find("" if self.key in STANDARD else self.question(self.key))

    def build(self) -> None:
        """Opens the sheet on which a question is put together without typing it."""
        window = self._window
        window.lane.close_find()
        keep = self.kept.keep
        window.scrim.open(BuildFind(window.look, self.vocabulary(), self.find, lambda _question: keep()))

    def find(self, typed: str) -> None:
        """Shows what a typed question asks for, or says what it could not mean."""
        column = self._window.lane
        question = " ".join(typed.split())
        if not question:
            column.close_find()
            self.open(EVERYTHING)
            return
        try:
            parse_lane(question, self._engine.now(), self._engine.who)
        except UsageError as problem:
            column.finder.say_problem(problem.message)
            return
        known = [key for key, lane in STANDARD.items() if lane.question == question and key != WAVES]
        known += [view_key(view.id) for view in self.kept.names.views if view.question == question]
        self.open(known[0] if known else question)
        self._tasks.spawn(self._note_find(question), "note a search")
        column.close_find()

    async def _note_find(self, typed: str) -> None:
        await self._door.ask(self._engine.onlookers.searched, typed, self._engine.who)

    def join(self) -> None:
        """Joins the field of find to what is known of accounts, lists and authors."""
        self._window.lane.finder.wants = self._suggest

    def _suggest(self, part: Typed) -> None:
        if part.key == "author" and part.value.strip("@"):
            self._tasks.spawn(self._suggest_authors(part), "look for authors")
        else:
            self._offer(part, {})

    async def _suggest_authors(self, part: Typed) -> None:
        asked = self._reader.submit(stored_lanes.handles, part.value.lstrip("@"))
        handles = await asyncio.wrap_future(asked)
        self._offer(part, {"author": [Suggestion(handle) for handle in handles]})

    def _offer(self, part: Typed, more: Mapping[str, Sequence[Suggestion]]) -> None:
        self._window.lane.finder.offer(part, suggestions(part, {**self.vocabulary(), **more}))

    def vocabulary(self) -> dict[str, Sequence[Suggestion]]:
        """What is there to ask for, by key, with names."""
        names, accounts = self.kept.names, self._window.accounts
        return {
            "account": [Suggestion(one.key, one.name) for one in accounts],
            "network": [Suggestion(one) for one in sorted({one.network for one in accounts})],
            "group": [Suggestion(name, ", ".join(keys)) for name, keys in names.groups.items()],
            "hit": [Suggestion(one, shown(name).text) for one, name in names.watchlists.items()],
            "claimed": [Suggestion("me", "what I have claimed"), Suggestion("anyone", "what is claimed")],
        }

    def go_to_raised(self) -> None:
        """Goes to the item that was raised last and belongs to this lane since then."""
        item_id = self._window.feed.newest_late
        if item_id is not None:
            self.let_in()
            self._window.go_to(item_id)

    def why_not_raised(self) -> str | None:
        """Why there is nothing to go to."""
        return None if self._window.feed.newest_late is not None else "Nothing was raised into this lane."

    # arrivals -------------------------------------------------------------------------------------

    def let_in(self) -> None:
        """Lets in what waits at the edge."""
        self._window.view.touched()
        self._window.feed.let_in()
        self._window.waves.let_in()

    def pause(self) -> None:
        """Holds arrivals at the edge, or lets them come again."""
        self._paused_at = None if self._paused_at is not None else self._engine.now()
        self._window.feed.is_paused = self._paused_at is not None
        self.say()

    # what is said ---------------------------------------------------------------------------------

    def others(self) -> list[OtherLane]:
        """The rail's lanes below the grades; some stand there only while they hold something."""
        found = [
            OtherLane(lane.key, lane.name, lane.glyph, self.tallies.of(lane.key))
            for lane in OTHERS
            if lane.is_short
            or lane.key == self.key
            or ((tally := self.tallies.of(lane.key)) and tally.number)
        ]
        who = self._engine.who
        for view in self.kept.names.views:
            key, sign = view_key(view.id), "pin" if view.is_of(who) else "people"
            found.append(OtherLane(key, shown(view.name).text, sign, self.tallies.of(key)))
        return found

    def say(self) -> None:
        """Says what waits at the edge, what an empty lane has to say, and the head."""
        window, now = self._window, self._engine.now()
        feed, known = window.feed, window.known
        looks = [account.last_look_at for account in window.accounts if account.last_look_at]
        since = known.no_link_since
        facts = EdgeFacts(
            edge=feed.edge,
            paused_ms=None if self._paused_at is None else now - self._paused_at,
            no_link_since=None if since is None else window.time_of_day(since)[:5],
            waiting_acts=known.waiting_acts,
            last_look_ms=now - min(looks) if looks else None,
            trouble=self._trouble(),
        )
        window.lane.say_edge(facts, now)
        self._announce_raised(feed.edge.late)
        if feed.is_loading:
            window.lane.empty.say("Reading the cache…", ())
        elif not len(feed.model):
            last = [a.last_item_at for a in window.accounts if a.last_item_at]
            newest = max(last, default=None)
            window.lane.empty.say(*no_rows(self.name, known.rail, newest, window.time_of_day))
        window.lane.show_lane(has_rows=len(feed.model) > 0)
        self.say_head()

    def _announce_raised(self, number: int) -> None:
        """Says once, politely, that items were raised into this lane; arrivals are too many to be said."""
        if number > self._raised_said:
            announce(self._window.lane.edge, f"{plural(number, 'item')} raised into this lane")
        self._raised_said = number

    def say_head(self) -> None:
        """Says which lane it is and how many items of it are selected."""
        window = self._window
        detail = window.choosing.words or window.waves.head_words(len(window.feed.model))
        paused = self._paused_at is not None
        if window.is_torn:
            window.setWindowTitle(f"{self.name} · Cordon")
        window.lane.say_head(self.name, detail, len(window.view.picks), paused=paused)

    def _trouble(self) -> str | None:
        for account in self._window.accounts:
            if account.key == self.key and (account.error or account.notice):
                return trouble_words(account)
        return None
