"""`make chaos`: the router while everything behind it goes wrong, in parts, each with its report."""
