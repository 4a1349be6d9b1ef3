"""X (API v2): reads mentions, replies and quotes, hides replies, mutes; every item that is read costs money.

What a newcomer would get wrong: the scarce thing here is not the number of requests but the money. X asks
a price for each post and each author it hands over, once for each of them in a day (UTC), so nothing may
be asked for that is not needed, and whatever is read passes `money.py`.

    connector.py     one account: signs in, streams, acts, looks; the walk through the sign-in
    reading.py       what arrived: rounds of mentions, our own posts, conversations, private messages
    polling.py       one list of posts, page by page, from a place onwards
    paging.py        what lists gave, made into pages of items
    feed.py          a stream that is held open (activity or filtered), beside the rounds
    recheck.py       whether posts that are kept are still there
    topics.py        searching for a topic
    acting.py        verbs, one request each
    looking.py       whether a verb's effect is in place, as far as X tells
    capability.py    what can be done to one item, and why not
    threads.py       whose conversation a reply stands in, and its first words
    people.py        who authors are
    money.py         what reading has cost today
    keeping.py       the two small files that outlive a new start
    mapping.py       their JSON to our items
    wire.py          the shapes of their JSON, in both of its forms of names
    names.py         the names that we send
    problems.py      what their errors mean
    session.py       tokens, and requests in the account's name
"""
