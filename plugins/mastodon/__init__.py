"""Mastodon: reads mentions, replies, quotes and private mentions; answers, blocks, mutes, reports.

What a newcomer would get wrong: there is no one Mastodon. Everything is asked of the one server on which the
account lives, numbers of posts and people are that server's own, and it knows only what it was told by
others. Servers run different versions and forks, so what one can do is asked and not assumed.

    connector.py     one account: signs in, streams, searches, acts, looks
    signing.py       the walk through the browser, and the registration before it
    session.py       the token, the server's version and rights, and requests in the account's name
    reading.py       what arrived: the list of notifications, and all of these joined
    live.py          the live stream, held open beside everything else
    walking.py       the threads below our own posts, looked at in turn
    run.py           what one run of a stream has yielded
    searching.py     what is said about a topic
    threads.py       which thread a post belongs to
    acting.py        verbs, one request each
    looking.py       whether a verb's effect is in place
    capability.py    what can be done to one item, and why not
    markup.py        HTML to plain words
    mapping.py       their JSON to our items
    wire.py          the shapes of their JSON
"""
