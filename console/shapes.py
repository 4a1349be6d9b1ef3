"""The shapes of what commands print with `--json`: a promise to scripts.

Names and meanings here change only together with the handbook. Times are ISO 8601 UTC; keys are opaque.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from console.api import Manifest
from console.domain.accounts import Account
from console.domain.acts import Act
from console.domain.approving import Awaited
from console.domain.audit import Entry, Verdict
from console.domain.capabilities import Capabilities
from console.domain.checkpoint import Checkpoint
from console.domain.ids import AccountId, act_key, bulk_key, item_key, topic_key
from console.domain.items import Item
from console.domain.list_changes import ListVersion, Rehearsal, Sample, Waiting
from console.domain.times import iso
from console.domain.topics import Topic
from console.domain.watchlists import Hit, Watchlist
from console.domain.waves import Standing, Wave, wave_key
from console.services.planning import Plan, PlanRow
from console.services.purging import Emptied, Purged

Shape = dict[str, Any]


def to_json(shape: object) -> str:
    """One line of JSON, in ASCII: any terminal and any pipe can carry it, whatever somebody wrote."""
    return json.dumps(shape, separators=(",", ":"))


def _when(at: int | None) -> str | None:
    return None if at is None else iso(at)


def hit_shape(hit: Hit) -> Shape:
    """A hit; offsets count characters of the original text."""
    return {
        "watchlist": hit.watchlist,
        "version": hit.version,
        "rule": hit.rule,
        "category": hit.category,
        "grade": hit.grade,
        "term": hit.term,
        "start": hit.start,
        "end": hit.end,
        "text": hit.text,
        "how": hit.how,
    }


def item_shape(item: Item, account: str, parent: str | None, can: Capabilities) -> Shape:
    """An item as stored; `can` says true or the reason for each verb."""
    return {
        "key": item_key(item.id),
        "network": item.network,
        "account": account,
        "kind": str(item.kind),
        "author": {"id": item.author.id, "handle": item.author.handle, "name": item.author.name},
        "text": item.text,
        "created_at": iso(item.created_at),
        "received_at": iso(item.received_at),
        "edited_at": _when(item.edited_at),
        "state": str(item.state),
        "grade": item.grade,
        "parent": parent,
        "permalink": item.permalink,
        "hits": [hit_shape(hit) for hit in item.hits],
        "wave": None if item.wave_id is None else wave_key(item.wave_id),
        "stray": item.stray,
        "can": {str(verb): True if found.can else found.words for verb, found in can.items()},
    }


def act_shape(act: Act, account: str = "") -> Shape:
    """An act and where it stands."""
    return {
        "act": act_key(act.id),
        "key": item_key(act.item_id),
        "verb": str(act.verb),
        "state": str(act.state),
        "account": account,
        "bulk": None if act.bulk_id is None else bulk_key(act.bulk_id),
        "reversible": act.reversible,
        "reason": act.reason,
        "category": act.category,
        "requested_by": act.requested_by,
        "requested_at": iso(act.requested_at),
        "due_at": iso(act.due_at),
        "sent_at": _when(act.sent_at),
        "settled_at": _when(act.settled_at),
        "undo_of": None if act.undo_of is None else act_key(act.undo_of),
        "error": act.error,
    }


def second_shape(awaited: Awaited) -> Shape:
    """What an act waits for that needs a second person."""
    return {
        "why": awaited.why,
        "not": awaited.requested_by,
        "expires_at": iso(awaited.expires_at),
    }


def plan_shape(plan: Plan) -> Shape:
    """A plan, by account and in all."""
    return {
        "verb": str(plan.verb),
        "selected": plan.selected,
        "will": plan.will,
        "left_out": plan.left_out,
        "reversible": plan.reversible,
        "hold_seconds": plan.hold_ms / 1000,
        "finishes_at": _when(plan.finishes_at),
        "media_not_captured": plan.media_not_captured,
        "second": plan.second,
        "evidence": plan.evidence,
        "evidence_bytes": plan.evidence_bytes,
        "accounts": [_row_shape(row) for row in plan.rows],
    }


def _row_shape(row: PlanRow) -> Shape:
    return {
        "account": row.account.key,
        "network": row.account.network,
        "selected": row.selected,
        "will": [item_key(item_id) for item_id in row.will],
        "left_out": [{"key": item_key(left.item_id), "why": left.why} for left in row.left_out],
        "reversible": row.reversible,
        "irreversible": row.irreversible,
        "verifiable": row.verifiable,
        "parts": [
            {
                "words": part.words,
                "items": len(part.will),
                "reversible": part.reversible,
                "verifiable": part.verifiable,
            }
            for part in row.parts
        ],
        "ceiling": row.allowance,
        "finishes_at": _when(row.finishes_at),
    }


def network_shape(manifest: Manifest) -> Shape:
    """A network that Cordon knows, and what can be done there in general."""
    return {
        "id": manifest.id,
        "name": manifest.name,
        "level": manifest.level,
        "verbs": {
            str(verb): {"reversible": facts.reversible, "verifiable": facts.verifiable, "words": facts.words}
            for verb, facts in manifest.verbs.items()
        },
    }


def account_shape(account: Account) -> Shape:
    """An account and its health."""
    return {
        "key": account.key,
        "network": account.network,
        "handle": account.handle,
        "state": str(account.state),
        "lead": account.lead,
        "deputy": account.deputy,
        "last_item_at": _when(account.last_item_at),
        "error": account.error,
        "notice": account.notice,
        "sign_in_ends_at": _when(account.sign_in_ends_at),
    }


def wave_shape(wave: Wave, now: int, standing: Standing | None) -> Shape:
    """A wave and the verdict that stands on it; `now` is milliseconds since 1970."""
    return {
        "wave": wave_key(wave.id),
        "essence": wave.essence,
        "size": wave.size,
        "authors": wave.authors,
        "new_authors": wave.new_authors,
        "networks": list(wave.networks),
        "first_at": iso(wave.first_at),
        "last_at": iso(wave.last_at),
        "rate": round(wave.rate_now(now), 2),
        "standing": None if standing is None else standing_shape(standing),
    }


def standing_shape(standing: Standing) -> Shape:
    """A verdict that stands on a wave."""
    return {
        "wave": wave_key(standing.wave_id),
        "verb": str(standing.verb),
        "who": standing.who,
        "reason": standing.reason,
        "category": standing.category,
        "bulk": None if standing.bulk_id is None else bulk_key(standing.bulk_id),
        "put_at": iso(standing.put_at),
        "ends_at": iso(standing.ends_at),
        "limit": standing.limit,
        "used": standing.used,
    }


def topic_shape(topic: Topic, accounts: Mapping[AccountId, str]) -> Shape:
    """A topic and its searches; `accounts` are keys."""
    return {
        "topic": topic_key(topic.id),
        "words": topic.words,
        "purpose": topic.purpose,
        "opened_by": topic.opened_by,
        "authorised_by": topic.authorised_by,
        "opened_at": iso(topic.opened_at),
        "ends_at": iso(topic.ends_at),
        "closed_at": _when(topic.closed_at),
        "searches": [
            {
                "account": accounts.get(search.account_id, ""),
                "found": search.found,
                "last_look_at": _when(search.last_look_at),
                "error": search.error,
            }
            for search in topic.searches
        ],
    }


def purged_shape(purged: Purged, *, dry_run: bool) -> Shape:
    """What was emptied, or would be, in all and by network."""
    return {
        "dry_run": dry_run,
        **_emptied_shape(purged.total),
        "disposed": purged.disposed,
        "clean": purged.is_clean,
        "networks": {name: _emptied_shape(some) for name, some in purged.networks.items()},
    }


def _emptied_shape(some: Emptied) -> Shape:
    return {"texts": some.texts, "names": some.names, "waiting": some.waiting}


def watchlist_shape(watchlist: Watchlist) -> Shape:
    """A watchlist's head; its rules are counted."""
    return {
        "id": watchlist.id,
        "name": watchlist.name,
        "category": watchlist.category,
        "grade": watchlist.grade,
        "suggest": watchlist.suggest,
        "owner": watchlist.owner,
        "version": watchlist.version,
        "review_by": watchlist.review_by.isoformat(),
        "rules": len(watchlist.rules),
        "two_people": watchlist.two_people,
        "incident": watchlist.incident,
    }


