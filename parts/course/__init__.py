"""What is known of the course: its curricula and its languages."""
