"""The shapes of YouTube's JSON, as far as we read them.

Fields that we do not know are passed over, and every field that may be missing has a default: the discovery
document requires none at all. What a newcomer would get wrong: an item is kept as `msgspec.Raw` inside its
page, so that its own bytes can be stored unchanged, and so that one broken item does not spoil a page.
Source: https://youtube.googleapis.com/$discovery/rest?version=v3 (revision 20261104).
"""

import msgspec

NOTHING = msgspec.Raw(b"null")


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """A JSON object of theirs; names are theirs in camel case."""


# --- Errors ---------------------------------------------------------------------------------


class ErrorDetail(Wire, frozen=True):
    """One reason of a refusal."""

    reason: str = ""
    domain: str = ""
    message: str = ""


class ErrorBody(Wire, frozen=True):
    """What stands in a refusal under `error`."""

    code: int = 0
    message: str = ""
    status: str = ""
    errors: list[ErrorDetail] = []


class Refusal(Wire, frozen=True):
    """A refused request; without `error` it is none."""

    error: ErrorBody | None = None


# --- Lists ----------------------------------------------------------------------------------


class Listing(Wire, frozen=True):
    """Any list; what it lists is read item by item."""

    kind: str = ""
    items: list[msgspec.Raw] | None = None
    next_page_token: str = ""


class ChatListing(Wire, frozen=True):
    """A part of a live chat."""

    kind: str = ""
    items: list[msgspec.Raw] | None = None
    next_page_token: str = ""
    polling_interval_millis: int = 0
    offline_at: str = ""
    error: ErrorBody | None = None


class Made(Wire, frozen=True):
    """What an insert answers, as far as we need it."""

    id: str


# --- Comments -------------------------------------------------------------------------------


class ChannelId(Wire, frozen=True):
    """The author's channel."""

    value: str = ""


class CommentSnippet(Wire, frozen=True):
    """What one comment says."""

    text_display: str = ""
    text_original: str = ""
    video_id: str = ""
    channel_id: str = ""
    parent_id: str = ""
    author_display_name: str = ""
    author_channel_url: str = ""
    author_channel_id: ChannelId = ChannelId()
    published_at: str = ""
    updated_at: str = ""
    moderation_status: str = ""
    """`published`, `heldForReview`, `likelySpam` or `rejected`; only told to the owner, and not when
    comments were asked for by their ids."""
    image_url: str = ""


class Comment(Wire, frozen=True):
    """One comment or reply."""

    id: str
    snippet: CommentSnippet


class ThreadSnippet(Wire, frozen=True):
    """A thread: its first comment and a little around it."""

    top_level_comment: msgspec.Raw = NOTHING
    video_id: str = ""
    can_reply: bool = False
    total_reply_count: int = 0
    is_public: bool | None = None


class Replies(Wire, frozen=True):
    """Some of a thread's replies, seldom all."""

    comments: list[msgspec.Raw] = []


class Thread(Wire, frozen=True):
    """One thread as it is listed."""

    id: str
    snippet: ThreadSnippet
    replies: Replies = Replies()


# --- Live chat ------------------------------------------------------------------------------


class ChatText(Wire, frozen=True):
    """An ordinary message."""

    message_text: str = ""


class ChatComment(Wire, frozen=True):
    """The words that came with money or with a membership's birthday."""

    user_comment: str = ""


class Deleted(Wire, frozen=True):
    """A message that a moderator removed."""

    deleted_message_id: str = ""


class Retracted(Wire, frozen=True):
    """A message that its author took back."""

    retracted_message_id: str = ""


class ChatSnippet(Wire, frozen=True):
    """What one event of a chat says."""

    type: str = ""
    live_chat_id: str = ""
    author_channel_id: str = ""
    published_at: str = ""
    display_message: str = ""
    text_message_details: ChatText | None = None
    super_chat_details: ChatComment | None = None
    member_milestone_chat_details: ChatComment | None = None
    message_deleted_details: Deleted | None = None
    message_retracted_details: Retracted | None = None


class ChatAuthor(Wire, frozen=True):
    """Who wrote a message."""

    channel_id: str = ""
    display_name: str = ""


class ChatMessage(Wire, frozen=True):
    """One event of a chat."""

    id: str
    snippet: ChatSnippet
    author_details: ChatAuthor = ChatAuthor()


# --- Channels, videos and broadcasts --------------------------------------------------------


class ChannelSnippet(Wire, frozen=True):
    """A channel's names."""

    title: str = ""
    custom_url: str = ""


class Channel(Wire, frozen=True):
    """One channel."""

    id: str
    snippet: ChannelSnippet = ChannelSnippet()


class TitledSnippet(Wire, frozen=True):
    """A video's title, and a broadcast's chat."""

    title: str = ""
    live_chat_id: str = ""
    scheduled_start_time: str = ""


class Video(Wire, frozen=True):
    """One video."""

    id: str
    snippet: TitledSnippet = TitledSnippet()


class BroadcastStatus(Wire, frozen=True):
    """How far a broadcast is."""

    life_cycle_status: str = ""


class Broadcast(Wire, frozen=True):
    """One live broadcast; its id is its video's."""

    id: str
    snippet: TitledSnippet = TitledSnippet()
    status: BroadcastStatus = BroadcastStatus()
