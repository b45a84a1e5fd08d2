"""A live conversation written down with its times, led through turn taking as a door leads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agents.schema import ChoiceSpec, FieldSpec
from conversation.turn_taking import (
    Cut,
    Decision,
    Expected,
    KeysEnd,
    Manner,
    MayEnd,
    NoAnswer,
    Resume,
    TurnEnds,
    TurnTaking,
    Words,
)

Happening = Callable[[TurnTaking, float], list[Decision]]


def field(kind: str, **options: object) -> FieldSpec:
    """A field of a kind, in English."""
    whole = {"name": "asked", "kind": kind, "ask": {"en-IN": "And which is it?"}} | options
    return FieldSpec.model_validate(whole)


def asks(spec: FieldSpec | None, question: str = "And which is it?", **options: object) -> Expected:
    """What is awaited after the question."""
    return replace(Expected("en-IN", question, spec, keys_most=None), **options)  # type: ignore[arg-type]


YES_NO = asks(field("yes_no"), "Shall it be wrapped?", keys_most=1)
CHOICE = asks(
    field(
        "choice",
        choices=[
            ChoiceSpec(value="chicken"),
            ChoiceSpec(value="chicken tikka"),
            ChoiceSpec(value="paneer"),
        ],
    ),
    "Which pizza would you like?",
    keys_most=1,
)
PHONE = asks(field("phone", region="IN"), "What is your number?")
EMAIL = asks(field("email"), "What is your e-mail address?")
MONEY = asks(field("money", currency="INR"), "What do you charge for this route?")
ADDRESS = asks(field("address"), "Where shall we deliver it?")
NAME = asks(field("name"), "What is your name?")
TIMES = asks(field("time_range"), "Between what times can you deliver?")


def says(text: str, heard: str | None = None) -> Happening:
    """Words that are final, said when so much of the answer had been played."""
    return lambda taking, at: taking.hears(Words(text, True, 0.9), at, heard)


def mumbles(text: str, heard: str | None = None) -> Happening:
    """Words as they are understood for now."""
    return lambda taking, at: taking.hears(Words(text, False), at, heard)


def tells(event: object) -> Happening:
    """Anything else a recogniser tells."""
    return lambda taking, at: taking.hears(event, at)  # type: ignore[arg-type]


def presses(digit: str) -> Happening:
    """A key."""
    return lambda taking, at: taking.key(digit, at)


def played(taking: TurnTaking, at: float) -> list[Decision]:
    """The answer was played to its end."""
    return taking.played(at)


def answers(expected: Expected | None, said: str = "") -> Happening:
    """The next answer is there."""
    return lambda taking, at: taking.answer(expected, at, said)


def plays(interruptible: bool) -> Happening:
    """A part of the answer begins."""
    return lambda taking, at: taking.plays(interruptible, at)


def talk(
    expected: Expected | None,
    *happenings: tuple[float, Happening],
    manner: Manner = Manner(),  # noqa: B008
    ends_turns: bool = False,
    until: float = 40.0,
) -> list[tuple[float, Decision]]:
    """What is decided, and when, to an answer that begins at 0 and to what happens after it.

    The clock is read as a door does: `tick` is called when it is due, and late by nothing.
    """
    taking = TurnTaking(manner, ends_turns)
    decided: list[tuple[float, Decision]] = [(0.0, one) for one in taking.answer(expected, 0.0)]
    for at, happening in (*happenings, (until, lambda taking, at: taking.tick(at))):
        while taking.due_at is not None and taking.due_at < at:
            due_at = taking.due_at
            decided += [(round(due_at, 3), one) for one in taking.tick(due_at)]
            assert taking.due_at is None or taking.due_at > due_at
        decided += [(at, one) for one in happening(taking, at)]
    return decided


def ends(
    expected: Expected | None, *happenings: tuple[float, Happening], **options: object
) -> list[tuple[float, str]]:
    """The turns that end, and when: their words, their keys, "" for a silence."""
    told = talk(expected, *happenings, **options)  # type: ignore[arg-type]
    turns: list[tuple[float, str]] = []
    for at, one in told:
        match one:
            case TurnEnds(text=text):
                turns.append((at, text))
            case KeysEnd(digits=digits):
                turns.append((at, digits))
            case NoAnswer():
                turns.append((at, ""))
    return turns


def stops(
    expected: Expected | None, *happenings: tuple[float, Happening], **options: object
) -> list[tuple[float, str]]:
    """When the agent falls silent and when it goes on."""
    told = talk(expected, *happenings, **options)  # type: ignore[arg-type]
    names = {Cut: "cut", Resume: "resume"}
    return [(at, names[type(one)]) for at, one in told if type(one) in names]


def foretold(
    expected: Expected | None, *happenings: tuple[float, Happening], **options: object
) -> list[MayEnd]:
    """What is worth reading ahead of time."""
    told = talk(expected, *happenings, **options)  # type: ignore[arg-type]
    return [one for _, one in told if isinstance(one, MayEnd)]
