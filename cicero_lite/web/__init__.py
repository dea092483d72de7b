"""Pages in a browser: the replay, one file that needs nothing else; the desk, and the server behind it."""
