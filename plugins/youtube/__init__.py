"""YouTube: comments, the queue of held comments, and live chat of one channel.

What a newcomer would get wrong: nothing costs what it seems to. Everything that the force's app does in a
day, reading included, is paid from one purse of units (10,000 unless Google raised it), so one write for
fifty comments costs as much as one write for one, and a sweep of fifty old threads as much as one look.

    connector.py      one account: signs in, streams, acts, looks
    reading.py        what arrived: new threads, replies, the queue, and what became of what is known
    threads.py        one listing at a time: threads, replies, the queue
    memory.py         what one stream knows of each comment, and its place
    chats.py          live chat: held open, polled where that fails
    growing.py        the objects of a JSON array that is still growing
    acting.py         verbs, fifty comments at a time, and the one that spoils the others
    looking.py        whether a verb's effect is in place
    whereabouts.py    where a comment is now: public, in the queue, or nowhere
    capability.py     what can be done to one item, and why not
    mapping.py        their JSON to our items
    wire.py           the shapes of their JSON
    refusals.py       what their errors mean
    session.py        OAuth, the hour's token, and renewing it
"""
