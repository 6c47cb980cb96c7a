"""The bench: what it counts, what it says of it, and that it notices wrong answers."""
