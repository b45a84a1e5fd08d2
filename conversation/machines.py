"""When a machine answers: what is left on it, and who is a person after all."""

from __future__ import annotations

import re

from agents.schema import Agent
from conversation.actions import HangUp, HangUpReason, Say
from conversation.events import MachineAnswered
from conversation.questions import HOLD_TIMEOUT_S, listen, spoken
from conversation.stages import Stage
from conversation.state import CallState, Outcome, changed
from conversation.steps import Step

# Nobody answers a question they have not heard in so many words.
MONOLOGUE_WORDS = 12

# What greetings of machines and the announcements of networks say; people hardly ever do. Each of
# the first is at the heart of one: leave or record a message, after the beep, the person you are
# calling; in English, Hindi, Tamil and Malayalam.
_CORES = (
    r"(leave|record) (me |us )?(a|your|the) (short |brief |detailed )?(message|name)",
    r"(after|at) the (tone|beep|signal)",
    r"you('ve| have) reached",
    r"(person|number|customer|subscriber|party) you (are calling|(have )?(dialled|dialed|called))",
    r"संदेश (छोड़|रिकॉर्ड)|मैसेज छोड़",
    r"(बीप|टोन) के बाद",
    r"जिस (व्यक्ति|नंबर|ग्राहक)",
    r"செய்தியை? (விட்டு|பதிவு)",
    r"பீப் (ஒலி|சத்த)",
    r"நீங்கள் (அழைக்கும்|அழைத்த)",
    r"സന്ദേശം (രേഖ|അയ|റെക്കോ|നൽ)",
    r"ബീപ്പ്",
    r"നിങ്ങൾ (വിളിക്കുന്ന|വിളിച്ച)",
)
# Voice mail, cannot come to the phone, switched off, out of reach.
_OTHERS = (
    r"voice ?-?mail|mail ?box|answering machine|you know what to do",
    r"switched off|out of (coverage|service)|not reachable",
    r"(can ?not|can't|(un|not )able to) (come to|answer|take|get to) (the|your|my) (phone|call)",
    r"(get|call) (right )?back to you|call you (right )?back as soon",
    r"(is|are|am|i'm) (currently |presently )?(not available|unavailable)",
    r"press (the )?(pound|hash|star|any key)|forwarded to (an? )?(automat|voice)",
    r"वॉ[इय]स ?मेल",
    r"स्विच(ड)? ऑफ|उपलब्ध नहीं|पहु[ंँ]च से बाहर",
    r"வாய்ஸ் ?மெயில்",
    r"சுவிட்ச் ஆஃப்|தொடர்பு எல்லைக்கு",
    r"വോയ്സ് ?മെയിൽ",
    r"സ്വിച്ച് ഓഫ്|പരിധിക്ക് പുറത്ത",
)
# What no machine says: it asks, or is somebody.
_SOMEBODY = re.compile(
    r"\?|wrong (number|person)|this is (her|his|their)\b|(can|may) i help"
    r"|who('s| is) (calling|this|speaking|there)|would you like"
    r"|do you want|(i am|i'm|this is|yes) (\w+ )?speaking|i('m| am) (her|his|their|the)\b|whatsapp"
    r"|बोल रह|பேசுகிற|பேசற|പറയുന്നത്|സംസാരിക്കു",
    re.IGNORECASE,
)
_BEEP = re.compile(r"(after|at) the (tone|beep)|(बीप|टोन) के बाद|பீப் (ஒலி|சத்த)|ബീപ്പ്", re.IGNORECASE)
_CORE = [re.compile(one, re.IGNORECASE) for one in _CORES]
_OTHER = [re.compile(one, re.IGNORECASE) for one in _OTHERS]
_GREETING = re.compile("|".join((*_CORES, *_OTHERS)), re.IGNORECASE)
_KEYS = re.compile(r"\[[0-9*#]+\]")


def machine_answered(agent: Agent, state: CallState, event: MachineAnswered) -> Step:
    """Leave the message, whole, or nothing, and hang up; with a person the call goes on."""
    if is_person(state):
        return state, ()
    if state.history:
        state = changed(state, turn=state.turn + 1)
    else:
        state = changed(state, started_at=event.at)
    state, hang_up = _hung_up(state)
    template = agent.voicemail.get(state.language)
    if not event.leaves_message or template is None:
        return state, hang_up
    say = Say(spoken(agent, state, template), interruptible=False)
    return state.with_line("agent", say.text), (say, *hang_up)


def greets_as_machine(state: CallState, said: str) -> bool:
    """Whether a machine has answered a call of ours, by its greeting alone: the heart of one, and
    something else that they say. Whoever is a person already may say so, too."""
    if not state.is_outbound or not reads_as_greeting(said) or is_person(state):
        return False
    if _SOMEBODY.search(said) and not _BEEP.search(said):
        return False
    cores = sum(one.search(said) is not None for one in _CORE)
    others = sum(one.search(said) is not None for one in _OTHER)
    return cores > 0 and cores + others > 1


def greeted_by_machine(agent: Agent, state: CallState) -> Step:
    """Hang up on a machine that nobody else has noticed: when it records is not known. Where a
    message is to be left the carrier says so, and nothing is said to the greeting meanwhile."""
    if state.leaves_message and state.language in agent.voicemail:
        return state, (listen(agent, state, HOLD_TIMEOUT_S),)
    return _hung_up(state)


def falls_silent(state: CallState) -> Step | None:
    """What follows when nothing is heard after a greeting, and the carrier has not said that a
    machine records: it never will. None when a person was listened to."""
    last = state.history[-1] if state.history else None
    was_greeting = last is not None and last.role == "caller" and reads_as_greeting(last.text)
    return _hung_up(state) if state.leaves_message and was_greeting else None


def _hung_up(state: CallState) -> Step:
    state = changed(state, outcome=Outcome.MACHINE, asking=None, pending=None)
    return state, (HangUp(HangUpReason.MACHINE),)


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
