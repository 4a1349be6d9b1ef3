"""LinkedIn (Community Management API): comments, replies and mentions of one organisation page.

What a newcomer would get wrong: the day has few calls, 100 for one person in the first tier. So one list of
notifications tells what happened anywhere, and everything else is asked for only when it named it.

    connector.py     one account: signs in, streams, acts, looks
    signing.py       the walk through the browser, and the choice of the page
    session.py       the tokens, the version of the interface, and requests counted against the day
    scopes.py        the permissions that are asked for
    refusals.py      what each refusal means
    urns.py          LinkedIn's names of things, and how they are written in addresses
    roles.py         which page the signed-in person looks after, and in what role
    reading.py       what arrived: notifications, then what they name
    posts.py         the comments below one post, fetched one by one or all at once
    people.py        names of authors, where somebody asked for them
    acting.py        verbs, one request each
    looking.py       whether a verb's effect is in place
    capability.py    what can be done to one item, and why not
    mapping.py       their JSON to our items
    wire.py          the shapes of their JSON
"""
