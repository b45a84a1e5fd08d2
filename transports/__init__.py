"""The doors: each turns a wire into events and actions into a wire."""
