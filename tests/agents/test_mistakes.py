"""What is said about broken agent files: file, line, key, what is wrong, what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.loader import AgentFileError, load_agents

GOOD = """\
agent: demo
name: Demo
goal: Learn a charge.
languages: [en-IN, ml-IN]
timezone: Asia/Kolkata
voices:
  default: {model: eleven_v3}
  say: {en-IN: Polly.Kajal-Neural}
variables: {person: friend}
say:
  language_menu: {en-IN: Press 1, ml-IN: 2 അമർത്തൂ}
  welcome: {en-IN: "Hello {person}", ml-IN: നമസ്കാരം}
  confirm: {en-IN: "{charge} at {time}?", ml-IN: "{charge}, {time}?"}
  thanks: {en-IN: Thanks, ml-IN: നന്ദി}
  handover: {en-IN: Wait, ml-IN: കാത്തിരിക്കൂ}
  goodbye: {en-IN: Bye, ml-IN: നമസ്കാരം}
fields:
  charge:
    kind: money
    currency: INR
    ask: {en-IN: "How much?", ml-IN: "എത്ര?"}
  time:
    kind: time
    ask: {en-IN: "When?", ml-IN: "എപ്പോൾ?"}
confirm: all
handover: {to: "+914400000000"}
answers:
  - about: who is calling
    say: {en-IN: Demo, ml-IN: ഡെമോ}
