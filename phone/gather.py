"""<Gather>: plays its nested verbs, listens, and posts what it heard.

Source: twilio.com/docs/voice/twiml/gather. Seen in published requests: `msg=Gather End` with
`Digits` and an empty `FinishedOnKey`. General knowledge: keys beyond `numDigits` are lost, what is
said before a prompt that cannot be interrupted has ended is not heard, and an empty result that is
posted all the same carries an empty `Digits`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from phone.caller import Listening, Move, Presses, Speaks
from phone.clock import speech_s
from phone.execution import Execution, GoTo, Next
from phone.faults import WebhookFault
from phone.sounds import sound
from phone.transcript import Who
from phone.twiml import Node

AUTO_END_S = 1.0  # the pause that ends speech with speechTimeout="auto"


@dataclass(frozen=True, slots=True)
class Keys:
    """What the keys of a caller came to."""

    digits: str
    finished_on: str  # "" when time or number ended it
    lost: str  # pressed after the end
    waited_s: float


def gather(call: Execution, node: Node) -> Next:
    """Play, listen, and go to the action, or on to the next verb when nothing was heard."""
    prompt_s = sum(sound(call, child) for child in node.children)
    kinds = node.get("input", "dtmf").split()
    partials = Partials(call, node)
    listening = Listening(
        speech="speech" in kinds,
        keys="dtmf" in kinds,
        language=node.get("language", "en-US"),
        hints=tuple(hint.strip() for hint in node.get("hints").split(",") if hint.strip()),
        timeout_s=node.number("timeout", 5),
        prompt_s=prompt_s,
        speech_timeout=_speech_timeout(node),
        barge_in=node.says("bargeIn", default=True),
        keys_most=node.number("numDigits", 0),
        keys_end=node.get("finishOnKey", "#"),
        tells=partials.post if node.get("partialResultCallback") else None,
    )
    move = call.listen(listening)
    heard = _is_heard(call, listening, move)
    started_s = getattr(move, "after_s", None)
    call.clock.advance(min(started_s, prompt_s) if heard and started_s is not None else prompt_s)
    form: dict[str, str] = {}
    began_at = call.clock.now()
    if heard and isinstance(move, Presses):
        form = _keys_form(call, node, move)
        call.tapes.caller_acts(began_at, f"#{move.keys}", "")
    elif heard and isinstance(move, Speaks):
        form = _speech_form(call, partials, move, listening)
        call.tapes.caller_acts(_spoken_from(call, began_at, move), move.text, listening.language)
    if not form:
        call.clock.advance(listening.timeout_s)
        if not node.says("actionOnEmptyResult", default=False):
            return None
        form = {"msg": "Gather End", "Digits": ""}
    call.check_interruption()
    return GoTo(call.resolve(node.get("action")), form, node.get("method", "POST"))


def press(keys: str, gap_s: float, node: Node) -> Keys:
    """What `keys`, pressed `gap_s` apart, come to under the attributes of `node`."""
    finish = node.get("finishOnKey", "#")
    most = node.number("numDigits", 0)
    timeout_s = node.number("timeout", 5)
    digits = ""
    for index, key in enumerate(keys):
        if index and gap_s >= timeout_s:
            return Keys(digits, "", keys[index:], timeout_s)
        if key in finish:
            return Keys(digits, key, keys[index + 1 :], index * gap_s)
        digits += key
        if most and len(digits) == most:
            return Keys(digits, "", keys[index + 1 :], index * gap_s)
    return Keys(digits, "", "", len(keys) * gap_s + timeout_s)


def _is_heard(call: Execution, listening: Listening, move: Move) -> bool:
    match move:
        case Speaks():
            if not listening.speech:
                call.note(Who.EVENT, "the agent does not listen to speech here")
                return False
        case Presses():
            if not listening.keys:
                call.note(Who.EVENT, "the agent does not listen to keys here")
                return False
        case _:
            return False
    early = move.after_s is not None and move.after_s < listening.prompt_s
    if early and not listening.barge_in:
        call.note(Who.EVENT, "the agent cannot be interrupted here")
        return False
    return True


def _keys_form(call: Execution, node: Node, move: Presses) -> dict[str, str]:
    keys = press(move.keys, move.gap_s, node)
    call.clock.advance(keys.waited_s)
    if keys.lost:
        call.note(Who.EVENT, f"keys after the end are lost: {keys.lost}")
    if not keys.digits:
        return {}
    return {"msg": "Gather End", "Digits": keys.digits, "FinishedOnKey": keys.finished_on}


def _speech_form(
    call: Execution, partials: Partials, move: Speaks, listening: Listening
) -> dict[str, str]:
    if not move.text.strip():
        return {}
    partials.rest_of(move)
    ends_after = listening.speech_timeout
    call.clock.advance(AUTO_END_S if ends_after == "auto" else float(ends_after))
    return {
        "SpeechResult": move.text,
        "Confidence": str(move.confidence),
        "Language": listening.language,
    }


def _spoken_from(call: Execution, began_at: datetime, move: Speaks) -> datetime:
    """When the caller began to speak: a real one has spoken already when we hear of it."""
    length = timedelta(seconds=speech_s(move.text))
    is_past = call.clock.now() - began_at < length / 2
    return began_at - length if is_past else began_at


def _speech_timeout(node: Node) -> str:
    return node.get("speechTimeout", node.get("timeout", "5"))


class Partials:
    """What is heard while the caller talks; the carrier ignores the answers."""

    def __init__(self, call: Execution, node: Node) -> None:
        self._call = call
        self._node = node
        self._number = 0

    def post(self, text: str) -> None:
        """Tell the agent what is heard so far."""
        call, node = self._call, self._node
        form = call.leg.form() | {
            "UnstableSpeechResult": text,
            "StableSpeechResult": "",
            "Stability": "0.5",
            "SequenceNumber": str(self._number),
            "Language": node.get("language", "en-US"),
        }
        self._number += 1
        url = call.resolve(node.get("partialResultCallback"))
        try:
            call.courier.send(url, form, node.get("partialResultCallbackMethod", "POST"))
        except WebhookFault as fault:
            call.note(Who.FAULT, str(fault))

    def rest_of(self, move: Speaks) -> None:
        """Tell the pieces of what was said, unless they were told while it was being said.

        Recognisers send their last guess once more while they wait for the caller to go on.
        """
        so_far: list[str] = []
        for piece in move.pieces:
            self._call.clock.advance(len(piece) / 14)
            so_far.append(f"{so_far[-1]} {piece}" if so_far else piece)
        if self._number or not self._node.get("partialResultCallback"):
            return
        for text in (*so_far, so_far[-1]):
            self.post(text)
