"""The contract suite, run for every connector of this house."""

from __future__ import annotations

import asyncio

import pytest

from console.api.testing import Check, checks_for
from tests.contract.stages import STAGES


def _pairs() -> list[object]:
    """Every connector with every check that its network can show."""
    pairs: list[object] = []
    for name, stage in STAGES.items():
        with stage() as example:
            pairs += [pytest.param(name, check, id=f"{name} {check.words}") for check in checks_for(example)]
    return pairs


@pytest.mark.parametrize(("name", "check"), _pairs())
def test_a_connector(name: str, check: Check) -> None:
    with STAGES[name]() as stage:
        asyncio.run(check.run(stage))
