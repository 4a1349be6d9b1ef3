"""The error desk: every failure that nobody expected comes here, whatever raised it.

The person sees one plain line; the log has the rest. Python's hooks, the loop's handler, threads and Qt's own
messages all lead here.
"""

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from console.domain.errors import CordonError

log = logging.getLogger(__name__)

UNEXPECTED = "Something went wrong inside Cordon. What was stored is safe. The log says more."
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class ErrorDesk:
    """One reporter for all failures."""

    def __init__(self) -> None:
        self._tell: Callable[[str], None] | None = None
        self._window_loop: asyncio.AbstractEventLoop | None = None
        self._before = (sys.excepthook, threading.excepthook)

    def tell_through(self, tell: Callable[[str], None] | None) -> None:
        """Shows lines to the person from now on by calling `tell`; None ends that."""
        self._tell = tell

    def report(self, problem: BaseException) -> None:
        """Takes a failure: a known one is shown in its own words."""
        words = problem.message if isinstance(problem, CordonError) else UNEXPECTED
        if self._tell is not None:
            self._tell(words)

    def install(self) -> None:
        """Listens to Python, threads and Qt."""
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook
        qInstallMessageHandler(self._qt)

    def listen_to(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listens to the window's loop too, and tells what happens on other threads through it."""
        self._window_loop = loop
        loop.set_exception_handler(self._loop)

    def remove(self) -> None:
        """Leaves everything as it was."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(None)  # None takes the handler out
        self._tell = None
        self._window_loop = None

    def _hook(self, kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
        log.error("an unexpected failure", exc_info=(kind, problem, trace))
        self.report(problem)

    def _thread_hook(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            log.error("an unexpected failure in a thread", exc_info=args.exc_value)
            if self._window_loop is not None and not self._window_loop.is_closed():
                # widgets may be touched by the window's own thread only
                self._window_loop.call_soon_threadsafe(self.report, args.exc_value)

    def _loop(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        problem = context.get("exception")
        log.error("the loop says: %s", context.get("message"), exc_info=problem)
        if problem is not None:
            self.report(problem)

    def _qt(self, kind: QtMsgType, _: QMessageLogContext, words: str | None) -> None:
        log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", words)
