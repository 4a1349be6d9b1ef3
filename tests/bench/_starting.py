"""A process that starts something and says `painted` when its first rows are on the screen.

python -m tests.bench._starting bare            a bare PySide6 window
python -m tests.bench._starting fill DIR COUNT  a profile with so many items
python -m tests.bench._starting desk DIR        the desk on that profile, with its engine
"""

import asyncio
import sys
from pathlib import Path


def bare() -> None:
    """A window with a label."""
    from PySide6.QtWidgets import QApplication, QLabel

    app = QApplication(sys.argv[:1])
    label = QLabel("painted")
    label.resize(1440, 900)
    label.show()
    app.processEvents()
    label.repaint()
    print("painted", flush=True)


def fill(folder: Path, count: int) -> None:
    """Stores items without a connector."""
    from console.api import Arrival, Author, ItemKind, RemoteId
    from console.bootstrap import build_engine
    from console.paths import Places
    from console.store import accounts
    from console.store.items import Received, save_batch

    async def work() -> None:
        engine = build_engine(Places(folder / "p"), session_only=True)
        await engine.start(collect=False)
        database = engine._parts.db
        account = await database.record(
            lambda conn: accounts.add(
                conn,
                key="x:force",
                network="x",
                connector="replay",
                handle="force",
                name="Force",
                lead="A. Rowe",
                deputy=None,
                may_act=True,
                settings={},
                at=1,
            )
        )
        for start in range(0, count, 500):
            rows = [
                Received(
                    account.id,
                    "x",
                    Arrival(
                        RemoteId(f"r{number}"),
                        ItemKind.COMMENT,
                        Author(f"a{number % 900}", f"a{number % 900}.test", f"Author {number % 900}"),
                        f"Invented words of item {number}, said on an invented evening.",
                        1_790_000_000_000 + number,
                        where="First statement",
                    ),
                    (),
                    number % 5 + 1,
                    1_790_000_000_000 + number,
                )
                for number in range(start, min(start + 500, count))
            ]
            await database.ingest(lambda conn, rows=rows: save_batch(conn, rows, {}))  # type: ignore[misc]
        await engine.stop()

    asyncio.run(work())


def desk(folder: Path) -> None:
    """The desk as a person starts it, until its first rows are painted; then it is left."""
    from PySide6.QtCore import QTimer

    from console.bootstrap import run_window
    from console.ui.window import Window

    painted = Window.painted

    async def said(window: Window) -> None:
        await painted(window)
        print("painted", flush=True)
        QTimer.singleShot(0, window.close)

    Window.painted = said  # type: ignore[method-assign,assignment]  # the measure listens at the only place that knows
    run_window(folder / "p", passphrase=None, exercise=None)


if __name__ == "__main__":
    match sys.argv[1]:
        case "bare":
            bare()
        case "fill":
            fill(Path(sys.argv[2]), int(sys.argv[3]))
        case _:
            desk(Path(sys.argv[2]))
