"""`make load`: the application's users on the real programs, at 0 % and at 100 %."""
