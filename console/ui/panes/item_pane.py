"""The item pane: all about the item under the cursor, in sections that are never reordered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from console.domain.acts import Act, ActState, Verb
from console.domain.capabilities import Capabilities, Capability
from console.domain.items import Item, ItemState
from console.domain.triage import Grade
from console.domain.watchlists import Hit
from console.domain.waves import Standing, Wave
from console.store import acts as stored_acts
from console.store import items as stored_items
from console.store import waves as stored_waves
from console.store.database import Connection
from console.ui import theme as tokens
from console.ui.lane.row import Corner, corner_of, handle_words, where_words
from console.ui.lane.wave_row import WaveFacts
from console.ui.panes.hit_words import HitWords, read_as
from console.ui.panes.wave_words import item_words, wave_words
from console.ui.parts import Line, Look, Rule, Run, Words, key_width, run_width, tip
from console.ui.text import age, count, plural, shown
from console.ui.theme import color

THREAD_SHOWN = 12
LATEST_SHOWN = 6
FACT_COLUMN = 100
"""How wide the verbs are, so that the facts behind them stand in a column; pixels at 100 % text."""


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What the cache knows about one item, read in one go."""

    item: Item
    thread: Sequence[Item]
    author: Sequence[Item]
    """What its author said to the force's accounts, newest first; the item itself included."""
    acts: Sequence[Act]
    wave: Wave | None = None
    standing: Standing | None = None
    """The verdict that stands on its wave."""


