"""The commands of the window, with their default keys and the reasons why not."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.domain.acts import Verb
from console.ui.choosing import choosing_commands
from console.ui.commands import Command
from console.ui.marking import marking_commands
from console.ui.operators.seating import seating_commands
from console.ui.watchlists.opening import watchlist_commands
from console.ui.waves import wave_commands

if TYPE_CHECKING:
    from console.ui.window import Window


def command_table(window: "Window") -> list[Command]:
    """Every command that the window can do."""
    view, connect, lanes = window.view, window.connecting, window.lanes

    def no_target() -> str | None:
        return None if view.has_targets else "No item is under the cursor and none is selected."

    def no_cursor() -> str | None:
        return None if view.cursor_id is not None else "No item is under the cursor."

    def act(verb: Verb) -> Callable[[], None]:
        return lambda: window.act(verb)

    def step(rows: int) -> Callable[[], None]:
        return lambda: _drop(view.step(rows))

    read, decide, select, back, desk = "Move and read", "Decide", "Select", "Take back", "The desk"
    shelf = "Lanes"
    return [
        Command("next", "Next item", "J", read, step(1)),
        Command("previous", "Previous item", "K", read, step(-1)),
        Command("next-arrow", "Next item", "Down", read, step(1)),
        Command("previous-arrow", "Previous item", "Up", read, step(-1)),
        Command("page-down", "A page down", "PgDown", read, step(8)),
        Command("page-up", "A page up", "PgUp", read, step(-8)),
        Command("newest", "Newest item", "Home", read, view.go_newest),
        Command("let-in", "Let arrivals in", "Space", read, window.lanes.let_in),
        Command("pause", "Pause arrivals, or go on", "P", read, window.lanes.pause),
        Command("find", "Find", "/", read, window.lanes.open_find),
        Command("build-find", "Find without typing", "Ctrl+F", read, lanes.build),
        Command("raised", "Go to what was raised", "Ctrl+J", read, lanes.go_to_raised, lanes.why_not_raised),
        Command("thread", "Open the item’s pane", "Return", read, window.open_pane, no_cursor),
        Command("hide", "Hide", "H", decide, act(Verb.HIDE), no_target),
        Command("unhide", "Unhide", "Shift+H", decide, act(Verb.UNHIDE), no_target),
        Command("leave-up", "Leave up", "L", decide, act(Verb.LEAVE_UP), no_target),
        Command("delete", "Delete", "D", decide, act(Verb.DELETE), no_target),
        Command("reply", "Reply", "R", decide, window.sheets.reply, no_cursor),
        Command("block", "Block the author", "B", decide, act(Verb.BLOCK), no_target),
        Command("unblock", "Unblock the author", "Ctrl+B", decide, act(Verb.UNBLOCK), no_target),
        Command("mute", "Mute the author", "Shift+B", decide, act(Verb.MUTE), no_target),
        Command("unmute", "Unmute the author", "Ctrl+Shift+B", decide, act(Verb.UNMUTE), no_target),
        Command("report", "Report to the network", "Shift+R", decide, act(Verb.REPORT), no_target),
        *marking_commands(window.marking),
        Command("select", "Select this item", "X", select, view.toggle_pick, no_cursor),
        Command("extend-down", "Select downwards", "Shift+J", select, lambda: view.extend(1)),
        Command("extend-up", "Select upwards", "Shift+K", select, lambda: view.extend(-1)),
        *choosing_commands(window.choosing),
        Command("select-nothing", "Select nothing", "Esc", select, window.escape),
        *wave_commands(window.waves),
        *seating_commands(window.seating),
        Command("undo", "Undo", "U", back, window.undo),
        Command("cancel-holds", "Cancel what is held", "Z", back, window.working.cancel_holds),
        Command("refused", "What was refused", "F8", back, lambda: window.sheets.show_queue("refused")),
        Command("queue", "What is on its way", "Shift+F8", back, lambda: window.sheets.show_queue("sending")),
        Command("next-part", "Next part of the window", "F6", desk, window.next_part),
        Command("stale", "What is stale", "F7", desk, window.sheets.show_stale),
        Command("connect", "Connect an account", "Ctrl+N", desk, connect.connect, connect.why_no_account),
        Command("sign-in", "Sign in again", "Ctrl+Shift+N", desk, connect.sign_in, connect.why_no_sign_in),
        *[
            Command(f"lane-{number}", f"Lane: {words}", f"Alt+{number % 10}", shelf, _lane(window, key))
            for number, (key, words) in enumerate(_NUMBERED, start=1)
        ],
        *watchlist_commands(window.watchlists),
        Command("lane-waves", "Lane: Waves and strays", "Ctrl+W", shelf, _lane(window, "waves")),
        Command("keep-lane", "Keep this lane", "Ctrl+S", shelf, lanes.kept.keep),
        Command("lanes", "All lanes", "Ctrl+G", shelf, lanes.kept.open_list),
        Command("group-accounts", "Group accounts", "Ctrl+Shift+G", shelf, lanes.kept.group_accounts),
        Command("tear-off", "Own window for it, or back", "Ctrl+T", shelf, lanes.tear_off_this),
        Command("commands", "All commands", "Ctrl+K", desk, window.sheets.show_palette),
        Command("keys", "Keys", "?", desk, window.sheets.show_keys),
    ]


_NUMBERED = (
    ("grade 1", "Life at risk"),
    ("grade 2", "Urgent"),
    ("grade 3", "Harmful"),
    ("grade 4", "Needs an answer"),
    ("grade 5", "Routine"),
    ("everything", "Everything"),
    ("unseen", "Unseen"),
    ("decided", "Acted on"),
    ("held", "Held for review"),
    ("cymraeg", "Cymraeg"),
)


def _lane(window: "Window", key: str) -> Callable[[], None]:
    return lambda: window.lanes.open(key)


def _drop(_: object) -> None:
    """A command gives nothing back."""
