"""The program's own log: format, rotation, and removal of what must not be in it.

Message text and secrets are never handed to a logger; the filter here is the second fence, for what a
library might say.
"""

import contextlib
import logging
import logging.handlers
import re
from pathlib import Path

_SECRETS = re.compile(
    r"(eyJ[\w-]{8,}\.[\w-]+\.[\w-]+)"
    r"|((?:bearer|token|password|passphrase|secret|authorization|accessJwt|refreshJwt)[\"']?\s*[:=]?\s*[\"']?"
    r"(?:(?:bearer|basic|dpop)\s+)?)"
    r"([^\s\"',;]{6,})",
    re.IGNORECASE,
)
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def _covered(said: str) -> str:
    return _SECRETS.sub(lambda found: (found[2] or "") + "[removed]", said)


class _Lines(logging.Formatter):
    """Covers what stands in the trace of an exception too, which no filter sees."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with its trace, without what looks like a secret."""
        return _covered(super().format(record))


class WithoutSecrets(logging.Filter):
    """Covers what looks like a token or a password in any log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Changes the record in place; lets every record through."""
        said = record.getMessage()
        covered = _covered(said)
        if covered != said:
            record.msg, record.args = covered, ()
        return True


class _LogFile(logging.handlers.RotatingFileHandler):
    """The log's file; what cannot be written (a full disk, no right) is lost, and the work goes on."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Says nothing: whoever stores what matters meets the same disk and says it in one line."""

    def close(self) -> None:
        """Lets the file go, with what a full disk did not take."""
        with contextlib.suppress(OSError):
            super().close()


def write_logs_to(folder: Path) -> logging.Handler:
    """Sends the log to a file of at most 2 MB in `folder`, five of them kept; gives the handler.

    Raises OSError when the folder cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _LogFile(folder / "cordon.log", maxBytes=2_000_000, backupCount=4, encoding="utf-8", delay=True)
    handler.setFormatter(_Lines(FORMAT))
    handler.addFilter(WithoutSecrets())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for chatty in ("httpx", "httpcore", "hpack", "keyring"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return handler
