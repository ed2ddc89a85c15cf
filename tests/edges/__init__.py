"""What happens at the edges: our own acts, what stands between, endings that nobody planned."""
