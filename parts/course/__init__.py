"""What is known about the course: its curricula, its languages, and what its site says."""
