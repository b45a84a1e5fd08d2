"""The `say:` section of an agent's file: which sentences there must be, and what each may hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agents.problems import KeyPath
from agents.texts import Texts, placeholders
from agents.validation import not_a
from conversation.wording import LANGUAGES, SENTENCES

ALWAYS_GIVEN = ("welcome", "thanks", "goodbye")
# Given by agents that need them; the built-in wording has none of the six.
_OWN = frozenset({*ALWAYS_GIVEN, "language_menu", "confirm", "handover"})
_WITH_FIELDS = frozenset({"confirm", "thanks"})  # said when the fields have values

Say = dict[str, dict[str, str]]


def read_say(raw: object, needed: Iterable[str], texts: Texts) -> Say:
    """The sentences that are given; notes those of `needed` that are not."""
    if not isinstance(raw, dict):
        not_a(raw, "a mapping", ("say",), texts.findings)
        return {}
    say: Say = {}
    for key, text in raw.items():
        path: KeyPath = ("say", key)
        if key not in SENTENCES:
            texts.findings.unknown(path, SENTENCES, "sentence")
            continue
        say[key] = texts.read(text, path, _allowed(key, texts), all_languages=key in _OWN)
    menu = ("language_menu",) if len(texts.languages) > 1 else ()
    for key in (*needed, *menu):
        if key not in raw:
            texts.findings.add(("say", key), "is missing", "add what the agent says")
    _check_built_in(raw, texts)
    if len(texts.languages) > 1:
        _check_menu(raw.get("language_menu"), texts)
    return say


def check_confirm(say: Say, confirm: Sequence[str], texts: Texts) -> None:
    """Note fields that are to be confirmed but that the confirm sentence leaves out."""
    for language, text in say.get("confirm", {}).items():
        for name in confirm:
            if name not in placeholders(text):
                texts.findings.add(
                    ("say", "confirm", language),
                    f"does not read back {{{name}}}",
                    f"put {{{name}}} in the sentence, or leave {name} out of confirm",
                )


def _allowed(key: str, texts: Texts) -> frozenset[str]:
    """The placeholders a sentence may hold."""
    if key == "language_menu":  # said before anything is known of the call
        return frozenset({"agent_name"})
    fields = texts.names.fields if key in _WITH_FIELDS else ()
    return texts.names.always | SENTENCES[key] | set(fields)


def _check_built_in(raw: Mapping[str, object], texts: Texts) -> None:
    """A language without built-in sentences needs each of them from the file."""
    missing = [key for key in SENTENCES if key not in _OWN and key not in raw]
    for language in texts.languages:
        if missing and language.partition("-")[0] not in LANGUAGES:
            texts.findings.add(
                ("say",),
                f"{language} has no built-in sentences",
                f"add these in {language}: {', '.join(missing)}",
            )


def _check_menu(menu: object, texts: Texts) -> None:
    """Each line of the menu says the key of its language: its place in `languages`."""
    if not isinstance(menu, dict):
        return
    for key, language in enumerate(texts.languages, start=1):
        line = menu.get(language)
        if isinstance(line, str) and str(key) not in line:
            texts.findings.add(
                ("say", "language_menu", language),
                "does not say which key to press",
                f"{language} is number {key} of the languages: say {key}",
            )
