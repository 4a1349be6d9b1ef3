"""Which lane is shown, and how a person comes to another: the rail, a typed question, an account.

What a newcomer would get wrong: a lane has a key and a question. The key names it in the rail and in what
is remembered; the question (`Lane`) is what the cache is asked. A search that was typed is its own key.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from console.domain.errors import UsageError
from console.domain.items import ItemState
from console.domain.lanes import Lane, parse_lane
from console.domain.triage import Grade
from console.ui.bridge import Door
from console.ui.loop import Tasks
from console.ui.panes.lane_column import EdgeFacts
from console.ui.panes.said import no_rows, trouble_words

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window

FIRST = "everything"
LANES: Mapping[str, tuple[str, Lane]] = {
    **{f"grade {grade.value}": (grade.words, Lane(grades=frozenset({int(grade)}))) for grade in Grade},
    "everything": ("Everything", Lane()),
    "unseen": ("Unseen", Lane(unseen=True)),
    "decided": ("Acted on", Lane(decided=True)),
    "held": ("Held for review", Lane(states=frozenset({ItemState.HELD}))),
    "waves": ("Waves and strays", Lane(stray=True)),
    "cymraeg": ("Cymraeg", Lane(languages=frozenset({"cy"}))),
}


class Lanes:
    """What the window does about lanes and find."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, tasks: Tasks) -> None:
        self._window, self._engine, self._door, self._tasks = window, engine, door, tasks
        self.key = FIRST
        """Which lane is shown."""
        self._paused_at: int | None = None

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door

    # going there ----------------------------------------------------------------------------------

    def open(self, key: str, *, cursor: int | None = None) -> None:
        """Shows a lane of the rail, with the cursor on an item of it if one is named."""
        window = self._window
        self.key = key
        window.feed.open_lane(LANES[key][1], cursor=cursor, below=window.waves.below(key))
        window.known.say_rail()
        window.focus_lane()

    def open_account(self, key: str) -> None:
        """Shows one account's items."""
        self.show(key, Lane(accounts=frozenset({key})))

    def show(self, key: str, lane: Lane) -> None:
        """Shows a lane that is none of the rail's."""
        self.key = key
        self._window.feed.open_lane(lane)
        self._window.known.say_rail()
        self._window.focus_lane()

    def open_find(self) -> None:
        """Opens the field."""
        self._window.lane.open_find("" if self.key in LANES else self.key)

    def find(self, typed: str) -> None:
        """Shows what a typed question asks for, or says what it could not mean."""
        column = self._window.lane
        if not typed.strip():
            column.close_find()
            self.open(FIRST)
            return
        try:
            lane = parse_lane(typed, self._engine.now())
        except UsageError as problem:
            column.problem.setText(problem.message)
            return
        self.key = typed.strip()
        self._window.feed.open_lane(lane)
        self._tasks.spawn(self._note_find(typed), "note a search")
        column.close_find()

    async def _note_find(self, typed: str) -> None:
        await self._door.ask(self._engine.searched, typed, self._engine.who)

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

    @property
    def name(self) -> str:
        """The name of the lane that is shown."""
        if self.key in LANES:
            return LANES[self.key][0]
        for account in self._window.accounts:
            if account.key == self.key:
                return account.name
        return self._window.waves.name_of(self.key) or f"Find: {self.key}"

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
        if feed.is_loading:
            window.lane.empty.say("Reading the cache…", ())
        elif not len(feed.model):
            last = [a.last_item_at for a in window.accounts if a.last_item_at]
            newest = max(last, default=None)
            window.lane.empty.say(*no_rows(self.name, known.rail, newest, window.time_of_day))
        window.lane.show_lane(has_rows=len(feed.model) > 0)
        self.say_head()

    def say_head(self) -> None:
        """Says which lane it is and how many items of it are selected."""
        window = self._window
        detail = window.waves.head_words(len(window.feed.model))
        paused = self._paused_at is not None
        window.lane.say_head(self.name, detail, len(window.view.picks), paused=paused)

    def _trouble(self) -> str | None:
        for account in self._window.accounts:
            if account.key == self.key and (account.error or account.notice):
                return trouble_words(account)
        return None
