"""A project on disk: its folders, the lock on it, and the credentials."""
