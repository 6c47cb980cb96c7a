"""Users of the application, and what is promised to them: for Locust and for `make load`."""
