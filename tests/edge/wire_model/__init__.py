"""The wire code as a model: no socket, no clock, and every order of events that there can be."""
