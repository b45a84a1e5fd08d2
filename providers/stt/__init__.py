"""Recognisers: who turns a live caller's sound into words. One vendor a file or folder."""
