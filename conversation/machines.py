"""When a machine answers: what is left on it, and who is a person after all."""

from __future__ import annotations

import re

from agents.schema import Agent
from conversation.actions import Action, HangUp, HangUpReason, Say
from conversation.events import MachineAnswered
from conversation.questions import spoken
from conversation.stages import Stage
from conversation.state import CallState, Outcome, changed

Step = tuple[CallState, tuple[Action, ...]]

# Nobody answers a question they have not heard in so many words.
MONOLOGUE_WORDS = 12

# What greetings of machines and the announcements of networks say; people hardly ever do.
_GREETINGS = (
    r"voice ?-?mail|mail ?box|answering machine|you know what to do|switched off",
    r"(leave|record) (me |us )?(a|your|the) (short |brief |detailed )?(message|name)",
    r"(after|at) the (tone|beep|signal)|you('ve| have) reached",
    r"(can ?not|can't|(un|not )able to) (come to|answer|take|get to) (the|your|my) (phone|call)",
    r"(get|call) (right )?back to you|call you (right )?back as soon|out of (coverage|service)",
    r"(is|are|am|i'm) (currently |presently )?(not available|unavailable|not reachable)",
    r"(person|number|customer|subscriber|party) you (are calling|(have )?(dialled|dialed|called))",
    r"press (the )?(pound|hash|star|any key)|forwarded to (an? )?(automat|voice)",
    # Leave or record a message, after the beep, the person you are calling, switched off, out of
    # reach; in Hindi, Tamil and Malayalam.
    r"संदेश (छोड़|रिकॉर्ड)|मैसेज छोड़|(बीप|टोन) के बाद|वॉ[इय]स ?मेल|जिस (व्यक्ति|नंबर|ग्राहक)",
    r"स्विच(ड)? ऑफ|उपलब्ध नहीं|पहु[ंँ]च से बाहर",
    r"செய்தியை? (விட்டு|பதிவு)|பீப் (ஒலி|சத்த)|வாய்ஸ் ?மெயில்|நீங்கள் (அழைக்கும்|அழைத்த)",
    r"சுவிட்ச் ஆஃப்|தொடர்பு எல்லைக்கு",
    r"സന്ദേശം (രേഖ|അയ|റെക്കോ|നൽ)|ബീപ്പ്|വോയ്സ് ?മെയിൽ|നിങ്ങൾ (വിളിക്കുന്ന|വിളിച്ച)",
    r"സ്വിച്ച് ഓഫ്|പരിധിക്ക് പുറത്ത",
)
_GREETING = re.compile("|".join(_GREETINGS), re.IGNORECASE)
_KEYS = re.compile(r"\[[0-9*#]+\]")


def machine_answered(agent: Agent, state: CallState, event: MachineAnswered) -> Step:
    """Leave the message, whole, or nothing, and hang up; with a person the call goes on."""
    if is_person(state):
        return state, ()
    if state.history:
        state = changed(state, turn=state.turn + 1)
    else:
        state = changed(state, started_at=event.at)
    state = changed(state, outcome=Outcome.MACHINE, asking=None, pending=None)
    hang_up = HangUp(HangUpReason.MACHINE)
    template = agent.voicemail.get(state.language)
    if not event.leaves_message or template is None:
        return state, (hang_up,)
    say = Say(spoken(agent, state, template), interruptible=False)
    return state.with_line("agent", say.text), (say, hang_up)


def is_person(state: CallState) -> bool:
    """Whether what was said or pressed in the call so far is what only people say and press.

    With an operator on the line there is a person, too.
    """
    if state.stage is Stage.HANDOVER:
        return True
    answers = {slot.heard for slot in state.slots.values() if slot.value is not None}
    return any(
        line.role == "caller" and is_persons(line.text, line.text in answers)
        for line in state.history
    )


def reads_as_greeting(words: str) -> bool:
    """Whether this is how answering machines and networks talk."""
    return _GREETING.search(words) is not None


def is_persons(said: str, is_answer: bool) -> bool:
    """Whether a person said this, or pressed it; `is_answer`: what was asked is in it."""
    if _KEYS.fullmatch(said):
        return True
    if reads_as_greeting(said):
        return False
    return is_answer or len(said.split()) < MONOLOGUE_WORDS
