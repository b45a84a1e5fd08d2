"""Agent files that load: what the short forms mean, and which files of a folder are read."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from agents.loader import AgentFileError, load_agent, load_agents
from agents.schema import HandoverReason, Transport
from agents.voices import DEFAULT_SAY_VOICES
from conversation.fields import kind_of
from conversation.fields.base import Context

SHIPPED = Path(__file__).parents[2] / "agents"

SMALL = """\
agent: small
name: Small talk
goal: Learn one number.
languages: [en-IN]
say:
  welcome: Hello, I am the assistant called {agent_name}.
  thanks: Thank you for {count}.
  goodbye: Goodbye.
fields:
  count:
    kind: number
    ask: How many?
"""


def write(folder: Path, text: str, name: str = "small.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plain_text_is_the_sentence_of_the_only_language(tmp_path: Path) -> None:
    agent = load_agent(write(tmp_path, SMALL))
    assert agent.say["goodbye"] == {"en-IN": "Goodbye."}
    assert agent.field("count").ask == {"en-IN": "How many?"}


def test_what_a_file_leaves_out_gets_its_default(tmp_path: Path) -> None:
    agent = load_agent(write(tmp_path, SMALL))
    assert agent.transport is Transport.GATHER
    assert agent.timezone == "UTC"
    assert agent.confirm == ()
    assert agent.models == ()
    assert agent.handover is None
    assert agent.limits.turns == 30
    assert agent.say_voices == {"en-IN": DEFAULT_SAY_VOICES["en-IN"]}


def test_models_are_kept_in_their_order(tmp_path: Path) -> None:
    for written, kept in (("[openai, gemini]", ("openai", "gemini")), ("[rules]", ("rules",))):
        agent = load_agent(write(tmp_path, SMALL.replace("say:", f"models: {written}\nsay:", 1)))
        assert agent.models == kept


def test_lines_of_a_sentence_are_joined(tmp_path: Path) -> None:
    text = SMALL.replace("goodbye: Goodbye.", "goodbye: >\n    Good\n    bye.\n")
    assert load_agent(write(tmp_path, text)).say["goodbye"] == {"en-IN": "Good bye."}


def test_words_that_other_readers_take_for_truths_times_and_dates_are_text(tmp_path: Path) -> None:
    text = SMALL + (
        "  sure: {kind: choice, ask: 'Sure?', choices: [no, yes, on]}\n"
        "  start: {kind: time, ask: 'When?', earliest: 14:00}\n"
        "  day: {kind: date, ask: 'What day?', latest: 2099-12-31}\n"
    )
    agent = load_agent(write(tmp_path, text))
    assert [choice.value for choice in agent.field("sure").choices] == ["no", "yes", "on"]
    assert agent.field("start").earliest == "14:00"
    assert agent.field("day").latest == "2099-12-31"


@pytest.mark.parametrize(
    "choices",
    [
        "[{value: small, synonyms: [little]}, {value: large}]",
        "{small: [little], large: }",
        "{small: {en-IN: [little]}, large: {en-IN: []}}",
        "[{value: small, synonyms: {en-IN: [little]}}, large]",
    ],
)
def test_choices_can_be_written_in_three_forms(tmp_path: Path, choices: str) -> None:
    text = SMALL + f"  size: {{kind: choice, ask: 'Size?', choices: {choices}}}\n"
    small, large = load_agent(write(tmp_path, text)).field("size").choices
    assert (small.value, small.synonyms) == ("small", {"en-IN": ["little"]})
    assert (large.value, large.synonyms.get("en-IN", [])) == ("large", [])


@pytest.mark.parametrize(
    ("confirm", "names"), [("all", ("count",)), ("none", ()), ("[count]", ("count",))]
)
def test_confirm_is_all_none_or_some(tmp_path: Path, confirm: str, names: tuple[str, ...]) -> None:
    text = SMALL.replace("say:\n", "say:\n  confirm: It is {count}?\n") + f"confirm: {confirm}\n"
    assert load_agent(write(tmp_path, text)).confirm == names


def test_a_later_question_may_name_an_earlier_answer(tmp_path: Path) -> None:
    text = SMALL + "  price: {kind: number, ask: 'And the price of {count}?'}\n"
    assert load_agent(write(tmp_path, text)).field("price").ask["en-IN"].endswith("{count}?")


def test_the_version_is_a_hash_of_the_files_bytes(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL)
    assert load_agent(path).version == sha256(path.read_bytes()).hexdigest()[:12]
    changed = load_agent(write(tmp_path, SMALL + "# a remark\n"))
    assert changed.version != sha256(SMALL.encode()).hexdigest()[:12]


def test_an_alias_stands_for_what_it_names(tmp_path: Path) -> None:
    text = SMALL.replace("thanks: Thank you for {count}.", "thanks: &bye Goodbye.")
    text = text.replace("goodbye: Goodbye.", "goodbye: *bye")
    assert load_agent(write(tmp_path, text)).say["goodbye"] == {"en-IN": "Goodbye."}


def test_a_mark_at_the_start_of_the_file_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load_agent(path).agent == "small"


def test_what_is_no_agent_file_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, SMALL)
    for name in (".small.yaml", "#small.yaml#", "small.yaml~", "small.yaml.bak", "~small.yaml"):
        write(tmp_path, "{", name)
    write(tmp_path, "{}", "agent.schema.json")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "linked.yaml").symlink_to(tmp_path / "small.yaml")
    (tmp_path / "broken.yaml").symlink_to(tmp_path / "nowhere")
    assert list(load_agents(tmp_path)) == ["small"]


def test_yml_files_are_read_too(tmp_path: Path) -> None:
    write(tmp_path, SMALL, "small.yml")
    assert list(load_agents(tmp_path)) == ["small"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgentFileError) as caught:
        load_agents(tmp_path)
    assert str(caught.value) == (
        "These agent files cannot be used:\n"
        f"  {tmp_path}: holds no agent file (*.yaml); "
        "add an agent such as docs/agents.md shows, or set AGENTS_DIR"
    )


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgentFileError, match="is not a folder; set AGENTS_DIR"):
        load_agents(tmp_path / "nowhere")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgentFileError, match=r"gone\.yaml: cannot be read: No such file"):
        load_agent(tmp_path / "gone.yaml")


def test_logistics_is_the_route_rate_collector() -> None:
    agent = load_agents(SHIPPED)["logistics"]
    assert agent.languages == ("en-IN", "ta-IN", "ml-IN")
    assert [(spec.name, spec.kind) for spec in agent.fields] == [
        ("charge", "money"),
        ("window", "time_range"),
    ]
    assert agent.confirm == ("charge", "window")
    assert agent.handover is not None
    assert HandoverReason.ASKED in agent.handover.when


@pytest.mark.parametrize("name", ["clinic", "lead", "logistics", "pizza"])
def test_every_agent_says_that_it_is_a_machine(name: str) -> None:
    """In each of its languages; callers must not take it for a person."""
    words = {"en": "automated", "ta": "தானியங்கி", "ml": "ഓട്ടോമേറ്റഡ്", "hi": "ऑटोमेटेड"}
    for language, text in load_agents(SHIPPED)[name].say["welcome"].items():
        assert words[language.partition("-")[0]] in text


@pytest.mark.parametrize("name", ["clinic", "lead", "logistics", "pizza"])
def test_every_sentence_has_every_language_in_its_own_script(name: str) -> None:
    scripts = {
        "ta": range(0x0B80, 0x0C00),
        "ml": range(0x0D00, 0x0D80),
        "hi": range(0x0900, 0x0980),
    }
    agent = load_agents(SHIPPED)[name]
    texts = [*agent.say.values(), *(answer.say for answer in agent.answers)]
    texts += [one for spec in agent.fields for one in (spec.ask, spec.ask_again, spec.label) if one]
    for sentences in texts:
        assert tuple(sentences) == agent.languages
        for language, text in sentences.items():
            script = scripts.get(language.partition("-")[0], range(0x80))
            letters = [letter for letter in text if letter.isalpha()]
            assert sum(ord(letter) in script for letter in letters) * 2 > len(letters) * (
                1 if "{" not in text else 0.5
            ), text


@pytest.mark.parametrize("name", ["lead", "pizza"])
def test_every_synonym_is_understood_as_its_own_choice(name: str) -> None:
    for spec in load_agents(SHIPPED)[name].fields:
        for choice in spec.choices:
            assert isinstance(choice.say, dict)
            for language, words in choice.synonyms.items():
                context = Context(language, date(2026, 1, 1), spec.ask[language])
                for word in (*words, choice.say[language]):
                    found = kind_of(spec).read(spec, word, context)
                    assert [one.value for one in found] == [choice.value], word
