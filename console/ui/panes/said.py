"""What the bar, the rail and an empty lane say: facts of the cache, put into words. No widgets here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from console.domain.accounts import Account, AccountState
from console.domain.ids import AccountId
from console.domain.incidents import Incident
from console.domain.triage import Grade
from console.store.lanes import Rail
from console.ui.lane.row import NetworkMark
from console.ui.panes.incident_bar import BarFacts
from console.ui.panes.rail import RailLine
from console.ui.tallies import Tally
from console.ui.text import age, plural, short_count, shown

_HEALTH: Mapping[AccountState, tuple[int, str, str, str]] = {
    AccountState.SIGN_IN: (0, "Sign in again", "claimed", "failed"),
    AccountState.NO_LINK: (1, "No link", "close", "failed"),
    AccountState.FAULTY: (2, "Stopped: a fault", "refused", "failed"),
    AccountState.STALE: (3, "Stale", "waiting", "g3"),
    AccountState.STARTING: (5, "Starting", "sending", "t3"),
    AccountState.OFF: (6, "Not watched", "closed", "t3"),
    AccountState.LIVE: (7, "Live", "live", "t3"),
    AccountState.ENDED: (8, "Played", "tick", "t3"),
}


@dataclass(frozen=True, slots=True)
class OtherLane:
    """A lane of the rail below those by grade."""

    key: str
    name: str
    glyph: str
    tally: Tally | None = None
    """What waits in it, where that is counted for it alone."""


def bar_facts(
    incident: Incident | None,
    rail: Rail | None,
    minutes: Sequence[int],
    accounts: Sequence[Account],
    now: int,
    *,
    is_exercise: bool,
    time_of_day: Callable[[int], str],
) -> BarFacts:
    """What the incident bar says."""
    oldest = [at for at in rail.oldest if at is not None] if rail else []
    live = sum(account.state in {AccountState.LIVE, AccountState.ENDED} for account in accounts)
    hour = sum(minutes)
    if is_exercise:
        label = "Exercise, not real"
    elif incident is not None:
        label = f"Incident · opened {time_of_day(incident.opened_at)[:5]} by {incident.opened_by}"
    else:
        label = "No incident open"
    last = minutes[-2:] or [0]
    return BarFacts(
        label=label,
        name=incident.name if incident else "Everything is watched",
        posture=incident.posture.capitalize() if incident else "Normal",
        arrivals=minutes,
        arrivals_label="Arrivals a minute" if incident or hour > 60 else "Arrivals in 24 min",
        arrivals_count=max(last) if incident or hour > 60 else hour,
        unseen=sum(rail.grades) if rail else 0,
        oldest_unseen_ms=now - min(oldest) if oldest else None,
        at_risk=rail.grades[0] if rail else 0,
        urgent=rail.grades[1] if rail else 0,
        live=live,
        accounts=len(accounts),
        clock=time_of_day(now),
        is_exercise=is_exercise,
        is_incident=incident is not None,
    )


def lane_lines(
    rail: Rail | None, lanes: Sequence[OtherLane], current: str, now: int, waves: int | None = None
) -> tuple[list[RailLine], list[RailLine]]:
    """The lanes by grade, and the others; `waves` is how many waves and unseen strays there are."""
    grades: list[RailLine] = []
    for grade in Grade:
        unseen = rail.grades[grade - 1] if rail else 0
        oldest = rail.oldest[grade - 1] if rail else None
        key = f"grade {grade.value}"
        grades.append(
            RailLine(
                key,
                grade.words,
                grade=int(grade),
                number=short_count(unseen),
                oldest=age(now - oldest) if oldest is not None else "",
                current=current == key,
            )
        )
    total = sum(rail.grades) if rail else 0
    starts = [at for at in rail.oldest if at is not None] if rail else []
    whole = Tally(total, min(starts, default=None))
    kept = {"everything": whole, "unseen": Tally(total, None), "waves": Tally(waves or 0, None)}
    others: list[RailLine] = []
    for lane in lanes:
        tally = kept.get(lane.key, lane.tally)
        oldest = None if tally is None else tally.oldest
        others.append(
            RailLine(
                lane.key,
                lane.name,
                glyph=lane.glyph,
                number="" if tally is None else short_count(tally.number),
                oldest="" if oldest is None else age(now - oldest),
                current=current == lane.key,
            )
        )
    return grades, others


def account_lines(
    accounts: Sequence[Account], marks: Mapping[AccountId, NetworkMark], current: str, now: int
) -> list[RailLine]:
    """The accounts by health, worst first."""
    lines: list[tuple[int, str, RailLine]] = []
    for account in accounts:
        order, words, sign, ink = _HEALTH[account.state]
        if account.is_uncovered and order > 3:
            order, words, sign, ink = 4, "Uncovered", "uncovered", "failed"
        elif account.notice and order > 4:
            order, words, sign, ink = 4, "Needs a look", "waiting", "g3"
        if account.state is AccountState.STALE and account.last_look_at:
            words = f"Stale {max(1, (now - account.last_look_at) // 60_000)} min"
        mark = marks.get(account.id, NetworkMark("?", "page"))
        line = RailLine(
            account.key,
            account.name or account.handle,
            network=(mark.letters, mark.shape),
            state=words,
            state_glyph=sign,
            state_ink=ink,
            current=current == account.key,
        )
        lines.append((order, account.name, line))
    return [line for _, _, line in sorted(lines, key=lambda entry: entry[:2])]


def made_safe(account: Account) -> Account:
    """An account with what its network calls it, and says of it, made safe to show."""
    return replace(
        account,
        name=shown(account.name).text,
        handle=shown(account.handle).text,
        error=None if account.error is None else shown(account.error).text,
        notice=None if account.notice is None else shown(account.notice).text,
    )


def trouble_words(account: Account) -> str:
    """What is wrong with an account, or what a person should know of it."""
    if account.error:
        return f"{account.name}: {account.error} The rest is live."
    return f"{account.name}: {account.notice}"


def no_rows(
    name: str, rail: Rail | None, last_item_at: int | None, time_of_day: Callable[[int], str]
) -> tuple[str, list[str]]:
    """What an empty lane says: facts that show that the watch is alive."""
    facts: list[str] = []
    if last_item_at is not None:
        facts.append(f"The last item of any kind came at {time_of_day(last_item_at)}.")
    else:
        facts.append("Nothing has arrived yet. Items appear here as soon as they do.")
    if rail:
        waiting = [
            f"{grade.words} has {plural(rail.grades[grade - 1], 'unseen item')}"
            for grade in Grade
            if rail.grades[grade - 1]
        ]
        if waiting:
            facts.append("Elsewhere: " + ". ".join(waiting) + ".")
    facts.append("Alt and a figure opens a lane; Alt 6 shows everything.")
    return f"Nothing is in “{name}”", facts
