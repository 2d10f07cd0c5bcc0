"""PowerPoint files of a package."""
