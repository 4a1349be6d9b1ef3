"""Commands on the force's accounts."""

from typing import Annotated

import typer

from console import shapes
from console.commands.seat import JsonOption, engine_of, run, show

SecretStdin = Annotated[
    bool, typer.Option("--secret-stdin", help="Read each secret as a line from stdin.", show_default=False)
]
app = typer.Typer(help="The force's accounts.", no_args_is_help=True)


@app.command("networks")
def networks_command(
    context: typer.Context,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the handbook's page on networks.", show_default=False)
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Lists the networks that Cordon knows."""

    async def job() -> None:
        from console.commands.handbook import networks_page
        from console.services.hosting import find_connectors

        hosting = find_connectors()
        if as_markdown:
            print(networks_page(hosting.found.values()), end="")
            return
        for manifest in hosting.manifests():
            verbs = ", ".join(str(verb) for verb in manifest.verbs)
            words = f"{manifest.id}  {manifest.name}  {manifest.level}  {verbs}"
            show(shapes.network_shape(manifest), words, as_json)

    run(job)


@app.command("list")
def account_list_command(
    context: typer.Context,
    as_json: JsonOption = False,
) -> None:
    """Lists the accounts and their health."""

    async def job() -> None:
        async with engine_of(context) as engine:
            for account in engine.accounts():
                words = f"{account.key}  {account.state}  lead {account.lead or 'nobody'}"
                words += f"  deputy {account.deputy or 'nobody'}"
                words += f"  {account.error}" if account.error else ""
                words += f"  {account.notice}" if account.notice else ""
                show(shapes.account_shape(account), words, as_json)

    run(job)


@app.command("add", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def account_add_command(
    context: typer.Context,
    network: Annotated[str, typer.Argument(metavar="NETWORK", help="See: cordon account networks")],
    lead: Annotated[str | None, typer.Option(help="Who answers for the account.")] = None,
    deputy: Annotated[str | None, typer.Option(help="Who acts when the lead is off.")] = None,
    reading_only: Annotated[bool, typer.Option("--reading-only", help="Never act on this account.")] = False,
    secret_stdin: SecretStdin = False,
    as_json: JsonOption = False,
) -> None:
    """Adds an account. What the network asks is given as --NAME VALUE; secrets only by prompt or stdin."""

    async def job() -> None:
        from console.commands.guide import TerminalGuide
        from console.terminal import ask, say_steps

        async with engine_of(context, "acts") as engine:
            manifest = engine.network(network)
            say_steps(manifest)
            settings, secrets = ask(manifest, context.args, secret_stdin=secret_stdin)
            account = await engine.add_account(
                network,
                settings,
                secrets,
                lead=lead,
                deputy=deputy,
                may_act=not reading_only,
                who=engine.who,
                guide=TerminalGuide(),
            )
            show(shapes.account_shape(account), f"{account.key} was added.", as_json)

    run(job)


@app.command("sign-in", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def account_sign_in_command(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY")],
    secret_stdin: SecretStdin = False,
    as_json: JsonOption = False,
) -> None:
    """Signs in anew to an account whose sign-in has ended; the account and its items stay as they are."""

    async def job() -> None:
        from console.commands.guide import TerminalGuide
        from console.terminal import ask

        async with engine_of(context, "nothing") as engine:
            manifest = engine.network_of(key)
            settings, secrets = ask(manifest, context.args, secret_stdin=secret_stdin, anew=True)
            account = await engine.sign_in_again(key, settings, secrets, engine.who, TerminalGuide())
            show(shapes.account_shape(account), f"{key} is signed in as {account.handle}.", as_json)

    run(job)


@app.command("test")
def account_test_command(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY")],
    as_json: JsonOption = False,
) -> None:
    """Signs in to an account and says whether it works."""

    async def job() -> None:
        async with engine_of(context, "nothing") as engine:
            account = await engine.test_account(key)
            show(shapes.account_shape(account), f"{key} works as {account.handle}.", as_json)

    run(job)


@app.command("remove")
def account_remove_command(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY")],
    as_json: JsonOption = False,
) -> None:
    """Forgets an account and its sign-in; its items, evidence and ledger entries stay."""

    async def job() -> None:
        async with engine_of(context, "nothing") as engine:
            await engine.remove_account(key, engine.who)
            show({"key": key, "removed": True}, f"{key} was removed.", as_json)

    run(job)
