"""Opens the sheet on which an account is connected, or signed in to again, from wherever it is asked for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.api import Guide
from console.domain.accounts import Account, AccountState
from console.ui.bridge import Door
from console.ui.dialogs.connect import Connect, Wish
from console.ui.loop import Tasks
from console.ui.parts import Look
from console.ui.sheet import Scrim

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window


def open_connect(
    scrim: Scrim,
    look: Look,
    engine: "Engine",
    door: Door,
    tasks: Tasks,
    done: Callable[[Account], None],
    again: Account | None = None,
) -> None:
    """Shows the sheet; `done` is told the account once it is connected and saved."""

    async def test(wish: Wish, guide: Guide) -> str:
        if wish.passphrase:
            await door.ask(engine.keys.unlock, wish.passphrase)
        if again is not None:
            account = await door.ask(
                engine.sign_in_again, again.key, wish.settings, wish.secrets, engine.who, guide
            )
        else:
            account = await door.ask(
                engine.add_account,
                wish.network,
                wish.settings,
                wish.secrets,
                lead=wish.lead or None,
                deputy=wish.deputy or None,
                may_act=wish.may_act,
                who=engine.who,
                guide=guide,
            )
        done(account)
        return account.key

    why = None if engine.keys.ready else engine.keys.why_not
    scrim.open(Connect(look, engine.networks(), why, test, tasks.spawn, again))


class Connecting:
    """What the window's commands do about accounts."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, tasks: Tasks) -> None:
        self._window, self._engine, self._door, self._tasks = window, engine, door, tasks

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door

    def why_no_account(self) -> str | None:
        """Why no account can be connected now."""
        return "An exercise is running; leave it first." if self._window.is_exercise else None

    def connect(self) -> None:
        """Opens the sheet on which an account is connected."""
        self._open(None)

    def why_no_sign_in(self) -> str | None:
        """Why there is nothing to sign in to again."""
        return None if self._to_sign_in() else "Every account is signed in."

    def sign_in(self) -> None:
        """Opens the sheet for a new sign-in: to the account that is shown, or the first that asks."""
        account = self._to_sign_in()
        if account is not None:
            self._open(account)

    def _open(self, again: Account | None) -> None:
        window = self._window
        open_connect(window.scrim, window.look, self._engine, self._door, self._tasks, self._done, again)

    def _to_sign_in(self) -> Account | None:
        accounts = self._window.accounts
        asking = [one for one in accounts if one.state is AccountState.SIGN_IN]
        shown_now = [one for one in accounts if one.key == self._window.lane_key]
        known = {manifest.id for manifest in self._engine.networks() if manifest.sign_in}
        wanted = [one for one in (*shown_now, *asking) if one.connector in known]
        return wanted[0] if wanted else None

    def _done(self, account: Account) -> None:
        self._window.tell(f"{account.name} is connected.")
