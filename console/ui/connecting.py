"""Opens the sheet on which an account is connected, or signed in to again, from wherever it is asked for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.api import Guide
from console.domain.accounts import Account
from console.ui.bridge import Door
from console.ui.dialogs.connect import Connect, Wish
from console.ui.loop import Tasks
from console.ui.parts import Look
from console.ui.sheet import Scrim

if TYPE_CHECKING:
    from console.services.engine import Engine


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
