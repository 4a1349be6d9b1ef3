"""Rows: everything that one card shows, made ready once and never changed.

A row knows nothing of Qt. It is made from an item when the item is first looked at and made anew when
something about the item changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count as counting

from console.domain.accounts import Account
from console.domain.acts import OPEN, ActState, Verb
from console.domain.cover import Claim
from console.domain.ids import ItemId
from console.domain.items import Item, ItemKind, ItemState
from console.domain.watchlists import Hit, category_name
from console.domain.waves import LEAST
from console.store.beside import Answered
from console.ui.text import Shown, count, shown, to_utf16

_VERSIONS = counting(1)

_DOING = {
    Verb.HIDE: "Hiding…",
    Verb.UNHIDE: "Putting back…",
    Verb.DELETE: "Deleting…",
    Verb.HOLD: "Holding…",
    Verb.PUBLISH: "Publishing…",
    Verb.REPLY: "Replying…",
    Verb.BLOCK: "Blocking…",
    Verb.UNBLOCK: "Unblocking…",
    Verb.MUTE: "Muting…",
    Verb.UNMUTE: "Unmuting…",
    Verb.REPORT: "Reporting…",
}
_WILL = {
    Verb.DELETE: "Deletes in",
    Verb.REPLY: "Replies in",
    Verb.PRIVATE_REPLY: "Replies in",
    Verb.REPORT: "Reports in",
}
_DONE = {
    Verb.REPLY: ("reply", "Replied"),
    Verb.BLOCK: ("closed", "Author blocked"),
    Verb.MUTE: ("closed", "Author muted"),
    Verb.REPORT: ("escalate", "Reported"),
    Verb.UNBLOCK: ("undo", "Author unblocked"),
    Verb.UNMUTE: ("undo", "Author unmuted"),
}
_SHORT = {
    "threat-to-life": "Threat to life",
    "self-harm": "Self-harm",
    "child-at-risk": "Child at risk",
    "weapons": "Weapons",
    "disorder": "Disorder",
    "officer-location": "Officer location",
    "doxxing": "Naming",
    "contempt": "Proceedings",
    "abuse-of-staff": "Abuse of staff",
    "misinformation": "False claim",
    "missing-person": "Missing person",
    "crime-report": "Report or lead",
    "complaint": "Complaint",
    "media-request": "Media request",
    "spam": "Spam",
}
"""Category names short enough for the right column of a card."""
_KINDS = {
    ItemKind.POST: "post",
    ItemKind.COMMENT: "comment",
    ItemKind.REPLY: "reply",
    ItemKind.MENTION: "mention",
    ItemKind.QUOTE: "quote",
    ItemKind.MESSAGE: "private message",
    ItemKind.REVIEW: "review",
}


@dataclass(frozen=True, slots=True)
class Corner:
    """The state corner of a card: glyph, word, and the token of its colour."""

    glyph: str
    words: str
    colour: str


@dataclass(frozen=True, slots=True)
class Span:
    """A hit in the shown words, in UTF-16 units as Qt counts."""

    start: int
    end: int
    grade: int
    disguised: bool


@dataclass(frozen=True, slots=True)
class NetworkMark:
    """A network's letters and shape."""

    letters: str
    shape: str


@dataclass(frozen=True, slots=True)
class Row:
    """What one card shows. Times are milliseconds since 1970, UTC."""

    id: ItemId
    grade: int
    network: NetworkMark
    author: str
    handle: str
    where: str
    words: str
    spans: tuple[Span, ...]
    category: str
    fact: str
    fact_glyph: str
    created_at: int
    unseen: bool
    removed: ItemState | None
    """`hidden`, `deleted` or `gone` when the public no longer sees it."""
    corner: Corner | None
    held_from: int | None
    held_until: int | None
    """When an act that waits in its hold is sent; the card counts down to it."""
    hold_words: str
    spoken: str
    """The whole card as a sentence, for screen readers."""
    wave_id: int | None = None
    """The wave that it belongs to, or that it shows."""
    is_wave: bool = False
    """Whether it shows a wave and no item."""
    version: int = field(default_factory=lambda: next(_VERSIONS))


def row_of(
    item: Item,
    account: Account | None,
    mark: NetworkMark,
    alike: int = 0,
    answers: Answered | None = None,
    holder: Corner | None = None,
) -> Row:
    """The row that shows an item.

    `alike` is the size of its wave, `answers` what it answers, `holder` says who deals with it.
    """
    safe = shown(item.words)
    corner = corner_of(item)
    held = item.act_state is ActState.HELD and item.act_due_at is not None
    category = category_words(item.hits)
    if item.stray is not None:
        category = f"Stray · {category[0].lower()}{category[1:]}" if category else "Stray"
    author = shown(item.author.name or item.author.handle or "Somebody").text
    handle = handle_words(item)
    where = where_words(item) if answers is None else answer_words(answers)
    fact, fact_glyph = _fact(item, alike)
    if (
        holder is not None and corner is not None
    ):  # a state stands before a claim, which goes to the first line
        fact, fact_glyph = holder.words, holder.glyph
    corner = corner or holder
    return Row(
        id=item.id,
        grade=item.grade,
        network=mark,
        author=author,
        handle="" if handle.lstrip("@") == author.lstrip("@") else handle,
        where=where,
        words=safe.text,
        spans=spans_of(safe, item.hits),
        category=category,
        fact=fact,
        fact_glyph=fact_glyph,
        created_at=item.created_at,
        unseen=item.seen_at is None,
        removed=item.state if item.state in _REMOVED else None,
        corner=corner,
        held_from=(item.act_due_at or 0) - 10_000 if held else None,
        held_until=item.act_due_at if held else None,
        hold_words=_WILL.get(item.act_verb, "Sends in") if held and item.act_verb else "",
        spoken=_spoken(item, account, author, safe.text, category, corner, where if answers else ""),
        wave_id=item.wave_id,
    )


