"""What is running: asyncio, no Qt, no SQL."""
