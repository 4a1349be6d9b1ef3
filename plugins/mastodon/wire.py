"""The shapes of Mastodon's JSON, as far as we read them.

Fields that we do not know are passed over, and those that may be missing have a default: forks and
look-alikes leave out more than Mastodon does. What a newcomer would get wrong: a post is kept as
`msgspec.Raw` inside its list, so that its own bytes can be stored unchanged, and so that one broken post does
not spoil a list.
Source: the entities on https://docs.joinmastodon.org/entities/.
"""

import msgspec

NOTHING = msgspec.Raw(b"null")


class Wire(msgspec.Struct, frozen=True):
    """A JSON object of theirs."""


class Trouble(Wire, frozen=True):
    """What a refused request answers, whatever its status; empty in an answer that is none."""

    error: str = ""
    error_description: str | None = None


# --- The server ---------------------------------------------------------------------------------


class Urls(Wire, frozen=True):
    """Other hosts of the server."""

    streaming: str = ""
    streaming_api: str = ""
    """The same, in the first version of the answer."""


class Configuration(Wire, frozen=True):
    """How the server is set up."""

    urls: Urls = Urls()


class Instance(Wire, frozen=True):
    """Answer of `/api/v2/instance`, and as far as it goes of `/api/v1/instance`."""

    domain: str = ""
    uri: str = ""
    """The domain, in the first version."""
    version: str = ""
    configuration: Configuration = Configuration()
    urls: Urls = Urls()
    """In the first version."""


# --- Signing in ---------------------------------------------------------------------------------


class NewApp(Wire, frozen=True):
    """Answer of `POST /api/v1/apps`."""

    client_id: str
    client_secret: str


class App(Wire, frozen=True):
    """Answer of `/api/v1/apps/verify_credentials`."""

    name: str = ""
    scopes: list[str] | None = None
    """Since version 4.3."""


class Role(Wire, frozen=True):
    """What the account may do on its server."""

    permissions: str | int = "0"
    """A number whose bits are rights."""


class Account(Wire, frozen=True):
    """Anybody."""

    id: str
    acct: str = ""
    """`name` here, `name@server` elsewhere."""
    username: str = ""
    display_name: str = ""
    url: str | None = None
    suspended: bool | None = None


class Me(Account, frozen=True):
    """Answer of `/api/v1/accounts/verify_credentials`."""

    role: Role | None = None


# --- Posts --------------------------------------------------------------------------------------


class Attachment(Wire, frozen=True):
    """A picture, a video or a sound."""

    type: str = "unknown"
    url: str | None = None
    remote_url: str | None = None
    description: str | None = None


class Person(Wire, frozen=True):
    """Somebody who is mentioned."""

    id: str = ""


class Choice(Wire, frozen=True):
    """One choice of a poll."""

    title: str = ""


class Poll(Wire, frozen=True):
    """A poll."""

    options: list[Choice] = []


class Card(Wire, frozen=True):
    """The card of a link."""

    url: str = ""
    title: str = ""
    description: str = ""


class Bare(Wire, frozen=True):
    """The least of a post that we can show."""

    id: str
    account: Account
    content: str = ""
    created_at: str = ""


class Post(Bare, frozen=True):
    """A post."""

    url: str | None = None
    uri: str = ""
    edited_at: str | None = None
    in_reply_to_id: str | None = None
    in_reply_to_account_id: str | None = None
    visibility: str = "public"
    spoiler_text: str = ""
    language: str | None = None
    media_attachments: list[Attachment] | None = None
    mentions: list[Person] | None = None
    poll: Poll | None = None
    card: Card | None = None
    favourited: bool | None = None
    reblog: msgspec.Raw = NOTHING
    """Somebody else's post that was passed on."""


class Thread(Wire, frozen=True):
    """Answer of `/api/v1/statuses/:id/context`."""

    ancestors: list[msgspec.Raw]
    descendants: list[msgspec.Raw]


class Notification(Wire, frozen=True):
    """One thing that the account is told."""

    id: str
    type: str
    status: msgspec.Raw = NOTHING


class Found(Wire, frozen=True):
    """Answer of `/api/v2/search`."""

    statuses: list[msgspec.Raw]


# --- People, and what came of acts --------------------------------------------------------------


class Relationship(Wire, frozen=True):
    """What stands between the account and somebody."""

    id: str
    blocking: bool = False
    muting: bool = False


class Limited(Wire, frozen=True):
    """What the server's staff have done to somebody."""

    id: str
    silenced: bool = False
    suspended: bool = False


class Made(Wire, frozen=True):
    """Something that now has an id."""

    id: str


class Empty(Wire, frozen=True):
    """An answer of which we read nothing."""


def is_there(raw: msgspec.Raw) -> bool:
    """Whether a field that may be missing was there."""
    return bytes(raw) != b"null"
