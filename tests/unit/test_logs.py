"""The log: no secret passes, and a disk that cannot take it is no reason to stop."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.logs import WithoutSecrets, write_logs_to

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkaWQ6cGxjIn0.c2lnbmF0dXJl"


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back afterwards as it was."""
    logger = logging.getLogger()
    level, handlers = logger.level, list(logger.handlers)
    yield logger
    logger.setLevel(level)
    for handler in set(logger.handlers) - set(handlers):
        logger.removeHandler(handler)
        handler.close()


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        (f"answer was {JWT}", JWT),
        ("Authorization: Bearer abcdef123456", "abcdef123456"),
        ("{'accessJwt': 'abcdef123456', 'x': 1}", "abcdef123456"),
        ("password=hunter2hunter2 for force", "hunter2hunter2"),
        ('{"refreshJwt":"zzzzzz999999"}', "zzzzzz999999"),
        ("passphrase: correcthorse", "correcthorse"),
    ],
)
def test_what_looks_like_a_secret_is_covered(said: str, secret: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (said,), None)
    assert WithoutSecrets().filter(record)
    assert secret not in record.getMessage()
    assert "[removed]" in record.getMessage()


def test_plain_lines_pass_as_they_are() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s: live (%d items)", ("x:force", 3), None)
    assert WithoutSecrets().filter(record)
    assert record.getMessage() == "x:force: live (3 items)"


def test_the_file_is_written_without_secrets_and_for_the_owner_alone(
    tmp_path: Path, root: logging.Logger
) -> None:
    handler = write_logs_to(tmp_path / "logs")
    logging.getLogger("cordon.test").info("token=abcdef123456 and on it goes")
    try:
        raise ValueError("https://a.example/?token=abcdef123456")
    except ValueError:
        logging.getLogger("cordon.test").info("It failed.", exc_info=True)
    handler.flush()
    text = (tmp_path / "logs" / "cordon.log").read_text()
    assert "and on it goes" in text
    assert "ValueError: https://a.example/" in text
    assert "abcdef123456" not in text
    assert (tmp_path / "logs").stat().st_mode & 0o077 == 0
    assert root.level == logging.INFO
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO), "it would name addresses"


def test_a_log_that_cannot_be_written_says_nothing_and_stops_nothing(
    tmp_path: Path, root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = write_logs_to(tmp_path / "logs")
    (tmp_path / "logs" / "cordon.log").mkdir()
    logging.getLogger("cordon.test").info("nobody hears this")
    root.removeHandler(handler)
    handler.close()
    if Path("/dev/full").exists():
        full = write_logs_to(tmp_path / "more")
        (tmp_path / "more" / "cordon.log").symlink_to("/dev/full")
        logging.getLogger("cordon.test").info("nor this")
        root.removeHandler(full)
        full.close()
    assert capsys.readouterr().err == ""
