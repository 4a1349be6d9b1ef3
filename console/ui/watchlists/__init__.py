"""The watchlist editor: rules, their fields, and what they would hit, live while somebody types."""
