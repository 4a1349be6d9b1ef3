"""Laws of escalations: what is shown before it is written stands afterwards; only accepting ends an alarm."""

import asyncio
import tempfile
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from console.desk.escalation import LocalEscalations
from console.domain.escalation import Change, Escalation, Kind, Step
from console.domain.ids import AccountId, ItemId
from console.services.escalating import _follow_up
from tests.unit.store.making import MINUTE, NOW, add_account, opened, received, save

ITEMS = 3


def _change(kind: Kind, number: int, grade: int) -> Change:
    return Change(
        kind=kind,
        item_id=ItemId(number),
        who="A. Rowe",
        at=NOW,
        grade=min(grade, 2) if kind in {Kind.OPENED, Kind.RAISED} else grade,
        account_id=AccountId(1),
        arrived_at=NOW - MINUTE,
        step=Step.CALLED if kind is Kind.STEPPED else None,
        by="PS 4410",
    )


CHANGES = st.lists(
    st.builds(
        _change,
        st.sampled_from([kind for kind in Kind if kind not in {Kind.RAISED, Kind.CALLED_NEXT}]),
        st.integers(1, ITEMS),
        st.integers(1, 5),
    ),
    max_size=12,
)


def _seen(one: Escalation) -> tuple[object, ...]:
    return one.item_id, one.grade, one.state, one.claimed_by, dict(one.steps), one.judged_at


@settings(max_examples=25, deadline=None)
@given(CHANGES)
def test_what_was_shown_before_it_could_be_written_is_what_stands_then(changes: list[Change]) -> None:
    async def work(desk: LocalEscalations) -> None:
        await desk.begin(NOW)
        shown: dict[ItemId, Escalation] = {}
        before: set[ItemId] = set()
        for change in changes:
            _follow_up(shown, [change])
            now_open = {number for number, one in shown.items() if one.is_open}
            if change.kind is not Kind.ACCEPTED:
                assert before <= now_open, "nothing else ends an alarm"
            before = now_open
        await desk.write(changes, ItemId(ITEMS), NOW)
        stands = {_seen(one)[0]: _seen(one) for one in await desk.standing(NOW) if one.is_open}
        assert stands == {number: _seen(one) for number, one in shown.items() if one.is_open}

    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as database:
        database.record_now(partial(add_account, number=1)).result()
        save(database, *(received(f"r{number}", grade=5) for number in range(ITEMS)))
        asyncio.run(work(LocalEscalations(database, "seat")))
