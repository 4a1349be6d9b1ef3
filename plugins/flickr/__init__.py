"""Flickr: reads comments on the account's own photos, answers them, and deletes its own.

What a newcomer would get wrong: Flickr has no hiding. Whoever wants something away from a photo can only
delete it, which has no way back, and whether the interface lets a photo's owner delete what others wrote
is not documented; so that is off until a person turns it on.

    connector.py     one account: signs in, streams, acts, looks
    session.py       the two tokens, signed requests, and what errors mean
    walking.py       the sign-in that a person is walked through (OAuth 1.0a)
    reading.py       what arrived: photos that changed, and the comments below them
    intake.py        what a photo's comments showed: new ones, other words, missing ones
    acting.py        verbs, one request each
    looking.py       whether a verb's effect is in place
    capability.py    what can be done to one item, and why not
    mapping.py       their JSON to our items
    wire.py          the shapes of their JSON
"""
