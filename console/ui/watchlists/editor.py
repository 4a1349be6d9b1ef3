"""The watchlist editor: rules at the left, their fields in the middle, what they would hit at the right.

What a newcomer would get wrong: nothing that is typed is in force, and nothing waits. A key starts a count
in the engine a moment later; only the newest counts, and older ones are dropped.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from console.domain.errors import CordonError
from console.domain.list_changes import RetroSearch
from console.domain.watchlists import Watchlist
from console.ui.parts import announce, tip
from console.ui.text import count
from console.ui.watchlists.asking import Answer, look_at
from console.ui.watchlists.drafts import Draft, new_list
from console.ui.watchlists.frame import EditorFrame
from console.ui.watchlists.lines import list_line, rule_line
from console.ui.watchlists.opening import FROM_THE_PAST
from console.ui.watchlists.parts import Entry

if TYPE_CHECKING:
    from console.ui.watchlists.opening import Watchlists

TYPING_MS: Final = 250
"""So long after the last key the preview is counted."""
ALL_WELL: Final = "No slow pattern. Planted words were found."


class Editor(EditorFrame):
    """The sheet."""

    def __init__(self, room: "Watchlists") -> None:
        super().__init__(room.window.look)
        self._room = room
        self._lists: dict[str, Watchlist] = {}
        self._draft: Draft | None = None
        self._answer: Answer | None = None
        self._hits: dict[str, int] = {}
        """Of each rule; they stay until they are counted anew."""
        self._number = 0
        self._task: asyncio.Task[Any] | None = None
        self._is_working = False
        self._search_id: int | None = None
        self._timer, self._try_timer = self._after_typing(self._count), self._after_typing(self._try_words)
        self.lists.chose.connect(self._chose_list)
        self.rules.chose.connect(self._chose_rule)
        self.rule.changed.connect(self._rule_changed)
        self.whole.changed.connect(self._list_changed)
        self.preview.trying.textEdited.connect(lambda _text: self._try_timer.start())

    def _after_typing(self, act: Callable[[], None]) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(TYPING_MS)
        made.timeout.connect(act)
        return made

    def first(self) -> QWidget:
        """The rules."""
        return self.rules

    def leave(self) -> None:
        """Closes it; what was changed is kept while the window is open."""
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()
        super().leave()

    # what is shown --------------------------------------------------------------------------------

    def begin(self, lists: Sequence[Watchlist], list_id: str | None, rule_id: str | None) -> None:
        """Shows these lists, on the list and rule that are wished where they are there."""
        self._take_lists(lists)
        known = [*self._lists, *(key for key in self._room.drafts if key not in self._lists)]
        wanted = list_id if list_id in known else known[0] if known else None
        if wanted is not None:
            self.show_list(wanted, rule_id)
        else:
            self._say()

    def _take_lists(self, lists: Sequence[Watchlist]) -> None:
        self._lists = {one.id: one for one in lists}
        drafts = self._room.drafts
        for key in [key for key, draft in drafts.items() if not draft.is_changed]:
            del drafts[key]
        for key, draft in drafts.items():
            if key in self._lists:
                draft.take_newer(self._lists[key])

    def show_list(self, list_id: str, rule_id: str | None = None) -> None:
        """Shows a list, and one of its rules."""
        draft = self._room.drafts.get(list_id)
        if draft is None:
            found = self._lists[list_id]
            draft = self._room.drafts[list_id] = Draft(found, found)
        if rule_id is not None and any(rule.id == rule_id for rule in draft.wanted.rules):
            draft.rule_id = rule_id
        elif draft.rule is None:
            draft.rule_id = draft.wanted.rules[0].id if draft.wanted.rules else None
        if self._draft is None or self._draft.wanted.id != list_id:
            self._hits = {}
        self._draft = draft
        self._room.last = list_id
        self._answer = None
        self._show_fields()
        self._count()

    def _show_fields(self) -> None:
        draft = self._draft
        if draft is None:
            return
        self.rule.show_rule(draft.rule, draft.wanted)
        self.whole.show_list(draft.wanted, self._room.today())
        self._say()
        self._try_words()

    def _chose_list(self, list_id: str) -> None:
        self.show_list(list_id)

    def _chose_rule(self, rule_id: str) -> None:
        if self._draft is not None:
            self._draft.rule_id = rule_id
            self._show_fields()
            self._count()

    def _rule_changed(self) -> None:
        rule = self.rule.rule()
        if self._draft is not None and rule is not None:
            self._draft.put(rule)
            self._changed()

    def _list_changed(self) -> None:
        if self._draft is not None:
            self._draft.wanted = self.whole.watchlist(self._draft.wanted)
            self.whole.say_review(self._draft.wanted, self._room.today())
            self.rule.relist(self._draft.wanted)
            self._changed()

    def _changed(self) -> None:
        self._answer = None
        self._say_lists()
        self._say_rules()
        self._say_foot()
        self._timer.start()
        self._try_timer.start()

    # lists of lines -------------------------------------------------------------------------------

    def _say(self) -> None:
        """Lists, rules, buttons and foot, from what is known now."""
        self._say_lists()
        self._say_rules()
        self._say_foot()

    def _say_lists(self) -> None:
        draft, drafts, today = self._draft, self._room.drafts, self._room.today()
        lines = [list_line(one, drafts.get(one.id), today) for one in self._lists.values()]
        lines += [list_line(one.wanted, one, today) for key, one in drafts.items() if key not in self._lists]
        self.lists.fill(lines, draft.wanted.id if draft is not None else None)

    def _say_rules(self) -> None:
        draft = self._draft
        rules, hits = draft.wanted.rules if draft is not None else (), self._hits

        def line(place: int) -> Entry:
            return rule_line(rules[place], hits.get(rules[place].id))

        self.rules.fill_with([rule.id for rule in rules], line, draft.rule_id if draft else None)

    def _say_foot(self) -> None:
        draft = self._draft
        why = self._why_not()
        version = f" version {draft.next_version}" if draft is not None else ""
        self.publish_button.setText(f"Publish{version}   Ctrl Enter")
        self.publish_button.setAccessibleName(f"Publish{version}, Ctrl Enter")
        for each in (self.publish_button, self.rehearse_button):
            each.setEnabled(not why)
            tip(each, why)
        self.history_button.setEnabled(draft is not None and draft.base is not None)
        self.drop_rule.setEnabled(draft is not None and draft.rule is not None)
        self.drop_changes.setEnabled(draft is not None and draft.is_changed)
        problem = self._answer.problem if self._answer is not None else ""
        problem = problem or self._overtaken
        if problem:
            words, ink = problem, "failed"
        elif why:
            words, ink = why, "t2"
        else:
            words, ink = ALL_WELL, "confirmed"
        if draft is not None and draft.needs_two and not problem:
            words += f" Two people are needed: somebody other than {self._room.who} must agree."
        self.state.set_ink(ink)
        self.state.setText(words)

    @property
    def _overtaken(self) -> str:
        draft = self._draft
        return "" if draft is None else draft.overtaken_by(self._lists.get(draft.wanted.id))

    def _why_not(self) -> str:
        """Why it cannot be published or rehearsed now; empty when it can."""
        draft = self._draft
        if draft is None:
            return "There is no watchlist."
        if self._is_working:
            return "Working…"
        if self.whole.problem:
            return self.whole.problem
        if not draft.to_publish().rules:
            return "No rule looks for anything yet."
        if not draft.is_changed:
            version = draft.wanted.version
            return f"Nothing is changed. Version {version} is in force."
        if self._overtaken:
            return self._overtaken
        if self._answer is None:
            return "Trying the patterns and the examples…"
        return self._answer.problem

    # the engine -----------------------------------------------------------------------------------

    def _count(self) -> None:
        """Asks for a count of what is shown; an older question is dropped."""
        self._timer.stop()
        self._number += 1
        if self._task is not None:
            self._task.cancel()
        draft = self._draft
        if draft is None:
            return
        wanted = draft.to_publish()
        if not wanted.rules:
            self.preview.say_nothing("Nothing to look for yet.")
            return
        self.preview.count_anew()
        self._task = self._room.tasks.spawn(self._ask_count(self._number, wanted, draft), "count a draft")

    async def _ask_count(self, number: int, wanted: Watchlist, draft: Draft) -> None:
        async for answer in look_at(self._room, wanted, draft.rule):
            if number != self._number or self._draft is not draft or not self.is_open:
                return
            self._answer = answer
            self._show_answer(draft, answer)

    def _show_answer(self, draft: Draft, answer: Answer) -> None:
        self.rule.say_examples(answer.hits, answer.misses)
        if answer.told is not None:
            self._hits = dict(answer.told.by_rule)
            self.preview.say(answer.told, draft.rule_id)
            self._say_rules()
        elif answer.problem:
            self.preview.say_nothing("")
        self._say_foot()

    def _try_words(self) -> None:
        self._try_timer.stop()
        text = self.preview.trying.text()
        if not text.strip() or self._draft is None:
            self.preview.say_tried(None)
            return
        wanted = self._draft.to_publish()
        if wanted.rules:
            self._room.tasks.spawn(self._ask_try(wanted, text), "try words")

    async def _ask_try(self, wanted: Watchlist, text: str) -> None:
        try:
            hits = await self._room.door.ask(self._room.engine.editing.try_words, wanted, text)
        except CordonError:
            return  # the foot says what is wrong with the list
        if self.is_open and text == self.preview.trying.text():
            self.preview.say_tried(hits)

    def changed_elsewhere(self) -> None:
        """Lists changed, here or in another process: reads them anew."""
        if not self._is_working:
            self._room.tasks.spawn(self._reload(), "read the watchlists")

    async def _reload(self) -> None:
        room = self._room
        try:
            lists = await room.door.ask(room.engine.watchlists)
        except CordonError as problem:
            if self.is_open:
                self._fail(problem.message)
            return
        if not self.is_open:
            return
        draft = self._draft
        if draft is None:
            self.begin(lists, room.last, None)
            return
        list_id = draft.wanted.id
        before = draft.base
        self._take_lists(lists)
        if room.drafts.get(list_id) is not draft:
            self.begin(lists, list_id, draft.rule_id)
            return
        if draft.base is not before and draft.base is not None:
            version = draft.base.version
            self.tell(f"Version {version} came into force meanwhile. Your changes are made to it now.")
            self._show_fields()
            self._count()
            return
        self._say()
        if self._overtaken:
            announce(self, self._overtaken)

    # what a person does ---------------------------------------------------------------------------

    def add_rule(self) -> None:
        """A new rule; its words are written next."""
        if self._draft is not None:
            self._draft.add_rule()
            self._answer = None
            self._show_fields()
            self._count()
            self.rule.words.setFocus(Qt.FocusReason.OtherFocusReason)

    def add_list(self) -> None:
        """A new list with one rule; its name is written next."""
        room = self._room
        taken = [*self._lists, *room.drafts]
        review = room.engine.editing.review_day()
        made = Draft(None, new_list("New list", taken, room.who, "disorder", review))
        made.add_rule()
        room.drafts[made.wanted.id] = made
        self.show_list(made.wanted.id)
        self.whole.name.setFocus(Qt.FocusReason.OtherFocusReason)
        self.whole.name.selectAll()

    def remove_rule(self) -> None:
        """Takes the shown rule away and shows the next."""
        if self._draft is not None:
            self._draft.drop_rule()
            self._answer = None
            self._show_fields()
            self._count()

    def remove_changes(self) -> None:
        """Shows the version in force again; what was changed is gone."""
        draft = self._draft
        if draft is None:
            return
        self._room.drafts.pop(draft.wanted.id, None)
        if draft.wanted.id in self._lists:
            self.show_list(draft.wanted.id, draft.rule_id)
        else:
            self._draft = None
            self.begin(tuple(self._lists.values()), None, None)

    def show_history(self) -> None:
        """Shows the versions of the shown list; a new one has none."""
        if self._draft is not None and self._draft.base is not None:
            self._room.show_history(self._draft.wanted.id)

    def show_shadow(self) -> None:
        """Shows what is rehearsed and what waits for a second person."""
        self._room.show_shadow(from_editor=True)

    def show_files(self) -> None:
        """Asks for a file to read or to write."""
        self._room.show_files(self._draft.wanted.id if self._draft is not None and self._draft.base else None)

    def stop(self) -> None:
        """Ends the search of the past; what it found stays."""
        if self._search_id is not None:
            self._room.tasks.spawn(self._ask_stop(self._search_id), "stop a search of the past")

    async def _ask_stop(self, search_id: int) -> None:
        room = self._room
        try:
            await room.door.ask(room.engine.editing.cancel_search, search_id, room.who)
        except CordonError as problem:
            if self.is_open:
                self.past.setText(problem.message)

    def publish(self) -> None:
        """Puts the draft in force, or has it wait for a second person."""
        draft = self._ready()
        if draft is not None:
            alarm = self.alarm.isChecked()
            self._work(self._room.publish(draft, self.why.text, alarm=alarm), "publish a watchlist")

    def rehearse(self) -> None:
        """Matches the draft in shadow from now on."""
        draft = self._ready()
        if draft is not None:
            self._work(self._room.rehearse(draft, self.why.text), "rehearse a watchlist")

    def _ready(self) -> Draft | None:
        draft = self._draft
        if draft is None or self._why_not():
            return None
        draft.name_rules()
        self.rule.show_rule(draft.rule, draft.wanted)
        return draft

    def _work(self, work: Coroutine[Any, Any, str], name: str) -> None:
        self._is_working = True
        self._say_foot()
        self._room.tasks.spawn(self._carry_out(work), name)

    async def _carry_out(self, work: Coroutine[Any, Any, str]) -> None:
        try:
            words = await work
        except CordonError as problem:
            self._is_working = False
            if self.is_open:
                self._fail(problem.message)
            else:
                self._room.window.tell(problem.message)
            return
        self._is_working = False
        if self.is_open:
            self.why.edit.clear()
            self.tell(words)
            await self._reload()

    @property
    def is_open(self) -> bool:
        """Whether it is still shown; its parts are gone when it is not."""
        return self._room.editor is self

    def tell(self, words: str) -> None:
        """What was done last."""
        self.done.setText(words)
        self.done.setVisible(bool(words))
        if words:
            announce(self, words)

    def _fail(self, words: str) -> None:
        self._say_foot()
        self.state.set_ink("failed")
        self.state.setText(words)
        announce(self, words)

    def search_moved(self, search: RetroSearch) -> None:
        """Says how far the past is searched."""
        name = self._lists[search.watchlist].name if search.watchlist in self._lists else search.watchlist
        if search.is_open:
            words = f"Searching the past with {name}: {count(search.done)} of {count(search.total)} looked at"
        else:
            words = f"The past was searched with {name}: {count(search.done)} looked at"
        alarms = "" if search.alarm else f" {FROM_THE_PAST}"
        self.stop_search.setVisible(search.is_open)
        self._search_id = search.id
        self.past.show()
        self.past.setText(f"{words}, {count(search.found)} hit that were not.{alarms}")
