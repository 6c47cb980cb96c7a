"""`make soak`: the router under half of its load for long, and whether anything grows."""
