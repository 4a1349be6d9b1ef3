"""TikTok (Accounts API): reads, hides, likes and answers comments on the force's own videos.

What a newcomer would get wrong: TikTok answers every failure with HTTP status 200 and says in the field
`code` what went wrong. Nothing here may look at the status first.

    connector.py     one account: signs in, streams, acts, looks
    signing.py       the walk through the browser, with a code that a person pastes
    session.py       the access token of a day, the refresh token of a year, and requests in their name
    codes.py         what each `code` means
    reading.py       what arrived: the counts of all videos, then the comments where a count has moved
    videos.py        the list of our own videos, and what is remembered of each
    comments.py      the comments of one video: read, compare with what is known, say what changed
    acting.py        verbs, one request each
    looking.py       whether a verb's effect is in place
    capability.py    what can be done to one item, and why not
    mapping.py       their JSON to our items
    wire.py          the shapes of their JSON
"""
