"""What every script uses: errors, start and end, console, prompts, files, HTTP, retries, threads."""
