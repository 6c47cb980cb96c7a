"""`make compare-pair`: the real pair compared for long, and then with a bug in coach."""
