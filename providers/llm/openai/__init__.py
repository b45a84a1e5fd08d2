"""Models behind OpenAI's interface, OpenAI's or others', by OpenAI's own library.

Importing this imports the library.
"""

from providers.llm.openai.client import OpenAI as OpenAI
