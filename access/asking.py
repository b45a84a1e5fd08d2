"""Requests with a large body are asked twice: whether it may be sent, and when it has come.

The first time there are the head of the request and no body; nobody's proof is in the body but the
token of a form, which is checked the second time.
"""

from __future__ import annotations

from collections.abc import Mapping

# In the WSGI environment, of a request of which only the head has come.
ASKED_FIRST = "callwright.asked_first"


def is_asked_first(environ: Mapping[str, object]) -> bool:
    """Whether nothing is to be done yet but to say who may not."""
    return bool(environ.get(ASKED_FIRST))
