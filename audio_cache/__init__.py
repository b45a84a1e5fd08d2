"""Spoken clips on disk: what they are called, how they are written, followed, read, forgotten."""
