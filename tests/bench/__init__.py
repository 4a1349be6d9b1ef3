"""Benchmarks: each module has `run(long)` and measures what its name says, beside its bare parts.

What a newcomer would get wrong: the numbers of two runs on two machines say nothing about each other.
Everything is a ratio within one run, or an absolute number with what was idle beside it.
"""
