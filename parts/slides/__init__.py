"""The pictures of the slides: browsers, the presenter in them, capture, and what is kept of it."""
