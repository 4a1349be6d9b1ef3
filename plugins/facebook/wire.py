"""The shapes of Facebook's answers, as far as they are used; source: Meta's own specs of nodes and edges.

https://github.com/facebook/facebook-business-sdk-codegen, `api_specs/specs`: Comment, PagePost, Page,
Recommendation, UnifiedThread, LiveVideo.

What a newcomer would get wrong: any field may be missing or null, `from` above all. So everything but the id
has a default, and a default never stands for a right: an absent `can_hide` is unknown, not a yes or a no.
"""

import msgspec

COMMENT_FIELDS = (
    "id,from{id,name},message,created_time,parent{id},object{id},permalink_url,attachment,comment_count,"
    "like_count,user_likes,is_hidden,is_private,can_hide,can_remove,can_comment,can_like,can_reply_privately"
)
POST_FIELDS = "id,from{id,name},message,story,created_time,updated_time,permalink_url,is_hidden,full_picture"
RATING_FIELDS = (
    "created_time,has_rating,has_review,rating,recommendation_type,review_text,reviewer{id,name},"
    "open_graph_story{id}"
)
THREAD_FIELDS = "id,updated_time,link"
MESSAGE_FIELDS = "id,message,created_time,from,to,attachments"
LIVE_FIELDS = "id,status,title,description,permalink_url,creation_time"
STREAM_FIELDS = "id,from{id,name},message,created_time"
PAGE_FIELDS = "id,name,username,link,category"
"""`category` is a Page's field and no person's: asking for it tells a person's token by its refusal."""

EMPTY = msgspec.Raw(b"null")


class Person(msgspec.Struct, frozen=True):
    """Somebody; the id is the same person's on this Page only."""

    id: str = ""
    name: str | None = None


class Ref(msgspec.Struct, frozen=True):
    """Something that is named by its id alone."""

    id: str = ""


class Comment(msgspec.Struct, frozen=True):
    """A comment or a reply."""

    id: str
    author: Person | None = msgspec.field(default=None, name="from")
    message: str | None = None
    created_time: str | int | None = None
    parent: Ref | None = None
    object: Ref | None = None
    permalink_url: str | None = None
    attachment: msgspec.Raw = EMPTY
    is_hidden: bool | None = None
    user_likes: bool | None = None
    can_hide: bool | None = None
    can_remove: bool | None = None
    can_comment: bool | None = None
    can_like: bool | None = None
    can_reply_privately: bool | None = None


class Post(msgspec.Struct, frozen=True):
    """A post of the Page, a visitor's, or one that tags the Page."""

    id: str
    author: Person | None = msgspec.field(default=None, name="from")
    message: str | None = None
    story: str | None = None
    created_time: str | int | None = None
    updated_time: str | int | None = None
    permalink_url: str | None = None
    is_hidden: bool | None = None
    full_picture: str | None = None


class Rating(msgspec.Struct, frozen=True):
    """A review or a recommendation; it has no id of its own."""

    created_time: str | int | None = None
    rating: int | None = None
    recommendation_type: str | None = None
    review_text: str | None = None
    reviewer: Person | None = None
    open_graph_story: Ref | None = None


class Thread(msgspec.Struct, frozen=True):
    """A conversation with the Page."""

    id: str
    updated_time: str | int | None = None
    link: str | None = None


class Message(msgspec.Struct, frozen=True):
    """One private message."""

    id: str
    author: Person | None = msgspec.field(default=None, name="from")
    message: str | None = None
    created_time: str | int | None = None
    attachments: msgspec.Raw = EMPTY


class LiveVideo(msgspec.Struct, frozen=True):
    """A live video of the Page."""

    id: str
    status: str = ""
    title: str | None = None
    description: str | None = None


class PageNode(msgspec.Struct, frozen=True):
    """The Page itself."""

    id: str
    name: str = ""
    username: str | None = None


class Image(msgspec.Struct, frozen=True):
    """A picture's address."""

    src: str = ""


class AttachmentMedia(msgspec.Struct, frozen=True):
    """What an attachment shows."""

    image: Image | None = None
    source: str | None = None


class Attachment(msgspec.Struct, frozen=True):
    """What hangs on a comment."""

    type: str = ""
    url: str | None = None
    title: str | None = None
    description: str | None = None
    media: AttachmentMedia | None = None


class FileAddress(msgspec.Struct, frozen=True):
    """Where a file of a message lies."""

    url: str = ""


class MessageFile(msgspec.Struct, frozen=True):
    """A file that hangs on a message."""

    name: str | None = None
    image_data: FileAddress | None = None
    video_data: FileAddress | None = None
    file_url: str | None = None


class MessageFiles(msgspec.Struct, frozen=True):
    """The files of a message."""

    data: list[MessageFile] = []


class Created(msgspec.Struct, frozen=True):
    """The answer to something that was made."""

    id: str


class MessageSent(msgspec.Struct, frozen=True):
    """The answer to a private message."""

    message_id: str


class State(msgspec.Struct, frozen=True):
    """What a look at one comment or post asks for."""

    id: str
    is_hidden: bool | None = None
    user_likes: bool | None = None
    parent: Ref | None = None
    can_reply_privately: bool | None = None
    private_reply_conversation: msgspec.Raw = EMPTY


def is_there(raw: msgspec.Raw) -> bool:
    """Whether a part that is left unread is anything at all."""
    return bytes(raw).strip() not in {b"", b"null"}
