"""Commands on items and acts: find, act, list the queue, undo."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from console import shapes
from console.commands.seat import MOST, JsonOption, engine_of, run, show
from console.domain.acts import Act, ActState, Verb
from console.domain.errors import UsageError
from console.domain.ids import (
    AccountId,
    ActId,
    ItemId,
    act_key,
    item_key,
    parse_act_key,
    parse_bulk_key,
    parse_item_key,
)
from console.domain.lanes import parse_lane
from console.domain.query_text import written
from console.domain.times import iso

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.services.planning import Plan

WAIT_LIMIT_S = 600.0
"""How long `--wait` waits at most."""

_LATE = "Its picture could not be captured, or somebody else did it meanwhile."


def items_command(
    context: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Words, and author: state: hit: …")] = "",
    account: Annotated[str | None, typer.Option(help="Only this account.")] = None,
    state: Annotated[str | None, typer.Option(help="Only items in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most so many, newest first.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Searches the cache, newest first."""

    async def job() -> None:
        async with engine_of(context) as engine:
            typed = " ".join(
                [
                    query,
                    *([written("account", account)] if account else []),
                    *([f"state:{state}"] if state else []),
                ]
            )
            found = await engine.find(parse_lane(typed, engine.now(), engine.who), limit)
            await engine.onlookers.searched(query, engine.who)
            if account and not found and account not in {known.key for known in engine.accounts()}:
                raise UsageError(f"There is no account “{account}” in this profile.")
            for at in range(0, len(found), 200):
                ids = [item.id for item in found[at : at + 200]]
                await show_items(engine, ids, as_json)

    run(job)


