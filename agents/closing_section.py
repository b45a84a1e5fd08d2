"""What goes out beside the talk: `voicemail:` for machines, and `messages:` when a call is over."""

from __future__ import annotations

from agents.problems import KeyPath
from agents.schema import MESSAGE_LENGTH
from agents.texts import Texts
from agents.validation import not_a
from conversation.state import Outcome

OUTCOMES = tuple(str(outcome) for outcome in Outcome)


def read_voicemail(raw: object, texts: Texts) -> dict[str, str]:
    """What is left on an answering machine, in every language."""
    return texts.read(raw, ("voicemail",), texts.names.always)


def read_messages(raw: object, texts: Texts) -> dict[str, dict[str, str]]:
    """The text of each outcome that has one. Fields without a value read "not given"."""
    if not isinstance(raw, dict):
        not_a(raw, "a mapping", ("messages",), texts.findings)
        return {}
    messages: dict[str, dict[str, str]] = {}
    allowed = texts.names.always | set(texts.names.fields)
    for outcome, text in raw.items():
        path: KeyPath = ("messages", outcome)
        if outcome not in OUTCOMES:
            texts.findings.unknown(path, OUTCOMES, "outcome")
        elif outcome == Outcome.OPTED_OUT:
            wrong = "whoever opts out gets no messages"
            texts.findings.add(path, wrong, "remove it; say.opted_out is what they hear")
        else:
            messages[outcome] = texts.read(text, path, allowed)
            for language, written in messages[outcome].items():
                if len(written) > MESSAGE_LENGTH:
                    wrong = f"is longer than {MESSAGE_LENGTH} characters"
                    texts.findings.add((*path, language), wrong, "shorten it")
    return messages
