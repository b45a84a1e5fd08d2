"""What the page of the browser phone may send, read once and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from calls.outages import Outage, Part
from phone.caller import PickUp
from phone.webhook import Mishap

MESSAGE_MOST_BYTES = 16 * 1024
TEXT_MOST = 1000  # characters of one utterance
KEYS_MOST = 40
VARIABLES_MOST, VARIABLE_MOST = 50, 500

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_KEYS = re.compile(rf"[0-9*#]{{1,{KEYS_MOST}}}")


class WrongMessage(ValueError):
    """Nothing that our page sends; says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Begin a call."""

    agent: str
    number: str  # E.164, of the person
    outgoing: bool = False  # the server rings the person
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PicksUp:
    """The person's phone has been ringing."""

    result: PickUp


@dataclass(frozen=True, slots=True)
class Says:
    """Words, in answer to what `listening` numbers. `after_s` as `phone.caller.Speaks`."""

    listening: int
    text: str
    after_s: float | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Hears:
    """Words of an utterance that is not finished."""

    listening: int
    text: str


@dataclass(frozen=True, slots=True)
class PressesKeys:
    """Keys, in answer."""

    listening: int
    keys: str
    after_s: float | None


@dataclass(frozen=True, slots=True)
class IsSilent:
    """No answer."""

    listening: int


@dataclass(frozen=True, slots=True)
class IsBusy:
    """The person is about to answer: nobody counts the seconds."""

    listening: int


@dataclass(frozen=True, slots=True)
class Played:
    """The sound of that number has been heard to its end, and all before it."""

    sound: int


@dataclass(frozen=True, slots=True)
class PutsThrough:
    """What becomes of somebody else who is rung."""

    result: PickUp


@dataclass(frozen=True, slots=True)
class Orders:
    """Something is to go wrong with the next webhook."""

    mishap: Mishap


@dataclass(frozen=True, slots=True)
class Breaks:
    """Something at our vendors is to be broken, or whole again when there is no outage."""

    part: Part
    outage: Outage | None


@dataclass(frozen=True, slots=True)
class HungUp:
    """The end, from the person's side."""


Message = (
    Ring
    | PicksUp
    | Says
    | Hears
    | PressesKeys
    | IsSilent
    | IsBusy
    | Played
    | PutsThrough
    | Orders
    | Breaks
    | HungUp
)


def read_message(frame: str) -> Message:
    """The message in a text frame. WrongMessage when it is none of ours."""
    if len(frame.encode("utf-8", "replace")) > MESSAGE_MOST_BYTES:
        raise WrongMessage(f"a message has at most {MESSAGE_MOST_BYTES} bytes")
    try:
        body = orjson.loads(frame)
    except orjson.JSONDecodeError:
        raise WrongMessage("a message is a JSON object") from None
    if not isinstance(body, dict):
        raise WrongMessage("a message is a JSON object")
    read = _READERS.get(str(body.get("type")))
    if read is None:
        raise WrongMessage(f"a message has as type one of {', '.join(_READERS)}")
    return read(body)


Body = Mapping[str, Any]


def _ring(body: Body) -> Ring:
    number = _text(body, "number", 20)
    if not _NUMBER.fullmatch(number):
        raise WrongMessage("Write your number with + and the country, such as +919812345678.")
    return Ring(_text(body, "agent", 40), number, body.get("outgoing") is True, _variables(body))


def _variables(body: Body) -> Mapping[str, str]:
    given = body.get("variables", {})
    if not isinstance(given, dict) or len(given) > VARIABLES_MOST:
        raise WrongMessage(f"variables are an object of at most {VARIABLES_MOST} texts")
    for name, value in given.items():
        if not _NAME.fullmatch(name) or not isinstance(value, str) or len(value) > VARIABLE_MOST:
            raise WrongMessage(f"variables are names and texts of at most {VARIABLE_MOST} letters")
    return {name: value for name, value in given.items() if value.strip()}


def _says(body: Body) -> Says:
    return Says(
        _whole(body, "listening"),
        _text(body, "text", TEXT_MOST),
        _seconds(body),
        _share(body.get("confidence", 0.9)),
    )


def _keys(body: Body) -> PressesKeys:
    keys = _text(body, "keys", KEYS_MOST)
    if not _KEYS.fullmatch(keys):
        raise WrongMessage("keys are 0-9, * and #")
    return PressesKeys(_whole(body, "listening"), keys, _seconds(body))


def _breaks(body: Body) -> Breaks:
    written = body.get("outage")
    try:
        part = Part(str(body.get("part")))
        outage = None if written is None else Outage(str(written))
    except ValueError:
        raise WrongMessage("there is no such part or outage") from None
    if part is Part.VOICE and outage is Outage.SLOW:
        raise WrongMessage("a voice can only be down")
    return Breaks(part, outage)


_READERS: Mapping[str, Callable[[Body], Message]] = {
    "ring": _ring,
    "pick-up": lambda body: PicksUp(_result(body)),
    "says": _says,
    "hears": lambda body: Hears(_whole(body, "listening"), _text(body, "text", TEXT_MOST)),
    "keys": _keys,
    "silent": lambda body: IsSilent(_whole(body, "listening")),
    "busy": lambda body: IsBusy(_whole(body, "listening")),
    "played": lambda body: Played(_whole(body, "sound")),
    "put-through": lambda body: PutsThrough(_result(body)),
    "mishap": lambda body: Orders(_mishap(body)),
    "break": _breaks,
    "hang-up": lambda body: HungUp(),
}


def _text(body: Body, name: str, most: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise WrongMessage(f"{name} is a text of at most {most} characters")
    return value.strip()


def _whole(body: Body, name: str) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1_000_000:
        raise WrongMessage(f"{name} is a whole number")
    return value


def _seconds(body: Body) -> float | None:
    value = body.get("after_s")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 3600:
        raise WrongMessage("after_s is a number of seconds")
    return float(value)


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise WrongMessage("confidence is a number from 0 to 1")
    return float(value)


def _result(body: Body) -> PickUp:
    try:
        return PickUp(str(body.get("result")))
    except ValueError:
        raise WrongMessage(f"result is one of {', '.join(PickUp)}") from None


def _mishap(body: Body) -> Mishap:
    try:
        return Mishap(str(body.get("mishap")))
    except ValueError:
        raise WrongMessage(f"mishap is one of {', '.join(Mishap)}") from None
