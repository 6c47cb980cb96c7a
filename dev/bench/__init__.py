"""`make bench`: the router beside its peers, in one run, on one machine."""
