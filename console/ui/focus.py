"""Where the focus goes: to the first part of a place that can have it, and from place to place."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

Part = tuple[QWidget, Callable[[], object]]
"""A place of the window, and what puts the focus into it."""


def focus_first(place: QWidget) -> bool:
    """Puts the focus on the first part of a place that can have it; whether there is one."""
    for child in place.findChildren(QWidget):
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisible() and child.isEnabled():
            child.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
    return False


def go_round_inside(place: QWidget, forward: bool) -> bool:
    """Goes on to the next stop of Tab inside a place, and from its last to its first; always True.

    For `focusNextPrevChild` of what lies over everything else.
    """
    stops = [
        child
        for child in place.findChildren(QWidget)
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisible() and child.isEnabled()
    ]
    if stops:
        now = place.window().focusWidget()
        here = stops.index(now) if now in stops else -1
        stops[(here + (1 if forward else -1)) % len(stops)].setFocus(Qt.FocusReason.TabFocusReason)
    return True


def go_round(now: QWidget | None, parts: Sequence[Part]) -> None:
    """Goes on from the place in which the focus is now to the next one that is shown."""
    shown = [part for part in parts if part[0].isVisible()]
    place = -1
    if now is not None:
        place = next((n for n, (each, _) in enumerate(shown) if each is now or each.isAncestorOf(now)), -1)
    shown[(place + 1) % len(shown)][1]()
