"""The course videos: what Vimeo has, how they are downloaded, and their files, names and numbers."""
