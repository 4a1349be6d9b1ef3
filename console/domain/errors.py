"""The family of failures that a person is told about.

    CordonError                 one line: what happened, what it means for the work, what to do
    ├── UsageError              the words given make no sense (exit 2)
    ├── ProfileError            the profile folder cannot be used
    │   ├── ProfileInUse        another Cordon works on it
    │   ├── ProfileNewer        written by a later version
    │   ├── ProfileUnwritable   no right to write there
    │   └── DiskFull            no room left; what was stored stays stored
    ├── SecretsUnavailable      neither keyring nor passphrase
    ├── InputError              a file or a line that cannot be read as what it should be
    │   └── WatchlistError      a watchlist file with a mistake in it
    ├── NotPossible             an act that cannot be done, with the reason
    └── RecordBroken            the ledger or an evidence record does not verify

A connector's failures are a family of their own, in `console/api/failures.py`. Anything else that is
raised is a fault of the program and goes to the error desk.
"""


class CordonError(Exception):
    """A failure with one line for a person.

    `exit_code` is what a command ends with: 1 for a failure, 2 for wrong usage.
    """

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UsageError(CordonError):
    """The words given make no sense."""

    exit_code = 2


class ProfileError(CordonError):
    """The profile folder cannot be used."""


class ProfileInUse(ProfileError):
    """Another running Cordon works on this profile."""


class ProfileNewer(ProfileError):
    """The database was written by a later version of Cordon."""


class ProfileUnwritable(ProfileError):
    """The profile folder or a file in it cannot be written."""


class DiskFull(ProfileError):
    """There is no room left on the disk that holds the profile."""


class SecretsUnavailable(CordonError):
    """Neither a keyring nor a passphrase is at hand, and the work needs one."""


class InputError(CordonError):
    """A file or line that cannot be read as what it should be."""


class WatchlistError(InputError):
    """A watchlist with a mistake in it; the line names file, rule and field."""


class NotPossible(CordonError):
    """An act that cannot be done; the line says why."""


class RecordBroken(CordonError):
    """The ledger or an evidence record does not verify."""
