"""Instagram, professional accounts: reads comments, replies, tags and messages; hides, deletes, answers.

What a newcomer would get wrong: the account is reached through the Facebook Page that it is linked to, with
the Page's token (Meta calls this "Facebook Login"). Its id is not the number in any address of Instagram: a
wrong id gives empty lists and no error, so the id is asked of the Page and never typed.

    connector.py   one account: signs in, streams, acts, looks
    session.py     the Page's token, getting another, and what the sign-in may do
    signing.py     the walk through Facebook's sign-in to the account
    reading.py     what arrived: our posts and whose turn it is, posts that tag us
    comments.py    the comments below one post, replies included, and what has changed
    messages.py    private messages
    acting.py      verbs, one request each
    looking.py     whether a verb's effect is in place
    capability.py  what can be done to one item, and why not
    mapping.py     their JSON to our items
    wire.py        the shapes of their JSON

What Instagram shares with Facebook and Threads is in `plugins/meta`.
"""
