"""The watchlist editor: rules at the left, their fields in the middle, what they would hit at the right.

What a newcomer would get wrong: nothing that is typed is in force, and nothing waits. A key starts a count
in the engine a moment later; only the newest counts, and older ones are dropped.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QVBoxLayout, QWidget

from console.domain.errors import CordonError
from console.domain.list_changes import RetroSearch
from console.domain.watchlists import Watchlist
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.parts import Run, Words, announce, tip
from console.ui.sheet import Sheet
from console.ui.text import count, plural, shown
from console.ui.watchlists.asking import Answer, look_at
from console.ui.watchlists.drafts import Draft, gist, new_list
from console.ui.watchlists.fields import ListFields, RuleFields, middle
from console.ui.watchlists.parts import RunsList
from console.ui.watchlists.preview import Preview

if TYPE_CHECKING:
    from console.ui.watchlists.opening import Watchlists

TYPING_MS: Final = 250
"""So long after the last key the preview is counted."""
NEVER_DELETES: Final = "A rule never deletes. It hides only while a posture says so."
ALL_WELL: Final = "No slow pattern. Planted words were found."
FROM_THE_PAST: Final = "Hits appear as from the past, without alarms."


class Editor(Sheet):
    """The sheet."""

    wide = 1360

    def __init__(self, room: "Watchlists") -> None:
        super().__init__(room.window.look, "Watchlists")
        self._room = room
        self._lists: dict[str, Watchlist] = {}
        self._draft: Draft | None = None
        self._answer: Answer | None = None
        self._number = 0
        self._task: asyncio.Task[Any] | None = None
        self._is_working = False
        self._is_stacked = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPING_MS)
        self._timer.timeout.connect(self._count)
        self._try_timer = QTimer(self)
        self._try_timer.setSingleShot(True)
        self._try_timer.setInterval(TYPING_MS)
        self._try_timer.timeout.connect(self._try_words)
        self._build()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)

    # building -------------------------------------------------------------------------------------

    def _build(self) -> None:
        look = self.look
        self.box.setContentsMargins(20, 16, 20, 16)
        self.title = Words(look, "Watchlists", tokens.TITLE)
        self.box.addWidget(self.title)
        self.lists = RunsList(look, "Watchlists")
        self.rules = RunsList(look, "Rules, with hits in the last 24 hours")
        self.new_rule = button("New rule", "Ctrl N", self.add_rule)
        self.new_list = button("New list", "Ctrl Shift N", self.add_list)
        left = QWidget()
        box = QVBoxLayout(left)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(self.lists, 2)
        box.addWidget(Words(look, "Rules, and hits in 24 hours", tokens.LABEL, "t3"))
        box.addWidget(self.rules, 3)
        box.addWidget(self.new_rule)
        box.addWidget(self.new_list)
        self.rule = RuleFields(look)
        self.whole = ListFields(look)
        self.drop_rule = button("Remove this rule", "", self._drop_rule)
        self.drop_changes = button("Drop my changes", "", self._drop_changes)
        self.middle = middle(look, self.rule, self.whole, self.drop_rule, self.drop_changes)
        self.preview = Preview(look)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(20)
        for part, share in ((left, 5), (self.middle, 9), (self.preview, 8)):
            self._columns.addWidget(part, share)
        self.box.addLayout(self._columns, 1)
        self._foot()
        self.lists.chose.connect(self._chose_list)
        self.rules.chose.connect(self._chose_rule)
        self.rule.changed.connect(self._rule_changed)
        self.whole.changed.connect(self._list_changed)
        self.preview.trying.textEdited.connect(lambda _text: self._try_timer.start())

    def _foot(self) -> None:
        look = self.look
        self.state = Words(look, "", tokens.CONTROL, "t2", 600, wrap=True)
        self.done = Words(look, "", tokens.CONTROL, "confirmed", 600, wrap=True)
        self.past = Words(look, "", tokens.META, "t2", wrap=True)
        for words in (self.state, self.done, self.past):
            self.box.addWidget(words)
        self.done.hide()
        self.past.hide()
        self.box.addWidget(Words(look, NEVER_DELETES, tokens.META, "t3", wrap=True))
        self.why = Field(look, "Why", hint="goes on record")
        self._rehearse = button("Rehearse without acting", "Ctrl R", self.rehearse)
        self._publish = button("Publish", "Ctrl Enter", self.publish, primary=True)
        self._back = button("Back to the lane", "Esc", self.leave)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(12)
        self._buttons.addWidget(self.why, 1)
        self._buttons.addLayout(button_row(self._rehearse, self._publish, self._back))
        self.box.addLayout(self._buttons)

    def hasHeightForWidth(self) -> bool:
        """No: its columns take what room there is."""
        return False

    def heightForWidth(self, _: int) -> int:
        """None, for the same reason."""
        return -1

    def sizeHint(self) -> QSize:
        """As tall as may be."""
        return QSize(self.look.px(self.wide), 4000)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room for three columns they stand below one another, and the sheet scrolls."""
        super().resizeEvent(event)
        is_stacked = self.width() < self.look.px(980)
        if is_stacked != self._is_stacked:
            self._is_stacked = is_stacked
            way = QBoxLayout.Direction
            self._columns.setDirection(way.TopToBottom if is_stacked else way.LeftToRight)
            self._buttons.setDirection(way.TopToBottom if is_stacked else way.LeftToRight)
            self.middle.stack(is_stacked=is_stacked)
            self.preview.stack(is_stacked=is_stacked)
            QTimer.singleShot(0, self, self.on_resize)

    def _follow(self, _: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self.middle.isAncestorOf(now):
            self.middle.ensureWidgetVisible(now, 0, self.look.px(40))

    def first(self) -> QWidget:
        """The rules."""
        return self.rules

    def pressed(self, event: QKeyEvent) -> bool:
        """The keys of the buttons."""
        held = event.modifiers()
        if not held & Qt.KeyboardModifier.ControlModifier:
            return False
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._publish.click()
            case Qt.Key.Key_R:
                self._rehearse.click()
            case Qt.Key.Key_N:
                (self.new_list if shift else self.new_rule).click()
            case _:
                return False
        return True

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
        self._say()
        self._timer.start()
        self._try_timer.start()

    # lists of lines -------------------------------------------------------------------------------

    def _say(self) -> None:
        """Lists, rules, buttons and foot, from what is known now."""
        draft, drafts = self._draft, self._room.drafts
        lines = []
        for one in (*self._lists.values(), *(d.wanted for d in drafts.values() if d.base is None)):
            its = drafts.get(one.id)
            is_changed = its is not None and its.is_changed
            name = shown((its.wanted if its is not None else one).name).text
            right = [Run("changed", "accent", tokens.META)] if is_changed else []
            left = [Run(grade=one.grade, gap=4), Run(name, "t1", tokens.CONTROL)]
            lines.append((one.id, f"{name}, grade {one.grade}" + ", changed" * is_changed, left, right))
        self.lists.fill(lines, draft.wanted.id if draft is not None else None)
        self._say_rules()
        self._say_foot()

    def _say_rules(self) -> None:
        draft = self._draft
        hits = dict(self._answer.told.by_rule) if self._answer and self._answer.told else {}
        lines = []
        for rule in draft.wanted.rules if draft is not None else ():
            words, number = shown(gist(rule)).text, hits.get(rule.id)
            right = (
                [Run(count(number), "t1" if number else "t3", tokens.CONTROL)] if number is not None else []
            )
            spoken = f"{words}, {plural(number, 'hit')}" if number is not None else words
            lines.append((rule.id, spoken, [Run(words, "t1", tokens.CONTROL)], right))
        self.rules.fill(lines, draft.rule_id if draft is not None else None)

    def _say_foot(self) -> None:
        draft = self._draft
        why = self._why_not()
        version = f" version {draft.next_version}" if draft is not None else ""
        self._publish.setText(f"Publish{version}   Ctrl Enter")
        self._publish.setAccessibleName(f"Publish{version}, Ctrl Enter")
        for each in (self._publish, self._rehearse):
            each.setEnabled(not why)
            tip(each, why)
        self.drop_rule.setEnabled(draft is not None and draft.rule is not None)
        self.drop_changes.setEnabled(draft is not None and draft.is_changed)
        problem = self._answer.problem if self._answer is not None else ""
        if problem:
            words, ink = problem, "failed"
        elif why:
            words, ink = why, "t2"
        else:
            words, ink = ALL_WELL, "confirmed"
        if draft is not None and self._needs_two(draft) and not problem:
            words += f" Two people are needed: somebody other than {self._room.who} must agree."
        self.state.set_ink(ink)
        self.state.setText(words)

    @staticmethod
    def _needs_two(draft: Draft) -> bool:
        return draft.wanted.two_people or (draft.base is not None and draft.base.two_people)

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
            if number != self._number or self._draft is not draft:
                return
            self._answer = answer
            self._show_answer(draft, answer)

    def _show_answer(self, draft: Draft, answer: Answer) -> None:
        self.rule.say_examples(answer.hits, answer.misses)
        if answer.told is not None:
            self.preview.say(answer.told, draft.rule_id)
            self._say_rules()
        elif answer.problem:
            self.preview.say_nothing("")
        self._say_foot()
        if self._is_stacked:
            self.on_resize()

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
        if text == self.preview.trying.text():
            self.preview.say_tried(hits)

    def changed_elsewhere(self) -> None:
        """Lists changed, here or in another process: reads them anew."""
        self._room.tasks.spawn(self._reload(), "read the watchlists")

    async def _reload(self) -> None:
        room = self._room
        try:
            lists = await room.door.ask(room.engine.watchlists)
        except CordonError as problem:
            self._fail(problem.message)
            return
        if room.editor is not self:
            return
        shown_list = self._draft.wanted.id if self._draft is not None else None
        rule_id = self._draft.rule_id if self._draft is not None else None
        was_changed = self._draft is not None and self._draft.is_changed
        self._take_lists(lists)
        if was_changed or shown_list is None:
            self._say()
        else:
            self.begin(lists, shown_list, rule_id)

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

    def _drop_rule(self) -> None:
        if self._draft is not None:
            self._draft.drop_rule()
            self._answer = None
            self._show_fields()
            self._count()

    def _drop_changes(self) -> None:
        draft = self._draft
        if draft is None:
            return
        self._room.drafts.pop(draft.wanted.id, None)
        if draft.wanted.id in self._lists:
            self.show_list(draft.wanted.id, draft.rule_id)
        else:
            self._draft = None
            self.begin(tuple(self._lists.values()), None, None)

    def publish(self) -> None:
        """Puts the draft in force, or has it wait for a second person."""
        self._send(self._ask_publish, "publish a watchlist")

    def rehearse(self) -> None:
        """Matches the draft in shadow from now on."""
        self._send(self._ask_rehearse, "rehearse a watchlist")

    def _send(self, ask: "Any", name: str) -> None:
        draft = self._draft
        if draft is None or self._why_not():
            return
        draft.name_rules()
        self._is_working = True
        self._say_foot()
        work: Coroutine[Any, Any, None] = ask(draft, replace(draft.to_publish()), self.why.text)
        self._room.tasks.spawn(work, name)

    async def _ask_publish(self, draft: Draft, wanted: Watchlist, why: str) -> None:
        room = self._room
        try:
            done = await room.door.ask(room.engine.editing.publish, wanted, who=room.who, why=why)
        except CordonError as problem:
            self._fail(problem.message)
            return
        self._is_done(draft)
        if done.waiting is not None:
            room.ask_second(done.waiting)
            return
        self._tell(f"{shown(wanted.name).text}: version {wanted.version + 1} is in force. {FROM_THE_PAST}")

    async def _ask_rehearse(self, draft: Draft, wanted: Watchlist, why: str) -> None:
        room = self._room
        try:
            await room.door.ask(room.engine.editing.keep_rehearsing, wanted, who=room.who, why=why)
        except CordonError as problem:
            self._fail(problem.message)
            return
        self._is_done(draft)
        self._tell(f"{shown(wanted.name).text} is rehearsed from now on: counted, without grade or alarm.")

    def _is_done(self, draft: Draft) -> None:
        self._is_working = False
        self.why.edit.clear()
        if self._room.drafts.get(draft.wanted.id) is draft:
            del self._room.drafts[draft.wanted.id]
        if self._draft is draft:
            draft.base = draft.wanted  # until the lists are read anew, it is not shown as changed
        self.changed_elsewhere()

    def _tell(self, words: str) -> None:
        """What was done last."""
        self.done.setText(words)
        self.done.setVisible(bool(words))
        announce(self, words)

    def _fail(self, words: str) -> None:
        self._is_working = False
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
        self.past.show()
        self.past.setText(f"{words}, {count(search.found)} hit that were not.{alarms}")
