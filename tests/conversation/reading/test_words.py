import pytest

from conversation.reading.words import Found, Phrasebook, fold, plain, singular, split, stem


def test_words_keep_their_offsets_and_clauses() -> None:
    words = split("Yes, it's 1,500 at 2:30pm. Right?")

    assert [word.text for word in words] == ["yes", "its", "1,500", "at", "2:30", "pm", "right"]
    assert [word.clause for word in words] == [0, 1, 1, 1, 1, 1, 2]
    assert [word.asked for word in words] == [False] * 6 + [True]
    assert (words[2].start, words[2].end) == (10, 15)


def test_only_the_clause_before_a_question_mark_is_asked() -> None:
    assert [word.asked for word in split("right? yes")] == [True, False]


def test_indic_words_are_not_torn_at_their_vowel_signs() -> None:
    assert [word.text for word in split("சரிங்க மலையாளம் ശരി हिंदी")] == [
        *("சரிங்க", "மலையாளம்", "ശരി", "हिंदी"),
    ]


def test_nothing_but_marks_has_no_words() -> None:
    assert split("?! ... —") == ()
    assert split("") == ()
    assert split("\u200d") == ()


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("DON'T", "dont"),
        ("it’s", "its"),
        ("हाँ", "हां"),
        ("ज़रूर", "जरूर"),
        ("ഞാന്\u200d", "ഞാൻ"),
        ("É", "é"),
    ],
)
def test_spellings_of_one_word_fold_to_one_form(word: str, same: str) -> None:
    assert fold(word) == fold(same)


def test_plain_text_has_one_space_around_every_word() -> None:
    assert plain(" Don't  know; it’s OK ") == " dont know its ok "


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *(("savings", "saving"), ("glass", "glass"), ("boxes", "box"), ("parties", "party")),
        *(("gas", "gas"), ("churches", "church"), ("classes", "class"), ("தமிழ்", "தமிழ்")),
    ],
)
def test_plurals_lose_their_ending(word: str, expected: str) -> None:
    assert singular(word) == expected


def test_forms_of_a_word_have_one_stem() -> None:
    assert {stem(word) for word in ("share", "shared", "sharing", "shares")} == {"shar"}
    assert stem("red") == "red"
    assert stem("சரி") == "சரி"


def test_the_longest_phrase_wins_and_every_word_is_seen_once() -> None:
    book = Phrasebook({"a": ["hold", "hold on"], "b": ["on"]})

    assert list(book.scan(split("hold on, hold it on"))) == [
        Found("a", 0, 2),
        Found("a", 2, 3),
        Found(None, 3, 4),
        Found("b", 4, 5),
    ]
