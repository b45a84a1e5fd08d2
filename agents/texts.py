"""Sentences of an agent's file: every language, no unknown placeholder, speakable length."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from agents.problems import Findings, KeyPath, meant
from agents.validation import not_a
from conversation.wording import LANGUAGES

MAX_TEXT_LENGTH = 4096  # characters the carrier speaks at once (its error 13520)
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Names:
    """What the placeholders of a file can stand for."""

    fields: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    @property
    def always(self) -> frozenset[str]:
        """What is known from the start of every call."""
        return frozenset({"agent_name", *self.variables})


@dataclass(frozen=True, slots=True)
class Texts:
    """Reads the sentences of one file."""

    languages: tuple[str, ...]
    names: Names
    findings: Findings

    def read(
        self, raw: object, path: KeyPath, allowed: Collection[str] = (), all_languages: bool = True
    ) -> dict[str, str]:
        """One sentence in every language, with placeholders from `allowed` and no other.

        `all_languages` False: languages that have built-in sentences may be left out.
        """
        texts: dict[str, str] = {}
        for language, place, text in self._given(raw, path):
            clean = self._checked(text, place, allowed)
            if clean is not None:
                texts[language] = clean
        if isinstance(raw, dict) and not _began_with_brace(raw):
            for language in self.languages:
                needed = all_languages or language.partition("-")[0] not in LANGUAGES
                if needed and language not in raw:
                    self._missing(language, path)
        return texts

    def read_lists(self, raw: object, path: KeyPath) -> dict[str, list[str]]:
        """Words in any of the languages; a plain list is that of an agent with one language."""
        lists: dict[str, list[str]] = {}
        if raw is None:
            return lists
        for language, place, words in self._given(raw, path, plain=list):
            if not isinstance(words, list):
                not_a(words, "a list", place, self.findings)
                continue
            lists[language] = []
            for index, word in enumerate(words):
                clean = self._checked(word, (*place, index), ())
                if clean is not None:
                    lists[language].append(clean)
        return lists

    def _given(
        self, raw: object, path: KeyPath, plain: type = str
    ) -> Iterator[tuple[str, KeyPath, object]]:
        """Every language that is given, with its place and its text."""
        if isinstance(raw, plain) and len(self.languages) == 1:
            yield self.languages[0], path, raw
        elif isinstance(raw, plain) and self.languages:
            wanted = ", ".join(f"{one}: …" for one in self.languages)
            self.findings.add(path, "has one text for several languages", f"write {{{wanted}}}")
        elif isinstance(raw, dict) and not _began_with_brace(raw):
            for language, text in raw.items():
                if language in self.languages or not self.languages:
                    yield language, (*path, language), text
                elif text is None:  # {en-IN: Hello, friend}: a comma ends words without quotes
                    wrong = "is read as a key, because a comma stands before it"
                    self.findings.add((*path, language), wrong, "put the sentence in quotes")
                else:
                    self.unknown_language(language, (*path, language))
        else:
            not_a(raw, "text" if plain is str else "a list", path, self.findings)

    def unknown_language(self, language: str, path: KeyPath) -> None:
        """Note a language that the agent does not have."""
        close = [one for one in self.languages if same_start(one, language)]
        remedy = f"did you mean {close[0]}?" if close else "add it to languages, or remove it"
        self.findings.add(path, f"{language} is not among the languages", remedy)

    def _missing(self, language: str, path: KeyPath) -> None:
        self.findings.add(path, f"{language} is missing", f'add a line `{language}: "…"`')

    def _checked(self, text: object, path: KeyPath, allowed: Collection[str]) -> str | None:
        if not isinstance(text, str):
            not_a(text, "text", path, self.findings)
            return None
        clean = " ".join(text.split())
        if not clean:
            self.findings.add(path, "is empty", "write what is said, or remove the key")
        elif len(clean) > MAX_TEXT_LENGTH:
            self.findings.add(path, f"is longer than {MAX_TEXT_LENGTH} characters", "shorten it")
        else:
            self._check_placeholders(clean, path, allowed)
        return clean

    def _check_placeholders(self, text: str, path: KeyPath, allowed: Collection[str]) -> None:
        rest = _PLACEHOLDER.sub("", text)
        if "{" in rest or "}" in rest:
            self.findings.add(
                path,
                "has a brace that is not part of a {placeholder}",
                "write {name} with small letters, digits and _, or remove the brace",
            )
        for name in dict.fromkeys(_PLACEHOLDER.findall(text)):
            if name in allowed:
                continue
            if name in self.names.fields:
                why = "may have no value yet when this is said"
                self.findings.add(path, f"{{{name}}} {why}", "remove it")
            elif name in self.names.always:
                self.findings.add(path, f"{{{name}}} is not filled in here", "remove it")
            else:
                known = meant(name, allowed) if allowed else "remove it"
                self.findings.add(path, f"there is nothing called {{{name}}}", known)


def placeholders(text: str) -> frozenset[str]:
    """The names in braces in a sentence."""
    return frozenset(_PLACEHOLDER.findall(text))


def same_start(language: str, written: str) -> bool:
    """en, en_IN and EN-in were likely meant to be en-IN."""
    return language.partition("-")[0] == re.split("[-_]", written.lower())[0]


def _began_with_brace(raw: Mapping[str, object]) -> bool:
    """`ask: {charge} please` without quotes is a mapping of names to nothing."""
    return bool(raw) and all(
        value is None and re.fullmatch(r"[a-z][a-z0-9_]*", key) for key, value in raw.items()
    )
