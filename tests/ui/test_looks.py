"""A private message that somebody rests on is on record as read; one that they only pass is not."""

import asyncio
import json
from pathlib import Path

from PySide6.QtWidgets import QApplication

from console.domain.lanes import Lane
from tests.ui.desk import LIMIT_S, OPERATOR, Desk, open_desk, run_desk

ROWS = [
    {"id": "m1", "kind": "message", "author": "sam", "text": "I live at 4 Heron Lane, please call"},
    {"id": "m2", "kind": "message", "author": "kim", "text": "Is anybody there?"},
    {"id": "p1", "author": "lee", "text": "Is the road open?"},
]


async def read_messages(desk: Desk) -> list[tuple[str, str]]:
    """Who read which, by the ledger."""
    entries = [json.loads(entry.leaf) for entry in await desk.ask(desk.engine.entries(0, 1000))]
    return [(one["who"], one["facts"]["item"]) for one in entries if one["kind"] == "message.read"]


def test_a_private_message_under_the_resting_cursor_is_read_and_that_is_on_record(
    qapp: QApplication, tmp_path: Path
) -> None:
    file = tmp_path / "night.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")

    async def work() -> None:
        async with open_desk(tmp_path / "p", str(file)) as desk:
            found = await desk.ask(desk.engine.find(Lane(), 10))
            wanted = next(item.id for item in found if item.author.handle == "sam")
            assert await read_messages(desk) == []
            for _ in ROWS:
                if desk.window.view.cursor_id != wanted:
                    desk.press("j")
            assert desk.window.view.cursor_id == wanted
            async with asyncio.timeout(LIMIT_S):
                while not await read_messages(desk):
                    pass  # each question lets window and engine go on
            assert await read_messages(desk) == [(OPERATOR, f"i{wanted}")]

    run_desk(qapp, work)
