"""Build sessions: running the parts, resuming, and checking what a build needs."""
