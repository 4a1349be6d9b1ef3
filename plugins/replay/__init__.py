"""Replay: plays a shipped exercise, or a file of items, as if it were a network.

What a newcomer would get wrong: acts change a simulated state only, but that state survives restarts like
a real network's, so the console's whole path (evidence, queue, looking again) is exercised for real.

    connector.py     one account: opens the recording, streams, acts, looks
    scenario.py      an exercise's own table: its accounts, and what each of its networks allows
    reading.py       a file's rows, one at a time, however broken some of them are
    mapping.py       one row to one item, with times.py and languages.py
    playing.py       when each row is due
    journal.py       what acts have changed, kept in a file that only grows
    capability.py    what can be done to one item, and why not
"""
