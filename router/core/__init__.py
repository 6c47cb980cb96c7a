"""What is decided, and why: pure code on the standard library, where time is an argument."""
