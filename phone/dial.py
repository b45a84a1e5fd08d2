"""<Dial> and <Enqueue>: somebody else comes onto the line, or does not.

Sources: twilio.com/docs/voice/twiml/dial (parameters of the action, answerOnBridge, timeout),
…/enqueue (QueueResult). How long ringing and talking take is this phone's own choice; a queue is
answered, full, left or broken as the caller's side says.
"""

from __future__ import annotations

from phone.caller import Dialling, PickUp
from phone.execution import Execution, Next
from phone.leg import Leg, new_sid
from phone.progress import Progress
from phone.transcript import Who
from phone.twiml import Node

RING_S = 4.0  # until somebody answers or is found busy
TALK_S = 30.0  # how long the two then talk

_STATUSES = {
    PickUp.ANSWERED: "completed",
    PickUp.BUSY: "busy",
    PickUp.NO_ANSWER: "no-answer",
    PickUp.FAILED: "failed",
}
_QUEUE_RESULTS = {
    PickUp.ANSWERED: "bridged",
    PickUp.BUSY: "queue-full",
    PickUp.NO_ANSWER: "leave",
    PickUp.FAILED: "system-error",
}


def dial(call: Execution, node: Node) -> Next:
    """Ring whoever the document names and go to its action with what became of it."""
    nouns = node.children or (Node("Number", {}, node.text, ()),)
    kinds = {noun.name for noun in nouns}
    dialling = Dialling(
        kind="/".join(sorted(kinds)),
        target=", ".join(_target(noun) for noun in nouns),
        timeout_s=node.number("timeout", 30),
        caller_id=node.get("callerId", call.leg.from_number),
    )
    legs = [_ring(call, noun, dialling) for noun in nouns]
    result = _outcome(call, dialling)
    talked_s = int(TALK_S) if result is PickUp.ANSWERED else 0
    for index, leg in enumerate(legs):  # the first to answer takes the call
        _end(leg, result if index == 0 or talked_s == 0 else None, talked_s)
    status = "answered" if "Conference" in kinds and talked_s else _STATUSES[result]
    form = {
        "DialCallStatus": status,
        "DialCallSid": legs[0].leg.sid,
        "DialBridged": str(result is PickUp.ANSWERED).lower(),
    }
    if result is PickUp.ANSWERED:
        form["DialCallDuration"] = str(talked_s)
    return call.follow(node, form)


def enqueue(call: Execution, node: Node) -> Next:
    """Put the caller into a queue and go to the action with how they left it."""
    dialling = Dialling("Queue", node.text or node.get("workflowSid"), 30, call.leg.from_number)
    result = _outcome(call, dialling)
    form = {
        "QueueResult": _QUEUE_RESULTS[result],
        "QueueSid": new_sid("QU"),
        "QueueTime": str(int(RING_S)),
    }
    return call.follow(node, form)


def _target(noun: Node) -> str:
    """Who a noun names; its address may stand in a child."""
    inner = next((child.text for child in noun.children if child.text), "")
    return noun.text or inner


def _ring(call: Execution, noun: Node, dialling: Dialling) -> Progress:
    leg = Leg(
        account=call.leg.account,
        from_number=dialling.caller_id,
        to_number=_target(noun),
        direction="outbound-dial",
        parent_sid=call.leg.sid,
    )
    url = noun.get("statusCallback")
    progress = Progress(
        call.courier,
        leg,
        call.resolve(url) if url else "",
        noun.get("statusCallbackEvent", "completed").split(),
        noun.get("statusCallbackMethod", "POST"),
    )
    progress.reach("initiated")
    progress.reach("ringing")
    return progress


def _outcome(call: Execution, dialling: Dialling) -> PickUp:
    result = call.caller.is_put_through(dialling)
    call.note(Who.EVENT, f"dials {dialling.kind} {dialling.target}: {result.value}")
    call.check_interruption()
    ring_s = float(dialling.timeout_s) if result is PickUp.NO_ANSWER else RING_S
    call.clock.advance(ring_s)
    if result is PickUp.ANSWERED:
        if not call.is_answered:  # answerOnBridge: until now the caller heard it ring
            call.answer()
        call.clock.advance(TALK_S)
    return result


def _end(progress: Progress, result: PickUp | None, talked_s: int) -> None:
    if result is PickUp.ANSWERED:
        progress.reach("in-progress")
        progress.leg.duration_s = talked_s
    progress.reach("canceled" if result is None else _STATUSES[result])
