"""What is left of the WOD while coach is away: the real programs, a hundred users, seven faults."""
