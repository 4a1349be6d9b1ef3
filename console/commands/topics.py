"""Commands on topics: what is searched for on networks for a while."""

from typing import TYPE_CHECKING, Annotated

import typer

from console import shapes
from console.commands.seat import JsonOption, engine_of, run, show
from console.domain.ids import parse_topic_key, topic_key
from console.domain.times import iso

if TYPE_CHECKING:
    from console.domain.topics import Topic
    from console.services.engine import Engine

app = typer.Typer(help="Topics that are searched for on networks, for a while.", no_args_is_help=True)


@app.command("open")
def topic_open_command(
    context: typer.Context,
    words: Annotated[str, typer.Argument(metavar="WORDS", help="A place, an event, a hashtag.")],
    purpose: Annotated[str, typer.Option(help="What it is for; it goes on record.")],
    authorised_by: Annotated[str, typer.Option(help="Who allowed it; it goes on record.")],
    hours: Annotated[float, typer.Option(help="For how many hours, 72 at the most.")],
    account: Annotated[list[str] | None, typer.Option(help="Search with this account.")] = None,
    network: Annotated[list[str] | None, typer.Option(help="Search with all accounts there.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Searches for words on networks that allow it, until its time is over."""

    async def job() -> None:
        async with engine_of(context) as engine:
            topic = await engine.open_topic(
                words,
                accounts=account or (),
                networks=network or (),
                purpose=purpose,
                authorised_by=authorised_by,
                hours=hours,
                who=engine.who,
            )
            _show(engine, topic, as_json)

    run(job)


@app.command("list")
def topic_list_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Lists the topics, newest first."""

    async def job() -> None:
        async with engine_of(context) as engine:
            for topic in await engine.topics():
                _show(engine, topic, as_json)

    run(job)


@app.command("close")
def topic_close_command(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="TOPIC", help="Such as t7.")],
    as_json: JsonOption = False,
) -> None:
    """Ends a topic before its time; what it found stays."""

    async def job() -> None:
        async with engine_of(context) as engine:
            await engine.close_topic(parse_topic_key(key), engine.who)
            show({"topic": key, "closed": True}, f"{key} was closed.", as_json)

    run(job)


def _show(engine: "Engine", topic: "Topic", as_json: bool) -> None:
    keys = {account.id: account.key for account in engine.accounts()}
    state = f"until {iso(topic.ends_at)}" if topic.is_open else "closed"
    words = f"{topic_key(topic.id)}  “{topic.words}”  {state}  authorised by {topic.authorised_by}"
    for search in topic.searches:
        words += f"\n  {keys.get(search.account_id, 'a removed account')}  {search.found} found"
        words += f"  {search.error}" if search.error else ""
    show(shapes.topic_shape(topic, keys), words, as_json)
