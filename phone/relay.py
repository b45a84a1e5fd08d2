"""<ConversationRelay>: hears and speaks for the app, which is told words over a socket."""

from __future__ import annotations

from phone.execution import Execution, Next
from phone.twiml import Node


def connect(call: Execution, verb: Node, noun: Node) -> Next:
    """Hold the conversation at the socket of `noun`; then go to the action of `verb`.

    The next verb when it has none. The session's SessionId, SessionStatus, SessionDuration and,
    when the app ended it, HandoffData go with it.
    """
    raise NotImplementedError
