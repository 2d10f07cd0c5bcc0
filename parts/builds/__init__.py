"""Build sessions: running the parts, resuming, and checking beforehand."""
