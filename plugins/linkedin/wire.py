"""The shapes of LinkedIn's JSON, as far as we read them.

Fields that we do not know are passed over, and those that may be missing have a default. What a newcomer
would get wrong: entries of a list are kept as `msgspec.Raw`, so that one broken entry spoils no page and an
item's own bytes can be stored unchanged.

Source: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/comments-api and
…/organizations/organization-social-action-notifications
"""

import msgspec


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """A JSON object of theirs; names are theirs in camel case."""


class Link(Wire, frozen=True):
    """A further page of a list."""

    rel: str = ""


class Paging(Wire, frozen=True):
    """Where a list stands."""

    links: list[Link] = []


class Elements(Wire, frozen=True):
    """A list of anything."""

    elements: list[msgspec.Raw]
    paging: Paging = Paging()

    @property
    def has_next(self) -> bool:
        """Whether the network names a further page."""
        return any(link.rel == "next" for link in self.paging.links)


class Stamp(Wire, frozen=True):
    """Who did something, and when: milliseconds since 1970."""

    actor: str = ""
    time: int = 0


class Message(Wire, frozen=True):
    """Words."""

    text: str = ""


class Picture(Wire, frozen=True):
    """What hangs on a comment."""

    url: str | None = None


class Summary(Wire, frozen=True):
    """How many replies a comment has."""

    total_first_level_comments: int = 0


class Comment(Wire, frozen=True):
    """A comment or a reply."""

    created: Stamp
    urn: str = msgspec.field(name="$URN", default="")
    comment_urn: str = ""
    id: str = ""
    actor: str = ""
    object: str = ""
    """The activity that it stands below."""
    parent_comment: str | None = None
    message: Message = Message()
    content: list[Picture] | None = None
    last_modified: Stamp | None = None
    comments_summary: Summary = Summary()


class Post(Wire, frozen=True):
    """A post of the page, or one that mentions it."""

    id: str
    author: str = ""
    commentary: str | None = None
    created_at: int = 0
    published_at: int = 0
    last_modified_at: int = 0


class Told(Wire, frozen=True):
    """What a notification repeats of a comment or a post."""

    entity: str = ""
    owner: str = ""
    text: str | None = None


class Activity(Wire, frozen=True):
    """What happened, as a notification repeats it."""

    comment: Told | None = None
    share: Told | None = None


class Notification(Wire, frozen=True):
    """Something that happened at the page."""

    notification_id: int | str
    action: str
    source_post: str = ""
    generated_activity: str = ""
    last_modified_at: int = 0
    """Milliseconds since 1970."""
    decorated_source_post: Told | None = None
    decorated_generated_activity: Activity | None = None


class Role(Wire, frozen=True):
    """What somebody may do at a page."""

    role: str
    state: str = "APPROVED"
    organization: str = ""
    organization_target: str = ""
    role_assignee: str = ""


class Organisation(Wire, frozen=True):
    """A page."""

    localized_name: str = ""
    vanity_name: str = ""


class Person(Wire, frozen=True):
    """An author; everything may be private."""

    localized_first_name: str = ""
    localized_last_name: str = ""


class Anything(Wire, frozen=True):
    """An answer of which we read nothing."""


class Grant(Wire, frozen=True, rename=None):
    """What the token endpoint gives. Lives are in seconds."""

    access_token: str
    expires_in: int = 5_184_000
    refresh_token: str = ""
    refresh_token_expires_in: int = 0
    """What is left of the year since the first grant."""
    scope: str = ""