def waiting_shape(waiting: Waiting) -> Shape:
    """A watchlist that is rehearsed, or waits for a second person."""
    return {
        **watchlist_shape(waiting.watchlist),
        "waiting": waiting.id,
        "kind": str(waiting.kind),
        "put_by": waiting.put_by,
        "put_at": iso(waiting.put_at),
        "why": waiting.why,
        "expires_at": _when(waiting.expires_at),
        "seen": waiting.seen,
        "items": waiting.items,
    }


def list_version_shape(version: ListVersion, changes: Sequence[str]) -> Shape:
    """A version of a watchlist, and what it changed in words."""
    return {
        **watchlist_shape(version.watchlist),
        "put_by": version.put_by,
        "put_at": iso(version.put_at),
        "agreed_by": version.agreed_by,
        "why": version.why,
        "ended_at": _when(version.ended_at),
        "changes": list(changes),
    }


def rehearsal_shape(told: Rehearsal) -> Shape:
    """What a watchlist would have done; all counts are of items."""
    return {
        "hours": told.hours,
        "looked_at": told.looked_at,
        "whole": told.is_whole,
        "hits": told.hits,
        "rules": dict(told.by_rule),
        "newly_caught": told.newly_caught,
        "no_longer_caught": told.no_longer_caught,
        "the_same": told.the_same,
        "hidden_and_missed": told.missed_of_hidden,
        "left_up_and_hit": told.hit_of_left_up,
        "samples": {
            name: [_sample_shape(sample) for sample in samples]
            for name, samples in (
                ("newly_caught", told.samples_new),
                ("no_longer_caught", told.samples_lost),
                ("the_same", told.samples_same),
                ("hidden_and_missed", told.samples_missed),
                ("left_up_and_hit", told.samples_left_up),
            )
        },
    }


