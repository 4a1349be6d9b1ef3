"""Threads: reads replies, held replies and mentions, hides top-level replies, approves, answers, searches.

What a newcomer would get wrong: an author here is a name and nothing else. Threads gives no id of a person
and no way to block, mute or report one; what can be done is done to replies below our own posts.

    connector.py     one account: signs in, streams, searches, acts, looks
    session.py       the token, its renewal, its two ends, and what may be done with it
    reading.py       what arrived: our posts, the conversations below them, held replies, mentions
    conversations.py one list read back to where it was read before, and what has changed in it
    searching.py     what is said anywhere about a topic
    acting.py        verbs, one request each; a reply takes two
    looking.py       whether a verb's effect is in place
    capability.py    what can be done to one item, and why not
    mapping.py       their JSON to our items
    wire.py          the shapes of their JSON

What Threads shares with Facebook and Instagram is in `plugins/meta`.
"""
