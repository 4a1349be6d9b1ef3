"""What Meta's networks (Facebook, Instagram, Threads) have in common: the manners of the Graph interface.

No connector lives here: there is no manifest, and nothing here knows an item, a verb or a Page's rights.
A connector of Meta's makes one `Graph` for each account and gives it a token.

What a newcomer would get wrong: the status of an answer says next to nothing. Nearly every refusal is 400,
some come under 200, and only `code`, `error_subcode` and `is_transient` tell a dead token from a missing
right, a ceiling or a post that is gone.

    errors.py    what an error object means to the console
    usage.py     how much of the allowance is used, from three headers
    graph.py     one account's requests: token, allowance, lists page by page, yes-or-no answers
    batch.py     many requests in one
    tokens.py    long-lived tokens, and what the network itself says about a token
    login.py     the walk through Facebook's sign-in to a Page; Instagram's accounts hang on Pages too
    times.py     the network's times
    streams.py   where a stream of posts has got to
    memory.py    what a stream has handed over, and what is really gone
    entries.py   what stands in lists, and what could not be read of it
"""