def _sample_shape(sample: Sample) -> Shape:
    return {
        "key": item_key(sample.item_id),
        "text": sample.text,
        "author": sample.handle,
        "received_at": iso(sample.received_at),
        "hits": [hit_shape(hit) for hit in sample.hits],
    }


def verdict_shape(verdict: Verdict) -> Shape:
    """What verifying the ledger found."""
    return {
        "ok": verdict.ok,
        "entries": verdict.entries,
        "root": verdict.root,
        "checkpoint": verdict.checkpoint,
        "first_bad": verdict.first_bad,
    }


def checkpoint_shape(checkpoint: Checkpoint, key: str) -> Shape:
    """A signed statement of how the ledger stands, and the public key that checks it."""
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "key": key,
        "text": checkpoint.text,
    }


def entry_shape(entry: Entry, corrected_by: Sequence[int] = ()) -> Shape:
    """A ledger entry with its readable content, where that was not disposed of."""
    leaf: Mapping[str, Any] = json.loads(entry.leaf)  # msgspec refuses half a surrogate pair
    return {
        "seq": entry.seq,
        "at": leaf["at"],
        "who": leaf["who"],
        "role": leaf.get("role"),
        "behalf": leaf.get("behalf"),
        "seat": leaf["seat"],
        "kind": leaf["kind"],
        "facts": leaf["facts"],
        "content": None if entry.content is None else json.loads(entry.content),
        "digest": entry.leaf_hash.hex(),
        "corrected_by": list(corrected_by),
    }
