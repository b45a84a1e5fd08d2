"""Every verb and what executing it does. Some are only written down: see docs/phone.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from phone.caller import Listening, Speaks
from phone.connected import connect_stream
from phone.dial import dial, enqueue
from phone.execution import CallerHungUp, End, Execution, GoTo, Next
from phone.gather import gather
from phone.leg import new_sid
from phone.relay import connect_relay
from phone.sounds import DEFAULT_LANGUAGE, is_endless, sound
from phone.tape import Report
from phone.transcript import Who
from phone.twiml import Node

Verb = Callable[[Execution, Node], Next]

# Verbs that leave a ringing call ringing: a first <Pause> was seen not to answer (vendor's own
# samples), <Reject> refuses instead (twilio.com/docs/voice/twiml/reject).
UNANSWERING = frozenset({"Pause", "Reject", "Redirect"})


def answers(node: Node) -> bool:
    """Executing the verb takes an inbound call off the hook."""
    if node.name == "Dial":
        return not node.says("answerOnBridge", default=False)
    return node.name not in UNANSWERING


def _sound(call: Execution, node: Node) -> Next:
    call.clock.play(sound(call, node))
    if is_endless(node):
        call.note(Who.EVENT, f"<{node.name} loop='0'> never ends; the caller gives up")
        raise CallerHungUp
    return None


def _redirect(call: Execution, node: Node) -> Next:
    return GoTo(call.resolve(node.text), {}, node.get("method", "POST"))


def _hang_up(call: Execution, node: Node) -> Next:
    return End()


def _reject(call: Execution, node: Node) -> Next:
    if call.is_answered:
        call.note(Who.EVENT, "<Reject> in an answered call only hangs up")
        return End()
    return End("busy" if node.get("reason") == "busy" else "no-answer")


def _record(call: Execution, node: Node) -> Next:
    """The caller's message, without its sound. Without an action the document is asked again,
    as the carrier does."""
    listening = Listening(
        speech=True,
        keys=True,
        language=DEFAULT_LANGUAGE,
        hints=(),
        timeout_s=node.number("timeout", 5),
        prompt_s=0,
    )
    call.note(Who.EVENT, "records the caller")
    move = call.listen(listening)
    if not isinstance(move, Speaks):
        call.clock.advance(listening.timeout_s)
        return None
    length_s = max(1, round(len(move.text) / 14))
    call.clock.advance(length_s)
    sid = new_sid("RE")
    form = {
        "RecordingSid": sid,
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{call.leg.account}"
        f"/Recordings/{sid}",
        "RecordingDuration": str(length_s),
        "Digits": "#",
    }
    return GoTo(call.resolve(node.get("action")), form, node.get("method", "POST"))


def _connect(call: Execution, node: Node) -> Next:
    (noun,) = node.children
    connect = _NOUNS.get(noun.name)
    if connect is not None:
        return connect(call, node, noun)
    call.note(Who.EVENT, f"connects <{noun.name}> {noun.get('url')} (recorded only)")
    return call.follow(node, {})


def _start(call: Execution, node: Node) -> Next:
    for noun in node.children:
        if noun.name == "Recording":
            call.start_recording(
                Report(
                    noun.get("recordingStatusCallback"),
                    tuple(noun.get("recordingStatusCallbackEvent", "completed").split()),
                    noun.get("recordingStatusCallbackMethod", "POST"),
                )
            )
        else:
            call.note(Who.EVENT, f"<Start> <{noun.name}> (recorded only)")
    return None


def _written_down(call: Execution, node: Node) -> Next:
    nouns = ", ".join(f"<{noun.name}>" for noun in node.children)
    call.note(Who.EVENT, f"<{node.name}> {nouns} (recorded only)".replace("  ", " "))
    return None


_NOUNS: Mapping[str, Callable[[Execution, Node, Node], Next]] = {
    "Stream": connect_stream,
    "ConversationRelay": connect_relay,
}

VERBS: Mapping[str, Verb] = {
    "Say": _sound,
    "Play": _sound,
    "Pause": _sound,
    "Gather": gather,
    "Redirect": _redirect,
    "Hangup": _hang_up,
    "Reject": _reject,
    "Dial": dial,
    "Enqueue": enqueue,
    "Record": _record,
    "Connect": _connect,
    "Start": _start,
}


def execute(call: Execution, node: Node) -> Next:
    """Carry out one verb; where the call goes from there."""
    return VERBS.get(node.name, _written_down)(call, node)
