"""The handbook's page on networks, made from what the connectors declare.

Nothing on that page is written by hand, so it cannot say more than a manifest does. What a newcomer would
get wrong: to change a word on it, change the manifest and make the page anew, never the page.
"""

from collections.abc import Iterable, Sequence

from console.api import Manifest
from console.domain.acts import Verb
from console.domain.capabilities import Ceiling
from console.services.exercise import CONNECTOR as EXERCISE
from console.services.hosting import Found

_HEAD = """\
# Networks

What Cordon can do at each network, what can be taken back, and what the force needs beforehand. This page is
made from what the connectors declare: change a connector's `manifest.toml`, then

    cordon account networks --markdown > docs/networks.md

A single item may allow less than its network does in general; the window and `cordon items --json` say for
each item what can be done to it, and why not. `cordon account networks --json` has the verbs for scripts.
"""
_LEGEND = """\
**Undo**: Cordon can take it back or do the opposite. **Final**: there is no way back, so Cordon waits ten
seconds before it sends it. **Unseen**: the network never tells whether it is in place, so what Cordon shows
is its own record. **–**: not possible there.
"""
_KEEPING = """\
Counted from when a text was received; after that it is emptied from the cache by itself. Evidence that was
sealed is kept apart and has a life of its own.
"""
_NOT_POSSIBLE = """\
## Networks that cannot be here

**Pinterest.** Its interface for programs has boards, pins, catalogues, figures and adverts, but nothing with
which to list, hide, delete or answer the comments on a pin. Comments there can be looked after in Pinterest's
own site or app only. This has not been confirmed by Pinterest: no such interface was found in anything that
it publishes.

**Google+.** Google closed it to the public in 2019, with its interface. Nothing is left to read or to look
after.
"""
_PERIODS = {60: "a minute", 3600: "an hour", 86_400: "a day"}
_COUNTED = {"account": "each account", "token": "each sign-in", "app": "all accounts of the app"}


def networks_page(found: Iterable[Found]) -> str:
    """The whole page in Markdown, a line feed at its end. What plays exercises is no network."""
    networks = sorted(
        (one for one in found if one.manifest.id != EXERCISE), key=lambda one: one.manifest.name.casefold()
    )
    manifests = [one.manifest for one in networks]
    parts = [
        _HEAD,
        "## What can be done where\n",
        _verbs_table(manifests),
        _LEGEND,
        "## How long words are kept\n",
        _KEEPING,
        _keeping_table(manifests),
        "## Each network\n",
        *(_network(one) for one in networks),
        _NOT_POSSIBLE,
    ]
    return "\n".join(parts)


def _verbs_table(manifests: Sequence[Manifest]) -> str:
    known = [verb for verb in Verb if any(verb in one.verbs for one in manifests)]
    rows = [[f"**{verb}**", *(_in_short(one, verb) for one in manifests)] for verb in known]
    rows.append(["**search**", *("yes" if one.search else "–" for one in manifests)])
    return _table(["", *(one.name for one in manifests)], rows)


def _in_short(manifest: Manifest, verb: Verb) -> str:
    facts = manifest.verbs.get(verb)
    if facts is None:
        return "–"
    return ("undo" if facts.reversible else "final") + ("" if facts.verifiable else ", unseen")


def _keeping_table(manifests: Sequence[Manifest]) -> str:
    return _table(
        ["network", "words", "names of authors", "words deleted at the network"],
        [
            [
                one.name,
                _life(one.text_life_hours),
                _life(one.profile_life_hours),
                "are emptied here too" if one.forgets_deleted else "stay until their time is over",
            ]
            for one in manifests
        ],
    )


def _network(found: Found) -> str:
    one = found.manifest
    facts = [
        [str(verb), "yes" if fact.reversible else "no", "yes" if fact.verifiable else "no", fact.words]
        for verb, fact in sorted(one.verbs.items(), key=lambda pair: list(Verb).index(pair[0]))
    ]
    parts = [f"### {one.name}\n"]
    if found.origin == "bundled":
        parts.append(f"Set-up and limits in full: [its own page](../plugins/{one.id}/README.md).\n")
    parts.append(_table(["verb", "undo", "seen afterwards", "in words"], facts))
    if one.ceilings:
        parts.append("Ceilings:\n\n" + "".join(f"- {_ceiling(each)}\n" for each in one.ceilings))
    if one.search:
        parts.append(f"Search: {one.search.words}\n")
    if one.steps:
        steps = "".join(f"{number}. {step}\n" for number, step in enumerate(one.steps, start=1))
        parts.append(f"Before an account can be added:\n\n{steps}")
    asked = "".join(
        f"- {field.words}{' (secret)' if field.secret else ''}\n"
        for field in one.sign_in
        if field.name != "address" or not field.default
    )
    parts.append(f"Asked when an account is added{_walk(one)}:\n\n{asked}")
    if one.switches:
        switches = "".join(f"- `{switch.name}`: {switch.words}\n" for switch in one.switches)
        parts.append(f"Unproven, and off until a person turns it on for an account:\n\n{switches}")
    return "\n".join(parts)


def _walk(manifest: Manifest) -> str:
    return ", before the browser opens to sign in" if manifest.guided else ""


def _ceiling(ceiling: Ceiling) -> str:
    period = _PERIODS.get(ceiling.seconds, f"in {_span(ceiling.seconds)}")
    points = f"{ceiling.points:,} {period}" if not ceiling.setting else f"as the force says {period}"
    words = f"{ceiling.name}: {points}, for {_COUNTED[ceiling.per]}"
    costs = ", ".join(f"{verb} {cost}" for verb, cost in ceiling.costs.items())
    words += f"; {costs}" if costs else "; reading only"
    if ceiling.batched:
        many = f"{ceiling.batch} items" if ceiling.batch else "all items of one thread"
        words += f". One request does {many} for {', '.join(sorted(ceiling.batched))}"
    return words


def _span(seconds: int) -> str:
    return f"{seconds // 3600} hours" if seconds % 3600 == 0 else f"{seconds // 60} minutes"


def _life(hours: int) -> str:
    return f"{hours // 24} days" if hours % 24 == 0 and hours > 48 else f"{hours} hours"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
