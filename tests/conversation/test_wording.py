"""How a sentence is cut into what is always said and what holds a value."""

from __future__ import annotations

import pytest

from conversation.wording import parts

VALUES = {"charge": "500 rupees", "window": "2 pm to 5 pm", "none": "", "mark": "?"}


@pytest.mark.parametrize(
    ("template", "pieces"),
    [
        ("What do you charge?", [("What do you charge?", True)]),
        ("Hello. Who is it?", [("Hello.", True), ("Who is it?", True)]),
        (
            "I have {charge}, and {window}. Is that right?",
            [
                ("I have", True),
                ("500 rupees,", False),
                ("and", True),
                ("2 pm to 5 pm.", False),
                ("Is that right?", True),
            ],
        ),
        ("{charge}", [("500 rupees", False)]),
        ("{charge} {window}", [("500 rupees", False), ("2 pm to 5 pm", False)]),
        ("({charge}/{window})", [("(500 rupees/2 pm to 5 pm)", False)]),
        ("{charge} - {window}", [("500 rupees -", False), ("2 pm to 5 pm", False)]),
        ("- {charge}", [("-", True), ("500 rupees", False)]),
        ("நிரக்கு {charge}க்கு சரியா?", [("நிரக்கு", True), ("500 rupeesக்கு", False), ("சரியா?", True)]),
        ("Hello {none}. Bye.", [("Hello", True), ("Bye.", True)]),
        ("Hello {unknown}", [("Hello", True)]),
        ("", []),
    ],
)
def test_a_sentence_is_cut_around_its_values(template: str, pieces: list[tuple[str, bool]]) -> None:
    assert [(part.text, part.fixed) for part in parts(template, "en-IN", VALUES)] == pieces
