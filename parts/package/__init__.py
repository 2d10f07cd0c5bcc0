"""The numbered package: planned, compared, published whole, and the page to look through it."""
