"""Facebook Pages: reads what the public writes on a Page, hides, deletes, answers, likes and bans.

What a newcomer would get wrong: to reply is to post below a comment, `POST /{comment}/comments`. The same
words sent to the comment itself would *edit* it, so nothing here ever sends `message` to a comment.

    connector.py     one account: signs in, streams, acts, looks
    session.py       the tokens, getting another Page token, who we are
    signing.py       the walk of a person to a Page's token
    rights.py        which rights the sign-in has: empty lists are no proof of peace
    reading.py       what arrived: rounds over our posts, and everything beside them
    comments.py      the comments below one post: new, changed, hidden, gone
    memory.py        what a stream has yielded, so that changes are noticed
    sources.py       visitor posts, tagged posts, reviews, Page messages
    live.py          comments on live videos, as they are written
    acting.py        verbs
    looking.py       whether a verb's effect is in place
    capability.py    what can be done to one item, and why not
    mapping.py       their JSON to our items
    wire.py          the shapes of their JSON
"""
