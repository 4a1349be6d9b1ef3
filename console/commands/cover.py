"""Commands on who deals with what: claims, duty, leads and deputies, grades and escalations."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.commands.seat import JsonOption, engine_of, run, show
from console.domain.errors import UsageError
from console.domain.escalation import THRIVE
from console.domain.ids import AccountId, item_key, parse_item_key
from console.domain.times import iso

if TYPE_CHECKING:
    from console.domain.cover import Claim, Duty
    from console.domain.escalation import Escalation

duty = typer.Typer(help="Who covers which account, and until when.", no_args_is_help=True)
ItemKeys = Annotated[list[str], typer.Argument(metavar="KEY…", help="Items, such as i12.")]
ItemKey = Annotated[str, typer.Argument(metavar="KEY", help="An item, such as i12.")]
_HOUR_MS = 3_600_000


def escalations_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Lists what is escalated and nobody has accepted: life at risk first, the oldest first."""

    async def job() -> None:
        async with engine_of(context) as engine:
            accounts = {account.id: account.key for account in engine.accounts()}
            now = engine.now()
            due = {one.item_id for one in await engine.escalating.due(now)}
            for one in await engine.escalating.open(now):
                shape = _escalation_shape(one, accounts, now, is_due=one.item_id in due)
                show(shape, _escalation_words(shape, one, now), as_json)

    run(job)


def accept_command(
    context: typer.Context,
    key: ItemKey,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Name or collar number of who accepted.")],
    as_json: JsonOption = False,
) -> None:
    """Writes down who accepted an escalation; nothing else ends it."""

    async def job() -> None:
        async with engine_of(context) as engine:
            made = await engine.escalating.accept(parse_item_key(key), by, engine.who)
            accounts = {account.id: account.key for account in engine.accounts()}
            shape = _escalation_shape(made, accounts, engine.now(), is_due=False)
            show(shape, f"{shape['key']} was accepted by {made.accepted_by}.", as_json)

    run(job)


