"""The breaker and the budget against days of traffic, in seconds: `make simulate`."""
