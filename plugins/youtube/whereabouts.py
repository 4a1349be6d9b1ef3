"""Where comments are now: public, in the queue, removed, or nowhere.

What a newcomer would get wrong: no single question tells. Asked for by its id, a comment comes without its
status. So the queue is read first, and what is not in it is looked for among what the public sees; only what
YouTube does not have at all is gone.
"""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress

from console.api import Gone, ItemState
from plugins.youtube.mapping import STATES, Heard
from plugins.youtube.threads import Threads


async def whereabouts(threads: Threads, tops: Mapping[str, str]) -> dict[str, ItemState]:
    """The state of each comment; `tops` gives for each the first comment of its thread.

    UNKNOWN means: YouTube has it, but shows it neither to the public nor in the queue. That is what a
    removed comment looks like, and for a moment any other that was just changed. Raises a `Failure`.
    """
    queue = await threads.queue(tops.keys())
    found = {one: ItemState.HELD for one in tops if one in queue}
    first = [one for one, top in tops.items() if one == top and one not in found]
    missing: list[str] = []
    there = await threads.by_ids(first) if first else {}
    for one in first:
        if one in there:
            found[one] = STATES.get(there[one].top.status, ItemState.UNKNOWN)
        else:
            missing.append(one)
    below: dict[str, list[str]] = defaultdict(list)
    for one, top in tops.items():
        if one != top and one not in found:
            below[top].append(one)
    for top, some in below.items():
        listed: dict[str, Heard] = {}
        with suppress(Gone):  # with the first comment go its replies
            listed = {heard.arrival.remote_id: heard for heard in await threads.replies_of(top)}
        for one in some:
            if one in listed:
                found[one] = STATES.get(listed[one].status, ItemState.UNKNOWN)
            else:
                missing.append(one)
    kept = await threads.existing(missing) if missing else set()
    found.update({one: ItemState.UNKNOWN if one in kept else ItemState.GONE for one in missing})
    return found
