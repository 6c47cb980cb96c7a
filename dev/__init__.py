"""What a developer runs: the stack, the demonstration, the locks. Never imported by a service."""
