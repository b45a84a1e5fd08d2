"""Brains: who reads what a caller said into fields."""
