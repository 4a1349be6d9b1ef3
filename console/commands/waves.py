"""Commands on waves: near-identical items, and one verdict on all of them."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from console import shapes
from console.commands.seat import JsonOption, engine_of, run, show
from console.domain.acts import Verb
from console.domain.times import iso
from console.domain.waves import LEAST, Standing, Wave, parse_wave_key, wave_key

if TYPE_CHECKING:
    from console.services.engine import Engine

app = typer.Typer(
    help="Waves: near-identical items from many authors, and one verdict on them.", no_args_is_help=True
)

WaveKey = Annotated[str, typer.Argument(metavar="WAVE", help="Such as w12; see: cordon wave list.")]
Reason = Annotated[str, typer.Option(help="Why; it goes on record.")]
Minutes = Annotated[float, typer.Option(help="For how many minutes it stands for later items, at most 1440.")]
Limit = Annotated[int, typer.Option(help="On how many later items it may fall.")]
Category = Annotated[str | None, typer.Option(help="The category, such as hate or spam.")]


@app.command("list")
def wave_list_command(
    context: typer.Context,
    order: Annotated[Literal["newest", "biggest"], typer.Option(help="Which come first.")] = "newest",
    least: Annotated[int, typer.Option(min=2, help="Only waves of at least so many items.")] = LEAST,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """Lists waves, and the verdicts that stand on them."""

    async def job() -> None:
        async with engine_of(context) as engine:
            standing = {one.wave_id: one for one in await engine.standings()}
            for wave in await engine.waves(order, limit=limit, least=least):
                _show(engine, wave, standing.get(wave.id), as_json)

    run(job)


@app.command("hide")
def wave_hide_command(
    context: typer.Context,
    key: WaveKey,
    reason: Reason,
    minutes: Minutes,
    limit: Limit,
    category: Category = None,
    as_json: JsonOption = False,
) -> None:
    """Hides a wave, and what joins it for a time; `cordon undo` takes back all of it."""
    _put(context, Verb.HIDE, key, reason, minutes, limit, category, as_json=as_json)


@app.command("leave-up")
def wave_leave_up_command(
    context: typer.Context,
    key: WaveKey,
    reason: Reason,
    minutes: Minutes,
    limit: Limit,
    category: Category = None,
    as_json: JsonOption = False,
) -> None:
    """Leaves a wave up, and what joins it for a time, as a decision on record."""
    _put(context, Verb.LEAVE_UP, key, reason, minutes, limit, category, as_json=as_json)


@app.command("stop")
def wave_stop_command(context: typer.Context, key: WaveKey, as_json: JsonOption = False) -> None:
    """Ends the verdict that stands on a wave; what was done stays done."""

    async def job() -> None:
        async with engine_of(context) as engine:
            ended = await engine.end_standing(parse_wave_key(key), engine.who)
            words = f"The verdict on {wave_key(ended.wave_id)} no longer stands. "
            words += f"It fell on {ended.used:,} later items."
            show(shapes.standing_shape(ended) | {"ended": True}, words, as_json)

    run(job)


def _put(
    context: typer.Context,
    verb: Verb,
    key: str,
    reason: str,
    minutes: float,
    limit: int,
    category: str | None,
    *,
    as_json: bool,
) -> None:
    async def job() -> None:
        async with engine_of(context, "acts") as engine:
            wave = await engine.wave(parse_wave_key(key))
            standing = await engine.put_standing(
                wave.id,
                verb,
                reason=reason,
                minutes=minutes,
                limit=limit,
                who=engine.who,
                category=category,
            )
            await engine.drain()
            _show(engine, await engine.wave(wave.id), standing, as_json)

    run(job)


def _show(engine: "Engine", wave: Wave, standing: Standing | None, as_json: bool) -> None:
    rate = wave.rate_now(engine.now())
    words = f"{wave_key(wave.id)}  {wave.size:,} items  {wave.authors:,} authors, {wave.new_authors:,} new  "
    words += f"{', '.join(wave.networks)}  {rate:.1f} a second  since {iso(wave.first_at)}  {wave.essence}"
    if standing is not None:
        left = standing.limit - standing.used
        words += f"\n  {standing.verb}, {standing.who}: {standing.reason}  "
        words += f"until {iso(standing.ends_at)}, {left:,} more"
    show(shapes.wave_shape(wave, engine.now(), standing), words, as_json)
