"""Where windows were and what each showed, kept in the profile beside the cache.

Written whole and swapped in. What a newcomer would get wrong: a window is never put back where no screen is
any more. Screens come and go between one night and the next, so every saved place is fitted into the
screens that there are.
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication

from console.ui.lane.view import Place

LEAST = 80
"""So many pixels of a window's head must lie on a screen, so that a hand can take hold of it."""


class Frame(msgspec.Struct, frozen=True):
    """A window's place on the desktop, in pixels."""

    x: int
    y: int
    width: int
    height: int
    is_maximised: bool = False


class TornLane(msgspec.Struct, frozen=True):
    """A lane in a window of its own."""

    key: str
    frame: Frame
    place: Place | None = None
    """Where the person was in it."""


class Layout(msgspec.Struct, frozen=True):
    """Everything that comes back after a restart."""

    frame: Frame | None = None
    """Of the main window."""
    lane: str = ""
    """The lane that the main window showed."""
    places: dict[str, Place] = {}
    torn: tuple[TornLane, ...] = ()


def read_layout(path: Path) -> Layout:
    """What was kept; nothing where there is none, or it makes no sense: that costs a place, and no work."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Layout)
    except (OSError, msgspec.MsgspecError):
        return Layout()


def write_layout(path: Path, layout: Layout) -> None:
    """Keeps it. A disk that takes nothing more costs the places only, so nothing is raised."""
    fresh = path.with_suffix(".new")
    with contextlib.suppress(OSError):
        fresh.write_bytes(msgspec.json.encode(layout))
        fresh.replace(path)


def fitted(frame: Frame, screens: Sequence[QRect]) -> QRect:
    """A saved place as it can be used: whole on the screen that it was most on, else on the first."""
    wanted = QRect(frame.x, frame.y, max(frame.width, LEAST), max(frame.height, LEAST))
    if not screens:
        return wanted
    head = QRect(wanted.x(), wanted.y(), wanted.width(), LEAST)
    areas = [_area(screen.intersected(wanted)) for screen in screens]
    home = screens[areas.index(max(areas))]
    if _area(home.intersected(head)) >= LEAST * LEAST and home.top() <= wanted.y():
        return wanted
    width, height = min(wanted.width(), home.width()), min(wanted.height(), home.height())
    x = min(max(wanted.x(), home.left()), home.right() - width + 1)
    y = min(max(wanted.y(), home.top()), home.bottom() - height + 1)
    return QRect(x, y, width, height)


def screens() -> list[QRect]:
    """The room that each screen has for windows, the main screen first."""
    main = QGuiApplication.primaryScreen()
    found = sorted(QGuiApplication.screens(), key=lambda screen: screen is not main)
    return [screen.availableGeometry() for screen in found]


def _area(rect: QRect) -> int:
    return max(0, rect.width()) * max(0, rect.height()) if rect.isValid() else 0