def act_command(  # noqa: PLR0913 - each is an option of the command
    context: typer.Context,
    verb: Annotated[str, typer.Argument(metavar="VERB", help="hide, unhide, delete, leave-up, reply …")],
    keys: Annotated[list[str], typer.Argument(metavar="KEY…", help="Items; - reads them from stdin.")],
    reason: Annotated[str, typer.Option(help="Why; it goes on record.")],
    category: Annotated[str | None, typer.Option(help="The category, such as hate or spam.")] = None,
    text: Annotated[str | None, typer.Option(help="The words of a reply.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and do nothing.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until every act is settled.")] = False,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(help="An account to leave out, or the very words that the plan has on some items."),
    ] = None,
    reversible_only: Annotated[
        bool, typer.Option("--reversible-only", help="Leave out whatever cannot be taken back.")
    ] = False,
    without_media: Annotated[
        str | None,
        typer.Option(
            help="Why to go on where pictures must be captured first and cannot.", show_default=False
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Does something to items, such as hide, unhide, delete, leave-up, block, report or reply."""

    async def job() -> int:
        wanted = _verb(verb)
        ids = [parse_item_key(key) for key in _keys(keys)]
        if not ids:
            raise UsageError("No item was named, so nothing was done.")
        if not reason.strip():
            raise UsageError("A reason is needed; it goes on record.")
        async with engine_of(context, "nothing" if dry_run else "acts") as engine:
            missing = set(ids) - {item.id for item in await engine.items(ids)}
            if missing:
                raise UsageError(f"There is no item {item_key(min(missing))} in this profile.")
            plan = await engine.plan(wanted, ids)
            out = leave_out or []
            plan = plan.without(accounts=out, reasons=out, irreversible=reversible_only)
            if dry_run:
                show(shapes.plan_shape(plan), _plan_words(plan), as_json)
                return 0
            return await _carry_out(
                engine, plan, reason, category, text, without_media, wait=wait, as_json=as_json
            )

    run(job)


async def _carry_out(
    engine: "Engine",
    plan: "Plan",
    reason: str,
    category: str | None,
    text: str | None,
    without_media: str | None,
    *,
    wait: bool,
    as_json: bool,
) -> int:
    left_out = [(left.item_id, left.why) for row in plan.rows for left in row.left_out]
    acts: list[Act] = []
    if plan.will:
        done = await engine.carry_out(
            plan,
            reason=reason,
            category=category,
            text=text,
            who=engine.who,
            without_media=without_media,
        )
        acts = await _followed(engine, done.act_ids, wait)
        went = {act.item_id for act in acts}
        left_out += [(each, _LATE) for row in plan.rows for each in row.will if each not in went]
    await show_acts(engine, acts, as_json)
    for item_id, why in left_out:
        shape = {
            "key": item_key(item_id),
            "verb": str(plan.verb),
            "act": None,
            "state": None,
            "reversible": False,
            "error": why,
        }
        show(shape, f"{item_key(item_id)}  not done: {why}", as_json)
    bad = [act for act in acts if act.state in {ActState.REFUSED, ActState.FAILED, ActState.UNCERTAIN}]
    if bad or not acts:
        reason = (bad[0].error if bad else plan.why_nothing) or "the network gave no reason"
        count = len(bad) + len(left_out)
        print(f"{count} of {plan.selected} could not be done: {reason}", file=sys.stderr)
        return 1
    return 0


async def _followed(engine: "Engine", act_ids: Sequence[ActId], wait: bool) -> list[Act]:
    """The acts as they are, after this process has worked them or waited for the program that does."""
    if wait:
        return await engine.wait_for(act_ids, WAIT_LIMIT_S)
    if engine.works:
        await engine.drain()
    return await engine.acts_by_id(act_ids)


async def show_acts(engine: "Engine", acts: Sequence[Act], as_json: bool) -> None:
    """Prints acts, one line each; of those that wait for a second person, who may agree and until when."""
    accounts: dict[AccountId, str] = {account.id: account.key for account in engine.accounts()}
    some_wait = any(act.state is ActState.AWAITING_APPROVAL for act in acts)
    waiting = await engine.approvals.waiting() if some_wait else []
    awaited = {act_id: one for one in waiting for act_id in one.act_ids}
    for act in acts:
        words = f"{act_key(act.id)}  {act.verb} {item_key(act.item_id)}  {act.state}"
        words += f"  {act.error}" if act.error else ""
        if (one := awaited.get(act.id)) is not None:
            words += (
                f"  somebody other than {one.requested_by} must agree by {iso(one.expires_at)}: {one.why}"
            )
        shape = shapes.act_shape(act, accounts.get(act.account_id, ""))
        show({**shape, "second": None if one is None else shapes.second_shape(one)}, words, as_json)


def _plan_words(plan: "Plan") -> str:
    lines = [f"{str(plan.verb).capitalize()} {plan.will} of {plan.selected} items. Nothing was sent."]
    if plan.second:
        lines.append(f"{plan.second} It would wait, and nothing would be sent before somebody else agrees.")
    if plan.evidence:
        size = f"{max(1, plan.evidence_bytes // 1000):,} kB"
        lines.append(f"{plan.evidence:,} evidence records would be sealed first, about {size}.")
    for row in plan.rows:
        finish = "" if row.finishes_at is None else f"  done about {iso(row.finishes_at)}"
        left = f"  {len(row.left_out)} left out: {row.why}" if row.left_out else ""
        back = "" if row.reversible or not row.number else f"  {row.irreversible} cannot be taken back"
        will = f"{row.number} of {row.selected}"
        lines.append(f"{row.account.key}  {will}  {row.allowance}{finish}{back}{left}")
    return "\n".join(lines)


def _verb(text: str) -> Verb:
    try:
        return Verb(text)
    except ValueError:
        raise UsageError(f"“{text}” is no verb; there are {', '.join(Verb)}.") from None


def _keys(keys: Sequence[str]) -> Iterator[str]:
    for key in keys:
        if key == "-":
            yield from sys.stdin.read().split()
        else:
            yield key


def acts_command(
    context: typer.Context,
    open_only: Annotated[bool, typer.Option("--open", help="Only acts that still ask for work.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Lists the act queue, newest first."""

    async def job() -> None:
        async with engine_of(context) as engine:
            await show_acts(engine, await engine.acts(open_only=open_only, most=100_000), as_json)

    run(job)


def approve_command(
    context: typer.Context,
    acts: Annotated[list[str], typer.Argument(metavar="KEY…", help="Acts or bulk acts, such as a45 or b3.")],
    wait: Annotated[bool, typer.Option("--wait", help="Wait until every act is settled.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Agrees, as the second person, to acts that wait for one; whoever asked for them cannot."""

    async def job() -> None:
        async with engine_of(context, "acts") as engine:
            ids = await _waiting_ids(engine, acts)
            done = await engine.approvals.approve(ids, engine.who)
            await show_acts(engine, await _followed(engine, [act.id for act in done], wait), as_json)

    run(job)


def decline_command(
    context: typer.Context,
    acts: Annotated[list[str], typer.Argument(metavar="KEY…", help="Acts or bulk acts, such as a45 or b3.")],
    reason: Annotated[str, typer.Option(help="Why not; it goes on record.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Says no, as the second person, to acts that wait for one: they are never sent."""

    async def job() -> None:
        async with engine_of(context, "acts") as engine:
            done = await engine.approvals.decline(await _waiting_ids(engine, acts), engine.who, reason)
            await show_acts(engine, done, as_json)

    run(job)


async def _waiting_ids(engine: "Engine", keys: Sequence[str]) -> list[ActId]:
    """The acts that some keys of acts and bulk acts name."""
    found: list[ActId] = []
    for key in _keys(keys):
        if key.strip().startswith("b"):
            bulk_id = parse_bulk_key(key)
            waiting = await engine.approvals.waiting()
            found += [act_id for one in waiting if one.bulk_id == bulk_id for act_id in one.act_ids]
        else:
            found.append(parse_act_key(key))
    return found


def undo_command(
    context: typer.Context,
    acts: Annotated[list[str], typer.Argument(metavar="ACT…", help="Acts, such as a45.")],
    wait: Annotated[bool, typer.Option("--wait", help="Wait until every act is settled.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Takes acts back: cancels what waits, does the opposite of what was done."""

    async def job() -> None:
        ids = [parse_act_key(key) for key in _keys(acts)]
        async with engine_of(context, "acts") as engine:
            missing = set(ids) - {act.id for act in await engine.acts_by_id(ids)}
            if missing:
                raise UsageError(f"There is no act {act_key(min(missing))} in this profile.")
            undone = await engine.undo(ids, engine.who)
            await _followed(engine, undone.acts, wait)
            touched = await engine.acts_by_id(sorted({*ids, *undone.acts}))
            await show_acts(
                engine, [act for act in touched if act.id in undone.acts or act.id in ids], as_json
            )

    run(job)


async def show_items(engine: "Engine", ids: Sequence[ItemId], as_json: bool) -> None:
    """Prints items as stored, one line each."""
    items = await engine.items(ids)
    await engine.onlookers.messages_read(items, engine.who)
    parents = await engine.parents(items)
    can = await engine.can([item.id for item in items])
    keys = {account.id: account.key for account in engine.accounts()}
    for item in items:
        account = keys.get(item.account_id, "")
        words = f"{item_key(item.id)}  {item.grade}  {item.network}  {item.author.handle}: {item.words}"
        show(
            shapes.item_shape(item, account, parents.get(item.id), can[item.id]),
            " ".join(words.split()),
            as_json,
        )
