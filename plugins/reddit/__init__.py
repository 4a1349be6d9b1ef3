"""Reddit: moderates the force's own subreddit; reads its comments, posts, queues, and the account's inbox.

What a newcomer would get wrong: power exists in the force's own subreddit only. The same account is an
ordinary reader everywhere else, where it can answer, report and vote, and nothing more.

    connector.py     one account: signs in, streams, acts, looks, searches
    session.py       the token, its renewal, the headers, and what errors mean
    walking.py       the sign-in that a person is walked through
    rights.py        which rights the account has in the subreddit, and what is missing
    reading.py       what arrived, in rounds over the subreddit's lists
    intake.py        what a list showed: new things, changed words, changed state
    searching.py     posts anywhere on Reddit about a topic
    acting.py        verbs, one request each
    looking.py       whether a verb's effect is in place
    capability.py    what can be done to one item, and why not
    mapping.py       their JSON to our items
    wire.py          the shapes of their JSON
"""
