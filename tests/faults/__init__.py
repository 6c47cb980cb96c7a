"""Every fault that the router has to survive, as a table that is tried row by row."""
