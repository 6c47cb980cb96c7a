"""`make chaos`: everything behind the router goes wrong, in parts, each with its report."""
