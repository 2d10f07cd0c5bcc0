"""The course videos: what Vimeo has, one whole download, files and their numbers."""
