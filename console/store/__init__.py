"""The cache, the queue and the record on disk: the only place, beside the desk, where SQL is written."""
