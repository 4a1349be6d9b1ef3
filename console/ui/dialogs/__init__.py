"""Sheets of the window, one file each; shown by `Scrim.open`, never by a nested loop."""
