"""Real clients through the router to real upstreams, all installed by `make test-clients`."""
