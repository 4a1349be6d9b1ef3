"""A sheet that was opened from the editor: leaving it goes back there."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from console.domain.errors import CordonError
from console.ui import theme as tokens
from console.ui.parts import Words, announce
from console.ui.sheet import Sheet

if TYPE_CHECKING:
    from console.ui.watchlists.opening import Watchlists


class BesideEditor(Sheet):
    """Does one thing in the engine at a time, and goes back to the editor when it is done."""

    def __init__(self, room: "Watchlists", title: str, *, from_editor: bool = True) -> None:
        super().__init__(room.window.look, title)
        self._room, self._from_editor = room, from_editor
        self.is_working = False
        self.box.addWidget(Words(self.look, title, tokens.TITLE))
        self.problem = Words(self.look, "", tokens.CONTROL, "failed", 600, wrap=True)

    @property
    def is_open(self) -> bool:
        """Whether it is still shown; its parts are gone when it is not."""
        return self._room.window.scrim.sheet is self

    def leave(self) -> None:
        """Back to where it was opened from."""
        super().leave()
        if self._from_editor:
            self._room.back()

    def say_problem(self, words: str) -> None:
        """What went wrong; empty for nothing."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        if words:
            announce(self, words)
        self.on_resize()

    def work(self, work: Coroutine[Any, Any, str], name: str) -> None:
        """Does something and goes back with what is to be said; what fails is said here."""
        if self.is_working:
            work.close()
            return
        self.is_working = True
        self.working_changed()
        self._room.tasks.spawn(self._carry_out(work), name)

    def working_changed(self) -> None:
        """Work began or ended."""

    async def _carry_out(self, work: Coroutine[Any, Any, str]) -> None:
        try:
            words = await work
        except CordonError as problem:
            self.is_working = False
            if self.is_open:
                self.working_changed()
                self.say_problem(problem.message)
            else:
                self._room.window.tell(problem.message)
            return
        if self.is_open:  # else a second person is asked now, or somebody left
            super().leave()
            self._room.back(words)