def read_facts(conn: Connection, item_id: int, unseal: stored_items.Unseal | None = None) -> ItemFacts | None:
    """Reads an item with its surroundings; None when the cache does not hold it."""
    found = stored_items.items(conn, [item_id], unseal)
    if not found:
        return None
    item = found[0]
    wave = None if item.wave_id is None else stored_waves.wave(conn, item.wave_id)
    standing = [] if wave is None else stored_waves.open_standings(conn)
    return ItemFacts(
        item=item,
        thread=stored_items.thread(conn, item, 200, unseal),
        author=stored_items.author_items(conn, item, 50, unseal),
        acts=stored_acts.of_item(conn, item.id),
        wave=wave,
        standing=next((one for one in standing if one.wave_id == item.wave_id), None),
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of what can be done."""

    verb: Verb
    words: str
    glyph: str
    command: str


OFFERS = (
    Offer(Verb.HIDE, "Hide", "hide", "hide"),
    Offer(Verb.DELETE, "Delete", "delete", "delete"),
    Offer(Verb.LEAVE_UP, "Leave up", "confirmed", "leave-up"),
    Offer(Verb.REPLY, "Reply", "reply", "reply"),
    Offer(Verb.BLOCK, "Block author", "closed", "block"),
    Offer(Verb.MUTE, "Mute author", "bell", "mute"),
    Offer(Verb.REPORT, "Report", "escalate", "report"),
)
UNHIDE = Offer(Verb.UNHIDE, "Unhide", "unhide", "unhide")


class ItemPane(QScrollArea):
    """The column at the right."""

    def __init__(
        self,
        look: Look,
        run: Callable[[str], None],
        key_of: Callable[[str], str],
        now: Callable[[], int],
        clock: Callable[[int], str],
    ) -> None:
        """`run` does a command by name, `key_of` gives its key, `clock` the local time of day."""
        super().__init__()
        self.setObjectName("pane")
        self.setAccessibleName("Item")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._look, self._run, self._key_of, self._now, self._clock = look, run, key_of, now, clock
        self.facts: ItemFacts | None = None
        self._can: Capabilities = {}
        self._account = ""
        self._body = _Body(look)
        self.setWidget(self._body)
        box = self._body.box
        self._head = Line(look, 28)
        self._who = Line(look, 24)
        self._words = HitWords(look)
        self._public = Words(look, "", tokens.META, "t3", wrap=True)
        for part in (self._head, self._who):
            part.inset = 0
            box.addWidget(part)
        box.addSpacing(4)
        box.addWidget(self._words)
        box.addSpacing(6)
        box.addWidget(self._public)
        self._why = _Section(look, "Why it was raised")
        self._offers = _Section(look, "What can be done")
        self._thread = _Section(look, "Thread")
        self._author = _Section(look, "Author, on our accounts")
        self._record = _Section(look, "Record so far")
        self._sections = (self._why, self._offers, self._thread, self._author, self._record)
        for section in self._sections:
            box.addWidget(section)
        box.addStretch(1)
        self.clear()

    def clear(self) -> None:
        """Shows that there is no item."""
        now: QWidget | None = self.window().focusWidget()
        if now is not None and self.isAncestorOf(now):
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.facts = None
        words = "No item under the cursor."
        self._head.say(words, [Run(words, "t3", tokens.META)])
        self._who.say("", [])
        self._words.say("", (), struck=False)
        self._public.setText("J and K move the cursor.")
        for section in self._sections:
            section.hide()

    def say_wave(self, facts: WaveFacts) -> None:
        """Shows a wave whose row is under the cursor."""
        self.clear()
        name = f"{count(facts.wave.size)} near-identical items"
        runs = [Run(grade=facts.grade, gap=6), Run(glyph="wave", gap=6), Run(name, "t1", tokens.CONTROL, 700)]
        self._head.say(f"Wave. {name}", runs)
        sample = facts.sample
        words, hits = (facts.wave.essence, ()) if sample is None else (sample.words, sample.hits)
        self._words.say(words, hits, struck=False)
        self._public.setText(wave_words(facts, self._now(), self._clock, self._key_of))

    def say(self, facts: ItemFacts, can: Capabilities, account: str, mark: tuple[str, str]) -> None:
        """Shows an item; `account` is the name of the force's account, `mark` its network's mark."""
        same = self.facts is not None and self.facts.item.id == facts.item.id
        self.facts, self._can, self._account = facts, can, account
        item = facts.item
        self._say_head(item, mark)
        self._words.say(item.words, item.hits, struck=item.state in {ItemState.DELETED, ItemState.GONE})
        self._public.setText(self._public_words(facts))
        self._say_why(facts)
        self._say_offers(item)
        self._say_thread(facts)
        self._say_author(facts)
        self._say_record(facts)
        for section in self._sections:
            section.show()
        for before, after in pairwise([self._words, *self._offers.rows]):
            QWidget.setTabOrder(before, after)  # lines that are made anew would else come last of all
        if not same:
            self.verticalScrollBar().setValue(0)

    # sections -------------------------------------------------------------------------------------

    def _say_head(self, item: Item, mark: tuple[str, str]) -> None:
        grade = Grade(item.grade)
        name = [
            Run(grade=item.grade, gap=6),
            Run(f"Grade {item.grade}", f"g{item.grade}", tokens.CONTROL, 700, gap=6),
            Run(grade.words, "t1", tokens.CONTROL, 600),
        ]
        old = f"{age(self._now() - item.created_at)} old"
        within = grade.see_within_ms
        if within is not None and item.seen_at is None:
            old += f" · decide by {self._clock(item.received_at + within)}"
        self._head.say(f"Grade {item.grade}, {grade.words}. {old}", name, [Run(old, "t2", tokens.META, 600)])
        author = shown(item.author.name or item.author.handle or "Somebody").text
        handle, where = handle_words(item), where_words(item)
        runs = [
            Run(network=mark, gap=6),
            Run(author, "t1", tokens.CONTROL, 700),
            *([Run(handle, "t3", tokens.META)] if handle else []),
            Run(where, "t3", tokens.META),
        ]
        self._who.say(f"{author} {handle}, {where}, {self._account}", runs)

    def _public_words(self, facts: ItemFacts) -> str:
        item = facts.item
        state = {
            ItemState.VISIBLE: "Public now",
            ItemState.HIDDEN: "Hidden from the public",
            ItemState.HELD: "Held for review, not public",
            ItemState.DELETED: "Deleted at the network",
            ItemState.GONE: "No longer at the network",
            ItemState.UNKNOWN: "Not known whether it is public",
        }[item.state]
        replies = sum(1 for one in facts.thread if one.parent == item.remote_id)
        parts = [state, *([plural(replies, "reply", "replies")] if replies else [])]
        parts += [f"posted {self._clock(item.created_at)}", self._account]
        words = " · ".join(parts)
        if item.media:
            kinds = ", ".join(sorted({media.kind for media in item.media}))
            words += f"\n{plural(len(item.media), kinds)}: not fetched and not shown."
        return words

    def _say_why(self, facts: ItemFacts) -> None:
        item = facts.item
        crowd = [
            _words(self._look, words, "t1")
            for words in item_words(item, facts.wave, facts.standing, self._now(), self._clock)
        ]
        unlike = "unlike its neighbours" if item.stray is not None else ""
        if not item.hits:
            self._why.say(unlike, [_words(self._look, "No watchlist raised it.", "t3"), *crowd])
            return
        lists = len({hit.watchlist for hit in item.hits})
        rows: list[QWidget] = []
        for hit in sorted(item.hits, key=lambda hit: (hit.grade, hit.start))[:8]:
            rows += self._hit_lines(hit)
        suggest = next((hit.suggest for hit in sorted(item.hits, key=lambda h: h.grade) if hit.suggest), None)
        if suggest:
            words = f"Suggested: {suggest.replace('-', ' ')}. A person decides."
            rows.append(_words(self._look, words, "t1", 600))
        counts = f"{plural(len(item.hits), 'hit')}, {plural(lists, 'watchlist')}"
        self._why.say(f"{counts}, and {unlike}" if unlike else counts, [*rows, *crowd])

    def _hit_lines(self, hit: Hit) -> list[Line]:
        """The words and what they were read as; below, the rule that fired, and when it was not at once."""
        line = Line(self._look, 22)
        words, how, origin = shown(hit.text).text, read_as(hit), f"{hit.watchlist_name} v{hit.version}"
        line.say(
            f"{words}, {how}, {origin}",
            [Run(words, f"g{hit.grade}", tokens.META, 700), Run(how, "t2", tokens.META)],
            [Run(origin, "t3", tokens.META)],
        )
        rule = f"Rule {hit.rule}"
        if hit.term.casefold() != hit.text.casefold() and not hit.disguised:
            rule += f", for “{shown(hit.term).text}”"
        if hit.found_at is not None:
            rule += f" · found at {self._clock(hit.found_at)} by a search of the past"
        below = Line(self._look, 18)
        below.say(rule, [Run(rule, "t3", tokens.META)])
        line.inset = below.inset = 0
        return [line, below]

    @property
    def selected(self) -> str:
        """What a person selected of the item's words; empty for nothing."""
        return self._words.selected

    def _say_offers(self, item: Item) -> None:
        suggest = {hit.suggest for hit in item.hits if hit.suggest}
        rows: list[QWidget] = []
        for standing in OFFERS:
            hidden = standing.verb is Verb.HIDE and item.state is ItemState.HIDDEN
            offer = UNHIDE if hidden else standing
            found = self._can.get(offer.verb)
            if found is None:
                found = Capability(can=False, words="Not on this network.")
            rows.append(self._offer_line(offer, found, suggested=str(offer.verb) in suggest))
        self._offers.say("", rows)

    def _offer_line(self, offer: Offer, found: Capability, *, suggested: bool) -> Line:
        line = Line(self._look, 30, act=lambda: self._run(offer.command))
        line.inset = 0
        ink = "t1" if found.can else "t3"
        key = self._key_of(offer.command)
        widest = max(key_width(self._look, self._key_of(one.command)) for one in (*OFFERS, UNHIDE))
        column = round((widest - key_width(self._look, key)) * 100 / self._look.percent) + 10
        runs = [
            Run(key=key, filled=suggested and found.can, broken=not found.can, gap=column),
            Run(glyph=offer.glyph, ink=ink, gap=10),
            Run(offer.words, ink, tokens.CONTROL, 600),
        ]
        wait = {Verb.DELETE: " Waits 10 s, Z cancels.", Verb.REPLY: " Waits 10 s, Z cancels."}
        fact = found.words + (wait.get(offer.verb, "") if found.can else "")
        line.say(f"{offer.words}. {fact}", _spread(self._look, runs, FACT_COLUMN, fact))
        tip(line, fact)
        return line

    def _say_thread(self, facts: ItemFacts) -> None:
        item = facts.item
        rows: list[QWidget] = []
        near = _near(facts.thread, item)
        depths = _depths(facts.thread)
        for one in near:
            author = shown(one.author.name or one.author.handle).text
            words = shown(one.text).text[:160]
            line = Line(self._look, 22)
            line.inset = 0
            here = one.id == item.id
            runs = [
                Run(" " * 4 * min(4, depths.get(one.remote_id, 0)), kind=tokens.META, gap=0),
                Run(author, "t1", tokens.META, 700 if here else 600),
                Run(words, "t1" if here else "t3", tokens.META),
            ]
            corner = corner_of(one)
            line.say(f"{author}: {words}", runs, _corner_runs(corner))
            rows.append(line)
        more = len(facts.thread) - len(near)
        if more > 0:
            rows.append(_words(self._look, f"and {plural(more, 'item')} more in this thread", "t3"))
        self._thread.say(plural(len(facts.thread), "item"), rows)

    def _say_author(self, facts: ItemFacts) -> None:
        said = facts.author
        hidden = sum(1 for one in said if one.state is ItemState.HIDDEN)
        removed = sum(1 for one in said if one.state in {ItemState.DELETED, ItemState.GONE})
        left_up = sum(1 for one in said if one.left_up_at is not None)
        first = min((one.received_at for one in said), default=facts.item.received_at)
        parts = [f"First seen {self._clock(first)}", plural(len(said), "item")]
        parts += [f"{hidden} hidden"] if hidden else []
        parts += [f"{removed} gone"] if removed else []
        parts += [f"{left_up} left up"] if left_up else []
        rows: list[QWidget] = [_words(self._look, " · ".join(parts), "t2")]
        for one in [one for one in said if one.id != facts.item.id][:LATEST_SHOWN]:
            line = Line(self._look, 20)
            line.inset = 0
            words = shown(one.text).text[:160]
            runs = [Run(self._clock(one.created_at), "t3", tokens.META), Run(words, "t2", tokens.META)]
            line.say(words, runs, _corner_runs(corner_of(one)))
            rows.append(line)
        self._author.say("", rows)

    def _say_record(self, facts: ItemFacts) -> None:
        item = facts.item
        lines: list[tuple[int, str]] = []
        lag = (item.received_at - item.created_at) / 1000
        late = f", {lag:.1f} s after it was made public" if 0 <= lag < 3600 else ""
        lines.append((item.received_at, f"Arrived{late}"))
        if item.hits:
            worst = min(item.hits, key=lambda hit: hit.grade)
            words = f"Raised to Grade {item.grade} by {worst.watchlist_name} v{worst.version}"
            lines.append((item.received_at, words))
        if item.seen_at is not None:
            lines.append((item.seen_at, "First seen by a person"))
        for act in facts.acts:
            verb = act.verb.replace("-", " ").capitalize()
            asked = f"{verb} asked for by {act.requested_by}"
            lines.append((act.requested_at, f"{asked}: {act.reason}" if act.reason else asked))
            if act.settled_at is not None:
                outcome = f"{verb} {act.state.replace('-', ' ')}"
                lines.append((act.settled_at, f"{outcome}: {act.error}" if act.error else outcome))
            elif act.state is not ActState.HELD:
                lines.append((act.sent_at or act.requested_at, f"{verb}: {act.state.replace('-', ' ')}"))
        rows: list[QWidget] = []
        for at, words in sorted(lines, key=lambda line: line[0])[-10:]:
            line = Line(self._look, 20)
            line.inset = 0
            safe = shown(words).text
            runs = [Run(self._clock(at), "t3", tokens.META, gap=14), Run(safe, "t2", tokens.META)]
            line.say(f"{self._clock(at)} {safe}", runs)
            rows.append(line)
        sealed = "Not sealed yet" if item.evidence_id is None else f"Sealed e{item.evidence_id}"
        self._record.say(sealed, rows)


class _Body(QWidget):
    """The ground of the pane."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(20, 12, 20, 20)
        self.box.setSpacing(0)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), color(self._look.theme.bg1))
        painter.fillRect(QRectF(0, 0, 1, self.height()), color(self._look.theme.line))


class _Section(QWidget):
    """A heading with something at its right, and lines below; a hairline above."""

    def __init__(self, look: Look, title: str) -> None:
        super().__init__()
        self._look, self._title = look, title
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 10, 0, 0)
        box.setSpacing(0)
        box.addWidget(Rule(look))
        box.addSpacing(8)
        self._head = Line(look, 20)
        self._head.inset = 0
        box.addWidget(self._head)
        self._shown: list[QWidget] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(1)
        box.addSpacing(2)
        box.addLayout(self._rows)

    @property
    def rows(self) -> Sequence[QWidget]:
        """The lines that are shown."""
        return self._shown

    def say(self, right: str, rows: Sequence[QWidget]) -> None:
        """Shows other lines."""
        self._head.say(
            self._title,
            [Run(self._title, "t3", tokens.LABEL)],
            [Run(right, "t3", tokens.LABEL)] if right else [],
        )
        before, self._shown = self._shown, list(rows)
        for row in rows:
            self._rows.addWidget(row)
        for old, new in zip(before, rows, strict=False):
            if old.hasFocus():  # it stays in its place: hiding the old row would send it on a walk
                new.show()
                new.setFocus(Qt.FocusReason.OtherFocusReason)
        for old in before:
            self._rows.removeWidget(old)
            old.hide()
            old.deleteLater()


def _words(look: Look, text: str, ink: str, weight: int | None = None) -> Words:
    return Words(look, text, tokens.META, ink, weight, wrap=True)


def _spread(look: Look, runs: list[Run], column: int, fact: str) -> list[Run]:
    """Runs with the fact behind them, in a column of its own."""
    last = runs[-1]
    gap = max(10, column - round(run_width(look, last) * 100 / look.percent))
    spaced = Run(last.words, last.ink, last.kind, last.weight, gap=gap)
    return [*runs[:-1], spaced, Run(fact, "t2" if runs[1].ink == "t1" else "t3", tokens.META)]


def _corner_runs(corner: Corner | None) -> list[Run]:
    if corner is None:
        return []
    ink = "deleted" if corner.colour == "undone" else corner.colour
    return [Run(glyph=corner.glyph, ink=ink, gap=4), Run(corner.words, ink, tokens.META, 600)]


def _near(thread: Sequence[Item], item: Item) -> list[Item]:
    """The part of a thread that is shown: its first item and what stands around this one."""
    if len(thread) <= THREAD_SHOWN:
        return list(thread)
    place = next((n for n, one in enumerate(thread) if one.id == item.id), 0)
    begin = min(max(1, place - THREAD_SHOWN // 2), len(thread) - THREAD_SHOWN + 1)
    return [thread[0], *thread[begin : begin + THREAD_SHOWN - 1]]


def _depths(thread: Sequence[Item]) -> Mapping[str, int]:
    depths: dict[str, int] = {}
    for one in thread:
        depths[one.remote_id] = depths.get(one.parent or "", -1) + 1
    return depths