def claim_command(
    context: typer.Context,
    keys: ItemKeys,
    take_over: Annotated[bool, typer.Option("--take-over", help="Whoever has them now.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Says that you deal with items; it expires, and others' acts leave them out meanwhile."""

    async def job() -> int:
        async with engine_of(context) as engine:
            ids = [parse_item_key(key) for key in keys]
            claim = engine.cover.take_over if take_over else engine.cover.claim
            done = await claim(ids, engine.who)
            for number, found in done.claims.items():
                words = f"{item_key(number)}  yours until {iso(found.until_at)}"
                show(_claim_shape(item_key(number), found, is_mine=True), words, as_json)
            for collision in done.collisions:
                name = item_key(collision.item_id)
                shape = _claim_shape(name, collision.claim, is_mine=False)
                show(shape, f"{name}  {collision.words} (--take-over)", as_json)
            return 1 if done.collisions else 0

    run(job)


def release_command(context: typer.Context, keys: ItemKeys, as_json: JsonOption = False) -> None:
    """Gives up your claims on items."""

    async def job() -> None:
        async with engine_of(context) as engine:
            gone = set(await engine.cover.release([parse_item_key(key) for key in keys], engine.who))
            for key in keys:
                was_mine = parse_item_key(key) in gone
                words = f"{key}  {'released' if was_mine else 'was not yours'}"
                show({"key": key, "released": was_mine}, words, as_json)

    run(job)


def grade_command(
    context: typer.Context,
    key: ItemKey,
    grade: Annotated[int, typer.Argument(metavar="GRADE", help="1 life at risk … 5 routine.")],
    reason: Annotated[str, typer.Option(help="Why; needed to lower a grade. It goes on record.")] = "",
    thrive: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=ANSWER", help=f"An answer; the names are {', '.join(THRIVE)}."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Gives an item the grade that you judge right; 1 and 2 are escalated."""

    async def job() -> None:
        answers: dict[str, str] = {}
        for each in thrive or []:
            name, sign, answer = each.partition("=")
            if not sign:
                raise UsageError(f"“{each}” is no answer; say for example --thrive threat=ANSWER.")
            answers[name.strip().lower()] = answer
        async with engine_of(context) as engine:
            number = parse_item_key(key)
            await engine.escalating.grade(number, grade, engine.who, reason, answers)
            show({"key": item_key(number), "grade": grade}, f"{key} has grade {grade} now.", as_json)

    run(job)


def account_cover_command(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY")],
    lead: Annotated[str | None, typer.Option(help="Who answers for it; empty: nobody.")] = None,
    deputy: Annotated[str | None, typer.Option(help="Who acts when the lead is off; empty: nobody.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Says who leads an account and who is the deputy; what is not named stays as it is."""

    async def job() -> None:
        if lead is None and deputy is None:
            raise UsageError("Name a lead or a deputy: --lead NAME, --deputy NAME.")
        async with engine_of(context) as engine:
            known = next((account for account in engine.accounts() if account.key == key), None)
            if known is None:
                raise UsageError(f"There is no account “{key}” in this profile.")
            made = await engine.cover.set_cover(
                key,
                known.lead if lead is None else lead,
                known.deputy if deputy is None else deputy,
                engine.who,
            )
            words = f"{key}  lead {made.lead or 'nobody'}  deputy {made.deputy or 'nobody'}"
            show({"key": key, "lead": made.lead, "deputy": made.deputy}, words, as_json)

    run(job)


@duty.command("take")
def duty_take_command(
    context: typer.Context,
    keys: Annotated[list[str], typer.Argument(metavar="ACCOUNT…", help="See: cordon account list.")],
    hours: Annotated[float, typer.Option(min=0.01, max=24, help="For how many hours.")] = 8.0,
    as_json: JsonOption = False,
) -> None:
    """Says that you cover accounts from now on, for so many hours."""

    async def job() -> None:
        async with engine_of(context) as engine:
            until = engine.now() + round(hours * _HOUR_MS)
            for one in await engine.cover.take_duty(keys, engine.who, until):
                show(_duty_shape(one), _duty_words(one), as_json)

    run(job)


@duty.command("end")
def duty_end_command(
    context: typer.Context,
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[ACCOUNT…]", help="Without any: all that you cover.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Says that you cover accounts no longer."""

    async def job() -> None:
        async with engine_of(context) as engine:
            for key in await engine.cover.end_duty(keys or None, engine.who):
                show({"account": key, "ended": True}, f"{key}  you cover it no longer", as_json)

    run(job)


@duty.command("list")
def duty_list_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Lists who covers what, and then the accounts that nobody looks after."""

    async def job() -> None:
        async with engine_of(context) as engine:
            for one in await engine.cover.duties():
                show(_duty_shape(one), _duty_words(one), as_json)
            for bare in await engine.cover.uncovered(engine.now()):
                shape = {"account": bare.account, "who": None, "since": _when(bare.since)}
                show(shape, f"{bare.account}  UNCOVERED  {bare.words}", as_json)

    run(job)


def _when(at: int | None) -> str | None:
    return None if at is None else iso(at)


def _claim_shape(key: str, claim: "Claim", *, is_mine: bool) -> dict[str, Any]:
    return {"key": key, "who": claim.who, "until_at": iso(claim.until_at), "yours": is_mine}


def _duty_shape(one: "Duty") -> dict[str, Any]:
    return {
        "account": one.account,
        "who": one.who,
        "from_at": iso(one.from_at),
        "until_at": iso(one.until_at),
    }


def _duty_words(one: "Duty") -> str:
    return f"{one.account}  {one.who}  until {iso(one.until_at)}"


def _escalation_shape(
    one: "Escalation", accounts: dict[AccountId, str], now: int, *, is_due: bool
) -> dict[str, Any]:
    return {
        "key": item_key(one.item_id),
        "account": accounts.get(one.account_id, "") if one.account_id is not None else "",
        "grade": one.grade,
        "state": one.state.value,
        "arrived_at": iso(one.arrived_at),
        "seen_at": _when(one.seen_at),
        "opened_at": iso(one.opened_at),
        "opened_by": one.opened_by,
        "claimed_by": one.claimed_by,
        "claimed_at": _when(one.claimed_at),
        "call": one.person,
        "accept_by": iso(one.accept_by),
        "late": one.is_late(now),
        "steps": sorted(step.value for step in one.steps),
        "judge_again": is_due,
        "accepted_by": one.accepted_by,
        "accepted_at": _when(one.accepted_at),
    }


def _escalation_words(shape: dict[str, Any], one: "Escalation", now: int) -> str:
    grade = "Life at risk" if one.grade == 1 else "Urgent"
    seconds = abs(one.accept_by - now) // 1000
    when = f"{'overdue' if one.is_late(now) else 'within'} {seconds // 60}:{seconds % 60:02d}"
    words = f"{shape['key']}  {grade}  {shape['account']}  {one.claimed_by or 'nobody'} has it"
    words += f"  call the {one.person}, {when}"
    return words + ("  judge it again now" if shape["judge_again"] else "")
