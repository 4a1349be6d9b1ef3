"""Notices that nobody has touched the seat for a while.

What a newcomer would get wrong: only what a person does counts, and it is heard at the windows of the system
and not at each part inside them, because a filter over every event of a busy window would cost more than the
window does. Two clocks are looked at: one stands still while the computer sleeps, the other may be set back.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QWindow

TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)


class Away(QObject):
    """How long nobody touched any of our windows."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        """Both clocks are in seconds."""
        super().__init__()
        self._monotonic, self._wall = monotonic, wall
        self._at = (monotonic(), wall())

    def hear(self, windows: list[QWindow]) -> None:
        """Hears these windows of the system; one that is heard already is not heard twice."""
        for window in windows:
            window.installEventFilter(self)

    def touched(self) -> None:
        """Somebody is here."""
        self._at = (self._monotonic(), self._wall())

    @property
    def seconds(self) -> float:
        """How long nobody was."""
        return max(self._monotonic() - self._at[0], self._wall() - self._at[1])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hears what a person does; takes nothing away."""
        del watched
        if event.type() in TOUCHES:
            self.touched()
        return False
