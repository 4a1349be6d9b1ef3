"""What happens when a real server cannot be had on this machine.

At a desk without Node or PostgreSQL such a test is skipped and says why. In CI the variable
``CORDON_REQUIRE_SERVERS=1`` turns the same reason into a failure, so that it is never silent.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


class MissingError(Exception):
    """Something that a real server needs is not on this machine; the message says what."""


def is_required() -> bool:
    """Whether a missing server must fail the run."""
    return os.environ.get("CORDON_REQUIRE_SERVERS") == "1"


def give_up(reason: MissingError) -> NoReturn:
    """Skip the test with the reason, or fail it where servers are required."""
    if is_required():
        pytest.fail(f"a required server cannot start: {reason}", pytrace=False)
    pytest.skip(str(reason))
