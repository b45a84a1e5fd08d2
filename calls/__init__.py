"""What happens to a call: where engine, brains and storage meet."""
