"""What is said next: the engine and everything it knows, pure."""
