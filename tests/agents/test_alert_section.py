"""`alert:`, `voicemail:` and `messages:`: what they take, and what is said when they cannot be."""

from __future__ import annotations

import pytest

from agents.loader import AgentFileError, read_text
from agents.schema import AlertDoes

HEAD = """\
agent: parcel
name: Parcels
goal: Tell that a parcel comes.
languages: [en-IN]
variables: {day: today}
say: {goodbye: "Goodbye."}
"""
ALERT = 'alert: {say: "It comes {day}."}\n'


def mistakes(text: str) -> list[str]:
    with pytest.raises(AgentFileError) as caught:
        read_text(text.encode())
    lines = (line.strip() for line in str(caught.value).splitlines()[1:])
    return [line.removeprefix("agent.yaml:").partition(": ")[2] for line in lines]


def test_an_alert_without_keys_needs_a_sentence_and_a_goodbye() -> None:
    agent = read_text((HEAD + ALERT).encode())
    assert agent.alert is not None
    assert (agent.fields, agent.alert.keys, agent.alert.times) == ((), (), 2)
    assert agent.models == ("rules",)


def test_the_answer_is_a_field_like_any_other() -> None:
    keys = 'alert: {say: "It comes.", ask: "1 or 2?", keys: {"1": {value: in, words: [yes]}, '
    keys += '"2": {value: out}, "9": {does: opt_out}}}\n'
    keys += 'messages: {completed: "You said {answer}."}\n'
    agent = read_text((HEAD.replace("say: {", 'say: {thanks: "Thanks.", ') + keys).encode())
    assert [choice.value for choice in agent.field("answer").choices] == ["in", "out"]
    assert agent.field("answer").choices[0].synonyms == {"en-IN": ["yes"]}
    assert agent.alert is not None
    assert agent.alert.keys[2].does is AlertDoes.OPT_OUT
    assert agent.messages == {"completed": {"en-IN": "You said {answer}."}}


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("alert: now\n", "alert: is text, not a mapping; write `key: value` lines under it"),
        ("alert: {}\n", "alert.say: is missing; add what the agent says"),
        ('alert: {say: "It comes {when}."}\n', "alert.say: there is nothing called {when}"),
        ('alert: {say: "So.", times: 9}\n', "alert.times: 9 is too large; write 5 or less"),
        ('alert: {say: "So.", keys: {}, tune: 1}\n', "alert.tune: there is no key tune"),
        (
            'alert: {say: "So.", keys: {"1": {value: a, say: "Bye."}}}\n',
            "alert.ask: is missing, so nobody knows of the keys; say which key does what",
        ),
        (
            'alert: {say: "So.", ask: "Press.", keys: [1]}\n',
            "alert.keys: is a list, not a mapping",
        ),
        (
            'alert: {say: "So.", ask: "Press.", keys: {"1": yes}}\n',
            "alert.keys.1: is text, not a mapping",
        ),
        (
            'alert: {say: "So.", ask: "Press.", keys: {"12": {value: a, say: "Bye."}}}\n',
            'alert.keys.12: \'12\' is no key; write "0" to "9" or "*"',
        ),
        (
            'alert: {say: "So.", ask: "Press.", keys: {"1": {say: "Bye."}}}\n',
            "alert.keys.1.value: is missing; write what is kept of it, or what it does",
        ),
        (
            'alert: {say: "So.", ask: "Press.", keys: {"1": {does: opt_out, value: a}}}\n',
            "alert.keys.1.value: is kept of answers only; remove it",
        ),
        (
            'alert: {say: "So.", ask: "Press.", keys: {"1": {does: repeat, words: [b]}}}\n',
            "alert.keys.1.words: are read for answers only; remove it",
        ),
        (
            'alert: {say: "So.", ask: "Press.", keys: {"0": {does: hand_over}}}\n',
            "alert.keys.0.does: there is no handover; say under handover where to",
        ),
        (
            'alert: {say: "So.", ask: "Press.", keys: {"1": {does: dance}}}\n',
            "alert.keys.1.does: 'dance' is not known",
        ),
        (
            'alert: {say: "So.", ask: "Press.", keys: {"1": {value: a, say: "B", tune: 1}}}\n',
            "alert.keys.1.tune: there is no key tune",
        ),
        (
            'alert: {say: "So.", ask: "P.", keys: {"1": {value: a, say: B}, '
            '"2": {value: A, say: C}}}\n',
            "alert.keys.2.value: A is kept by another key, too; write another value",
        ),
        (
            'alert: {say: "So.", ask: "Press.", keys: {"1": {value: a}}}\n',
            "say.thanks: is missing; add what the agent says",
        ),
        (ALERT + "fields: {}\n", "fields: an alert asks for keys, and for no fields"),
        (ALERT + "voicemail: {hi-IN: x}\n", "voicemail.hi-IN: hi-IN is not among the languages"),
        (ALERT + 'voicemail: "At {hour}."\n', "voicemail: there is nothing called {hour}"),
        (ALERT + "messages: hello\n", "messages: is text, not a mapping"),
        (ALERT + "messages: {complete: x}\n", "messages.complete: there is no outcome complete"),
        (ALERT + "messages: {opted_out: x}\n", "messages.opted_out: whoever opts out gets no"),
        (
            ALERT + f'messages: {{completed: "{"x" * 1601}"}}\n',
            "messages.completed.en-IN: is longer than 1600 characters; shorten it",
        ),
    ],
)
def test_a_mistake_is_named_with_what_to_write(section: str, told: str) -> None:
    found = mistakes(HEAD + section)
    assert any(line.startswith(told) for line in found), found


def test_an_agent_without_an_alert_needs_fields() -> None:
    assert "fields: is missing; add it" in mistakes(HEAD)
