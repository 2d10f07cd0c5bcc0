"""What every script is made of: errors, start and end, console, files, HTTP, workers."""
