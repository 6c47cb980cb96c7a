"""The same exchanges directly and through the router: what differs is a list, and nothing else."""
