"""Gemini as a brain, by Google's own library. Importing this imports the library."""

from providers.llm.gemini.client import Gemini as Gemini