def holder_of(claim: Claim | None, who: str, now: int) -> Corner | None:
    """Who deals with an item, as its corner says it to this person; None when nobody does any more."""
    if claim is None or not claim.holds(now):
        return None
    if claim.is_of(who):
        return Corner("person", "Yours", "accent")
    return Corner("claimed", f"{shown(claim.who).text} has it", "t1")


def handle_words(item: Item) -> str:
    """The author's handle with its `@`; empty when it is all that is known of the name."""
    handle = shown(item.author.handle).text.lstrip("@")
    return f"@{handle}" if handle and item.author.name else ""


def where_words(item: Item) -> str:
    """What sort of thing was said, and where: "comment on First statement"."""
    kind = _KINDS[item.kind]
    where = shown(item.where).text.strip()
    return f"{kind} on {where}" if where and where.casefold() != kind else kind


def answer_words(answers: Answered) -> str:
    """Whom an item answers, and how that began, in one line."""
    author = shown(answers.author or "somebody").text
    words = shown(answers.words).text.strip()
    return f"reply to {author}: “{words}”" if words else f"reply to {author}"


_REMOVED = frozenset({ItemState.HIDDEN, ItemState.DELETED, ItemState.GONE})


def spans_of(safe: Shown, hits: Sequence[Hit]) -> tuple[Span, ...]:
    """Where hits stand in the shown words; where two overlap, the more urgent comes later and wins."""
    spans: list[Span] = []
    for hit in sorted(hits, key=lambda hit: -hit.grade):
        start, end = safe.place(hit.start, hit.end)
        if start < end <= len(safe.text):
            spans.append(Span(*to_utf16(safe.text, start, end), hit.grade, hit.disguised))
    return tuple(spans)


def category_words(hits: Sequence[Hit]) -> str:
    """The category of the most urgent hit, and how many more categories there are."""
    if not hits:
        return ""
    categories = list(dict.fromkeys(hit.category for hit in sorted(hits, key=lambda hit: hit.grade)))
    words = _SHORT.get(categories[0]) or category_name(categories[0])
    return f"{words} +{len(categories) - 1}" if len(categories) > 1 else words


def corner_of(item: Item) -> Corner | None:
    """What the state corner says; an act that is under way or went wrong stands before the state."""
    verb, state = item.act_verb, item.act_state
    if verb is not None and state is not None:
        found = _act_corner(item, verb, state)
        if found is not None:
            return found
    match item.state:
        case ItemState.HIDDEN:
            return Corner("hide", "Hidden", "hidden")
        case ItemState.DELETED:
            return Corner("delete", "Deleted", "deleted")
        case ItemState.GONE:
            return Corner("delete", "Gone at the network", "deleted")
        case ItemState.HELD:
            return Corner("held", "Held for review", "held")
        case _:
            pass
    if item.left_up_at is not None:
        return Corner("confirmed", "Left up", "confirmed")
    if verb is not None and state in {ActState.CONFIRMED, ActState.UNVERIFIABLE} and verb in _DONE:
        return Corner(_DONE[verb][0], _DONE[verb][1], "confirmed")
    return None


def _act_corner(  # noqa: PLR0911 - one line for each state
    item: Item, verb: Verb, state: ActState
) -> Corner | None:
    match state:
        case ActState.HELD:
            return Corner("held", _WILL.get(verb, "Sends in"), "held")
        case ActState.REFUSED:
            return Corner("refused", f"Refused: {_short(item.act_error)}", "failed")
        case ActState.FAILED:
            return Corner("refused", f"Failed: {_short(item.act_error)}", "failed")
        case ActState.REAPPEARED:
            return Corner("reappeared", "Back in view", "failed")
        case ActState.UNDONE:
            return Corner("undo", "Undone", "undone") if item.state is ItemState.VISIBLE else None
        case ActState.CONFIRMED if verb in {Verb.UNHIDE, Verb.PUBLISH}:
            return Corner("undo", "Put back", "undone") if item.state is ItemState.VISIBLE else None
        case ActState.UNVERIFIABLE:
            return Corner("waiting", "Accepted, cannot be checked", "t3")
        case ActState.AWAITING_APPROVAL:
            return Corner("people", "Waits for approval", "held")
        case ActState.QUEUED if item.act_error:
            return Corner("waiting", "Queued, waits", "t3")
        case _ if state in OPEN:
            return Corner("sending", _DOING.get(verb, "Sending…"), "accent")
        case _:
            return None


def _short(words: str | None) -> str:
    return shown(words or "no reason given").text.rstrip(".")[:60].lower()


def _fact(item: Item, alike: int) -> tuple[str, str]:
    kinds = {media.kind for media in item.media}
    if "video" in kinds:
        return "Video, not shown", "video"
    if kinds & {"picture", "image"}:
        return "Picture, not shown", "picture"
    if item.is_ours:
        return "Ours", "person"
    if alike >= LEAST:
        return f"{count(alike)} alike", "wave"
    if item.lang == "cy":
        return "Cymraeg", "tag"
    return "", ""


def _spoken(
    item: Item,
    account: Account | None,
    author: str,
    words: str,
    category: str,
    corner: Corner | None,
    answers: str,
) -> str:
    parts = [f"Grade {item.grade}", f"{author} on {account.name if account else item.network}", words]
    if answers:
        parts.append(answers)
    if category:
        parts.append(f"Raised by {category}")
    if corner is not None:
        parts.append(corner.words)
    if item.seen_at is None:
        parts.append("Unseen")
    return ". ".join(part.rstrip(".") for part in parts) + "."
