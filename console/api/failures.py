"""The few ways in which a connector may fail, and what each makes the console do.

    Failure
    ├── NotAllowed      this right is missing or the network forbids it → refused, said with its words
    ├── SignInAgain     the sign-in has ended → the account asks for it, its acts wait
    ├── SlowDown        a ceiling was reached → nothing is sent on this account until `until`
    ├── Gone            the item is no longer there → the item is marked, the act is settled by that
    ├── TryLater        no answer, or one that promises nothing → tried again with growing waits
    └── Misunderstood   an answer that the connector cannot read → said aloud, tried again later

Anything else that a connector raises is a fault in it and stops that account only.

`sent` matters for acts: True means that the request may have reached the network (a time-out, a cut
after sending), so the console looks at the item before it sends anything again.
"""


class Failure(Exception):
    """A way to fail that the console understands. `words` are for a person, without jargon."""

    def __init__(self, words: str, *, sent: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.sent = sent


class NotAllowed(Failure):
    """The network forbids this, now and on a second try."""


class SignInAgain(Failure):
    """The sign-in is no longer accepted; only a person can mend it."""


class SlowDown(Failure):
    """A ceiling was reached. `until` is milliseconds since 1970, UTC."""

    def __init__(self, words: str, *, until: int, sent: bool = False) -> None:
        super().__init__(words, sent=sent)
        self.until = until


class Gone(Failure):
    """What was asked for is no longer at the network."""


class TryLater(Failure):
    """The network or the link gave no usable answer; a later try may work."""


class Misunderstood(Failure):
    """The network answered something that the connector cannot read."""
