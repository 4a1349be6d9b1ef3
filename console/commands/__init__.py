"""The commands, by what they are for; `console/cli.py` joins them."""
