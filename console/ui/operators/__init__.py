"""Who sits at this seat, in the window: signing on, locking, and the second person."""
