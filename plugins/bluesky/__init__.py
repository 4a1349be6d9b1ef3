"""Bluesky (AT Protocol): reads replies, mentions and quotes, hides by threadgate, blocks, mutes, reports.

What a newcomer would get wrong: the connector writes only to the force's own repository. Hiding a reply
means naming it in the gate of our own thread, so it is possible in threads that we began and nowhere else.

    connector.py     one account: signs in, streams, acts, looks
    reading.py       what arrived: notifications, and the threads below our own posts
    elsewhere.py     what was said to us in threads of others: whether it is still there
    searching.py     what is said about a topic
    acting.py        verbs, one request or one gate at a time
    looking.py       whether a verb's effect is in place
    capability.py    what can be done to one item, and why not
    gates.py         the record that hides replies: read, change, write, again if somebody was quicker
    mapping.py       their JSON to our items
    wire.py          the shapes of their JSON
    xrpc.py          one request and what its answer means
    session.py       the app password, the two tokens, and renewing them
"""