limits: {turns: 30}
"""

KINDS = "address, choice, date, email, money, name, number, phone, text, time, time_range, yes_no"

# What is replaced in the good file, by what, and what is then said (after "demo.yaml:").
MISTAKES = [
    # Keys and their values
    ("limits:", "limit:", ["30: limit: there is no key limit; did you mean limits?"]),
    ("agent: demo", "agent: Demo 1", [
        "1: agent: 'Demo 1' cannot be used; write small letters, digits and _, beginning with a "
        "letter, such as route_rates"]),
    ("agent: demo\n", "", ["1: agent: is missing; add it"]),
    ("goal: Learn a charge.", "goal:", [
        "3: goal: is empty; write a value or remove the key"]),
    ("name: Demo", "name: 12", ['2: name: is read as a number; write it in quotes: "12"']),
    ("name: Demo", "name: true", [
        '2: name: is read as the truth value true; write it in quotes: "true"']),
    ("name: Demo", "transport: relais\nname: Demo", [
        "2: transport: 'relais' is not known; did you mean relay?"]),
    ("Asia/Kolkata", "Asia/Kolkatta", [
        "5: timezone: there is no time zone 'Asia/Kolkatta'; did you mean Asia/Kolkata?"]),
    ("Asia/Kolkata", "IST time", [
        "5: timezone: there is no time zone 'IST time'; write a name such as Asia/Kolkata"]),
    ("limits:", "record: true\nlimits:", [
        "30: record: is the truth value true, not a mapping; write `key: value` lines under it"]),
    ("limits:", "record: {}\nlimits:", [
        "30: record.announce: is missing; add what callers are told before they are recorded"]),
    ("limits:", "record: {announce: {en-IN: Recorded}}\nlimits:", [
        '30: record.announce: ml-IN is missing; add a line `ml-IN: "…"`']),
    ("limits:", "record: {announce: {en-IN: '{charge}', ml-IN: x}, beep: 1}\nlimits:", [
        "30: record.announce.en-IN: {charge} may have no value yet when this is said; remove it",
        "30: record.beep: there is no key beep; write one of: announce"]),
    ("limits:", "retention_days: 0\nlimits:", [
        "30: retention_days: 0 is too small; write 1 or more"]),
    ("limits:", "retention_days: a week\nlimits:", [
        "30: retention_days: 'a week' is not a whole number; write one such as 10"]),
    ("kind: time\n", "kind: time\n    sensitive: very\n", [
        "24: fields.time.sensitive: 'very' is neither true nor false; write true or false"]),
    ("{turns: 30}", "{turns: 1}", ["30: limits.turns: 1 is too small; write 2 or more"]),
    ("{turns: 30}", "{silences: many}", [
        "30: limits.silences: 'many' is not a whole number; write one such as 10"]),
    ("{turns: 30}", "30", [
        "30: limits: is a number, not a mapping; write `key: value` lines under it"]),
    # Models
    ("goal: Learn a charge.", "goal: Learn a charge.\nmodels: [gemni, openai]", [
        "4: models[0]: there is no model 'gemni'; did you mean gemini?"]),
    ("goal: Learn a charge.", "goal: Learn a charge.\nmodels:\n- rules\n- openai", [
        "6: models[1]: openai stands behind rules; write rules last"]),
    ("goal: Learn a charge.", "goal: Learn a charge.\nmodels: [openai, openai]", [
        "4: models[1]: openai is written twice; remove one"]),
    ("goal: Learn a charge.", "goal: Learn a charge.\nmodels: [[openai]]", [
        "4: models[0]: there is no model ['openai']; did you mean openai?"]),
    ("goal: Learn a charge.", "goal: Learn a charge.\nmodels: []", [
        "4: models: is an empty list; write [rules] for no model"]),
    ("goal: Learn a charge.", "goal: Learn a charge.\nmodels: gemini", [
        "4: models: is text, not a list; write a list: [one, two]"]),
    ("goal: Learn a charge.", "goal: Learn a charge.\nmodels:", [
        "4: models: is empty; write a value or remove the key"]),
    # Languages
    ("[en-IN, ml-IN]", "[en-IN, ml-IN, en-IN]", [
        "4: languages[2]: en-IN is written twice; remove one"]),
    (', ml-IN: "എത്ര?"', "", [
        '21: fields.charge.ask: ml-IN is missing; add a line `ml-IN: "…"`']),
    ("thanks: {en-IN: Thanks, ml-IN: നന്ദി}", "thanks: Thanks", [
        "14: say.thanks: has one text for several languages; write {en-IN: …, ml-IN: …}"]),
    ("ml-IN: നന്ദി", "ml-IN: നന്ദി, ta-IN: நன்றி", [
        "14: say.thanks.ta-IN: ta-IN is not among the languages; "
        "add it to languages, or remove it"]),
    ("ml-IN: നന്ദി", 'ml-IN: ""', [
        "14: say.thanks.ml-IN: is empty; write what is said, or remove the key"]),
    ("en-IN: Thanks,", "en-IN: Thanks, friend,", [
        "14: say.thanks.friend: is read as a key, because a comma stands before it; "
        "put the sentence in quotes"]),
    ("en-IN: Thanks,", "en-IN: Thanks?,", [
        "14: is not YAML (expected ',' or '}', but got '?'); "
        "put a sentence between { and } that holds a question mark in quotes"]),
    # Sentences
    ("  thanks: {en-IN: Thanks, ml-IN: നന്ദി}\n", "", [
        "10: say.thanks: is missing; add what the agent says"]),
    ("  language_menu: {en-IN: Press 1, ml-IN: 2 അമർത്തൂ}\n", "", [
        "10: say.language_menu: is missing; add what the agent says"]),
    ("  confirm: {en-IN: \"{charge} at {time}?\", ml-IN: \"{charge}, {time}?\"}\n", "", [
        "10: say.confirm: is missing; add what the agent says"]),
    ("  handover: {en-IN: Wait, ml-IN: കാത്തിരിക്കൂ}\n", "", [
        "10: say.handover: is missing; add what the agent says"]),
    ("  welcome:", "  wellcome:", [
        "12: say.wellcome: there is no sentence wellcome; did you mean welcome?",
        "10: say.welcome: is missing; add what the agent says"]),
    ("2 അമർത്തൂ", "1 അമർത്തൂ", [
        "11: say.language_menu.ml-IN: does not say which key to press; "
        "ml-IN is number 2 of the languages: say 2"]),
    ("{charge} at {time}?", "{charge}?", [
        "13: say.confirm.en-IN: does not read back {time}; "
        "put {time} in the sentence, or leave time out of confirm"]),
    # Placeholders
    ("Hello {person}", "Hello {persn}", [
        "12: say.welcome.en-IN: there is nothing called {persn}; did you mean person?"]),
    ("Hello {person}", "Hello {charge}", [
        "12: say.welcome.en-IN: {charge} may have no value yet when this is said; remove it"]),
    ("Press 1", '"Press 1 {person}"', [
        "11: say.language_menu.en-IN: {person} is not filled in here; remove it"]),
    ("Hello {person}", "Hello {person", [
        "12: say.welcome.en-IN: has a brace that is not part of a {placeholder}; "
        "write {name} with small letters, digits and _, or remove the brace"]),
    ("How much?", "How much for {time}?", [
        "21: fields.charge.ask.en-IN: {time} may have no value yet when this is said; remove it"]),
    # Fields
    ("kind: money", "kind: mony", [
        "19: fields.charge.kind: there is no kind mony; did you mean money?"]),
    ("    kind: money\n", "", [f"18: fields.charge.kind: is missing; write one of: {KINDS}"]),
    ("kind: money", "kind: money\n    mn: 1", [
        "20: fields.charge.mn: there is no option mn; did you mean min?"]),
    ("kind: time", "kind: time\n    region: IN", [
        "24: fields.time.region: time takes no region; remove it, or write kind: phone"]),
    ("    currency: INR\n", "", ["18: fields.charge.currency: is missing; money needs it"]),
    ("currency: INR", "currency: INX", [
        "20: fields.charge.currency: INX is no currency of ISO 4217; "
        "write a code such as INR or EUR"]),
    ("currency: INR", "currency: rupees", [
        "20: fields.charge.currency: 'rupees' cannot be used; "
        "write its three capital letters, such as INR"]),
    ("currency: INR", "currency: INR\n    min: ten", [
        "21: fields.charge.min: 'ten' is not a number; write one such as 10 or 2.5"]),
    ("kind: time", "kind: time\n    required: maybe", [
        "24: fields.time.required: 'maybe' is neither true nor false; write true or false"]),
    ("  time:\n", "  Time-1:\n", [
        "22: fields.Time-1: is no name for a field; write small letters, digits and _, beginning "
        "with a letter, such as delivery_date",
        "13: say.confirm.en-IN: there is nothing called {time}; "
        "write one of: agent_name, charge, person",
        "13: say.confirm.ml-IN: there is nothing called {time}; "
        "write one of: agent_name, charge, person"]),
    ("{person: friend}", "{time: noon, person: friend}", [
        "22: fields.time: is also the name of a variable; rename one of the two"]),
    # Choices
    ("kind: time\n", "kind: choice\n    choices: [{valu: a}, b]\n", [
        "24: fields.time.choices[0].valu: there is no key valu; did you mean value?",
        "24: fields.time.choices[0].value: is missing; write the answer that is stored"]),
    ("kind: time\n", "kind: choice\n    choices: [1, b]\n", [
        '24: fields.time.choices[0]: is read as a number; write it in quotes: "1"']),
    ("kind: time\n", "kind: choice\n    choices: {a: {en: [x]}, b: }\n", [
        "24: fields.time.choices.a.en: en is not among the languages; did you mean en-IN?"]),
    # Confirm, handover, answers, variables
    ("confirm: all", "confirm: [charge, tme]", [
        "25: confirm[1]: there is no field 'tme'; did you mean time?"]),
    ("confirm: all", "confirm: some", [
        "25: confirm: 'some' cannot be used; write all, none or [fields]"]),
    ('"+914400000000"', "+914400000000", [
        '26: handover.to: is read as a number; write it in quotes: "+914400000000"']),
    ('"+914400000000"', '"044 123"', [
        "26: handover.to: '044 123' cannot be used; write a number such as \"+914400000000\" "
        '(in quotes), "sip:desk@example.com", "client:desk" or "queue:desk"']),
    ('{to: "+914400000000"}', '{to: "queue:a", when: [askd]}', [
        "26: handover.when[0]: 'askd' is not known; did you mean asked?"]),
    ("about: who is calling", "abut: who is calling", [
        "28: answers[0].about: is missing; write in a few words what callers ask, such as who is "
        "calling",
        "28: answers[0].abut: there is no key abut; did you mean about?"]),
    ("{person: friend}", "{person: 5}", [
        '9: variables.person: is read as a number; write it in quotes: "5"']),
    # Voices
    ("en-IN: Polly.Kajal-Neural", "ml-IN: Polly.Kajal-Neural", [
        "8: voices.say.ml-IN: Polly.Kajal-Neural speaks en-IN and hi-IN, not ml-IN; "
        "write Google.ml-IN-Wavenet-C"]),
    ("en-IN: Polly.Kajal-Neural", "ml-IN: Google.ta-IN-Wavenet-C", [
        "8: voices.say.ml-IN: Google.ta-IN-Wavenet-C speaks ta-IN, not ml-IN; "
        "write Google.ml-IN-Wavenet-C"]),
    ("Polly.Kajal-Neural", "Polly.Kajol", [
        "8: voices.say.en-IN: there is no voice Polly.Kajol; did you mean Kajal?"]),
    ("Polly.Kajal-Neural", "woman", [
        "8: voices.say.en-IN: woman is no voice of the carrier; write Polly.Kajal-Neural"]),
    ("eleven_v3", "eleven_flash_v2_5", [
        "7: voices.default.model: the model eleven_flash_v2_5 does not speak ml-IN; "
        "add ml-IN: {model: eleven_v3} under voices"]),
    ("default: {model", "defualt: {model", [
        "7: voices.defualt: there is no voice or language defualt; did you mean default?"]),
    ("{model: eleven_v3}", "{speed: 9}", [
        "7: voices.default.speed: 9 is too large; write 2.0 or less"]),
    # YAML itself
    ("name: Demo", "name: Demo\nname: Again", [
        "3: the key name was already written in line 2; keep one of the two"]),
    ("en-IN: Thanks", "true: Thanks", [
        '14: the key true is read as the truth value true; write it in quotes: "true"',
        "14: say.thanks.true: true is not among the languages; add it to languages, or remove it",
        '14: say.thanks: en-IN is missing; add a line `en-IN: "…"`']),
    ("en-IN: Thanks,", "en-IN: {charge}, ", [
        "14: say.thanks.en-IN: is read as a mapping, because it begins with {; "
        "put the sentence in quotes"]),
    ("name: Demo", "name: {agent_name} demo", [
        "2: is not YAML (expected <block end>, but found '<scalar>'); "
        "put a sentence that starts with { in quotes, and close every { with }"]),
    ("    kind: time\n", "\tkind: time\n", [
        "23: is not YAML (found character '\\t' that cannot start any token); "
        "indent with spaces, not with tabs"]),
    ("name: Demo", "name: Demo: the agent", [
        "2: is not YAML (mapping values are not allowed here); "
        "put text that holds a colon and a space in quotes"]),
    ("name: Demo", "name: @home", [
        "2: is not YAML (found character '@' that cannot start any token); "
        "put text that starts with this character in quotes"]),
    ("name: Demo", "name: *demo", [
        "2: *demo refers to nothing above it; put text that starts with * in quotes"]),
    ("name: Demo", "name: !demo", [
        "2: !demo is a tag, which is not read; put text that starts with ! in quotes"]),
    ("limits: {turns: 30}\n", "---\nlimits: {turns: 30}\n", [
        "30: a second document begins here; write one agent per file"]),
    ('"How much?"', '"How \\much?"', [
        "21: is not YAML (found unknown escape character 'm'); "
        "write \\\\ for a backslash, or use single quotes"]),
]  # fmt: skip


def problems_of(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(AgentFileError) as caught:
        load_agents(folder)
    heading, *lines = str(caught.value).split("\n")
    assert heading == "These agent files cannot be used:"
    return [line.removeprefix("  ") for line in lines]


def test_the_good_file_is_good(tmp_path: Path) -> None:
    (tmp_path / "demo.yaml").write_text(GOOD, encoding="utf-8")
    assert list(load_agents(tmp_path)) == ["demo"]


@pytest.mark.parametrize(("good", "bad", "said"), MISTAKES)
def test_a_mistake_is_told_with_its_line_and_its_remedy(
    tmp_path: Path, good: str, bad: str, said: list[str]
) -> None:
    assert GOOD.count(good) >= 1
    told = problems_of(tmp_path, demo=GOOD.replace(good, bad, 1))
    assert sorted(told) == sorted(f"demo.yaml:{one}" for one in said)


def test_everything_in_every_file_is_told_at_once(tmp_path: Path) -> None:
    first = GOOD.replace("kind: money", "kind: mony").replace("turns: 30", "turns: 0")
    second = GOOD.replace("agent: demo", "agent: other").replace("{person}", "{persona}")
    assert problems_of(tmp_path, first=first, second=second, third="a: [") == [
        "first.yaml:19: fields.charge.kind: there is no kind mony; did you mean money?",
        "first.yaml:30: limits.turns: 0 is too small; write 2 or more",
        "second.yaml:12: say.welcome.en-IN: there is nothing called {persona}; "
        "did you mean person?",
        "third.yaml:1: is not YAML (expected the node content, but found '<stream end>'); "
        "close the quote or bracket that is still open",
    ]


def test_two_files_cannot_hold_the_same_agent(tmp_path: Path) -> None:
    assert problems_of(tmp_path, one=GOOD, two=GOOD) == [
        "two.yaml:1: agent: demo is the agent of one.yaml; rename one"
    ]


def test_a_language_without_built_in_sentences_needs_every_one(tmp_path: Path) -> None:
    text = GOOD.replace("ml-IN", "fr-FR")
    told = problems_of(tmp_path, demo=text)
    assert len(told) == 2
    assert told[0].startswith(
        "demo.yaml:8: voices.say.fr-FR: is missing; name the carrier's voice that speaks fr-FR"
    )
    assert told[1].startswith(
        "demo.yaml:10: say: fr-FR has no built-in sentences; add these in fr-FR: filler, not_heard,"
    )


def test_a_built_in_sentence_may_be_given_in_one_language_only(tmp_path: Path) -> None:
    text = GOOD.replace("say:\n  language", "say:\n  not_heard: {en-IN: Pardon}\n  language")
    (tmp_path / "demo.yaml").write_text(text, encoding="utf-8")
    assert load_agents(tmp_path)["demo"].say["not_heard"] == {"en-IN": "Pardon"}


def test_bytes_that_are_not_utf8_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "demo.yaml").write_bytes(GOOD.encode().replace(b"Demo\n", b"D\xe9mo\n", 1))
    assert problems_of(tmp_path) == ["demo.yaml:2: is not UTF-8 text; save the file as UTF-8"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "demo.yaml:1: is empty; begin with `agent: name`"),
        ("# nothing\n", "demo.yaml:1: is empty; begin with `agent: name`"),
        ("~", "demo.yaml:1: holds nothing, not an agent; begin with `agent: name`"),
        ("- a", "demo.yaml:1: holds a list, not an agent; begin with `agent: name`"),
        ("a\0", "demo.yaml:1: holds a control character; remove it"),
        ("? [a]\n: b", "demo.yaml:1: a key is a list or a mapping; "
         "put text that starts with { or [ in quotes"),
    ],
)  # fmt: skip
def test_what_is_no_agent_at_all_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert said in problems_of(tmp_path, demo=text)


def test_a_sentence_the_carrier_would_cut_is_refused(tmp_path: Path) -> None:
    told = problems_of(tmp_path, demo=GOOD.replace("Thanks", "a" * 4097))
    assert told == ["demo.yaml:14: say.thanks.en-IN: is longer than 4096 characters; shorten it"]
