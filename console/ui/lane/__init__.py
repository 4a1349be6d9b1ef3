"""The lane: the one list in which items are read and worked."""
