"""Deepgram as a recogniser: nova, which transcribes, and Flux, which follows turns as well."""
