import pytest

from conversation.language import (
    LANGUAGE_NAMES,
    asks_for_language,
    language_name,
    names_other_language,
    pick_language,
)

_OFFERED = ("en-IN", "ta-IN", "ml-IN")


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("English", "en-IN"),
        ("tamizh", "ta-IN"),
        ("தமிழ்", "ta-IN"),
        ("तमिल", "ta-IN"),
        ("തമിഴ്", "ta-IN"),
        ("മലയാളം", "ml-IN"),
        ("മലയാളത്തിൽ", "ml-IN"),
        ("मलयालम", "ml-IN"),
        ("இங்கிலீஷ்", "en-IN"),
        ("ഇംഗ്ലീഷ്", "en-IN"),
        ("अंग्रेज़ी", "en-IN"),
        ("not English, Tamil please", "ta-IN"),
        ("I don't speak any English, Tamil", "ta-IN"),
        ("English no Tamil", "ta-IN"),
        ("English, sorry, Tamil", "ta-IN"),
        ("English illa Tamil", "ta-IN"),
        ("ஆங்கிலம் வேண்டாம் தமிழ்", "ta-IN"),
        ("no, English", "en-IN"),
        ("neither English nor Tamil", "ml-IN"),
        ("the second one", "ta-IN"),
        ("option 3", "ml-IN"),
        ("two", "ta-IN"),
        ("3", "ml-IN"),
        ("எனக்கு உதவி வேணும்", "ta-IN"),
        ("എനിക്ക് സഹായം വേണം", "ml-IN"),
    ],
)
def test_a_language_is_chosen_by_name_place_or_script(said: str, tag: str) -> None:
    assert pick_language(said, _OFFERED) == tag


@pytest.mark.parametrize(
    "said",
    ["", "yes", "hello", "ஹலோ", "ஆமா", "English or Tamil", "hindi", "not English", "9", "0",
     "नमस्ते जी", "the fourth one", "my son is in English medium school",
     "five hundred rupees", "one two"],
)  # fmt: skip
def test_no_language_is_guessed(said: str) -> None:
    assert pick_language(said, _OFFERED) is None


def test_a_script_of_two_offered_languages_decides_nothing() -> None:
    assert pick_language("मुझे मदद चाहिए", ("hi-IN", "mr-IN")) is None
    assert pick_language("मुझे मदद चाहिए", ("en-IN", "hi-IN")) == "hi-IN"


def test_the_only_language_offered_is_not_chosen_by_refusing_another() -> None:
    assert pick_language("not Tamil", ("en-IN",)) is None
    assert pick_language("not Tamil", ("en-IN", "ta-IN")) == "en-IN"


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("English please", "en-IN"),
        ("tamil", "ta-IN"),
        ("can we speak in Tamil", "ta-IN"),
        ("do you speak Tamil", "ta-IN"),
        ("switch to Malayalam", "ml-IN"),
        ("I prefer Malayalam", "ml-IN"),
        ("sorry can you speak in tamil my english is not good", "ta-IN"),
        ("could you repeat that in Tamil, my father is listening", "ta-IN"),
        ("let's go on in English", "en-IN"),
        ("தமிழில் பேசுங்கள்", "ta-IN"),
        ("tamil la pesunga", "ta-IN"),
        ("മലയാളത്തിൽ സംസാരിക്കാമോ", "ml-IN"),
        ("malayalam mathi", "ml-IN"),
        ("अंग्रेज़ी में बात कीजिए", "en-IN"),
        ("तमिल में बोलिए", "ta-IN"),
    ],
)
def test_a_clear_request_changes_the_language(said: str, tag: str) -> None:
    assert asks_for_language(said, _OFFERED, "en-IN") == tag


@pytest.mark.parametrize(
    "said",
    ["my English teacher", "I live in Tamil Nadu", "தமிழ் நாடு", "I speak in Tamil at home",
     "English breakfast please", "Spanish omelette", "I don't speak English", "not English",
     "English or Tamil", "can we do this in Hindi", "500 rupees", "", "the English one is better",
     "a Tamil movie"],
)  # fmt: skip
def test_a_language_that_is_only_mentioned_changes_nothing(said: str) -> None:
    assert asks_for_language(said, _OFFERED, "en-IN") is None


def test_refusing_one_of_two_languages_asks_for_the_other() -> None:
    assert asks_for_language("no English", ("en-IN", "ta-IN"), "en-IN") == "ta-IN"
    assert asks_for_language("no English", ("en-IN", "ta-IN"), "ta-IN") is None
    assert asks_for_language("I told him no English", ("en-IN", "ta-IN"), "en-IN") is None


def test_the_current_tag_wins_over_its_sisters() -> None:
    assert asks_for_language("english", ("en-IN", "en-US"), "en-US") == "en-US"
    assert asks_for_language("english", ("en-IN", "en-US"), "ta-IN") == "en-IN"


@pytest.mark.parametrize(
    ("said", "subtag"),
    [("Hindi please", "hi"), ("can you speak Kannada", "kn"), ("हिंदी में बोलिए", "hi"),
     ("Tamil please", None), ("my Hindi teacher", None), ("yes", None)],
)  # fmt: skip
def test_a_language_that_is_not_offered_is_recognised(said: str, subtag: str | None) -> None:
    assert names_other_language(said, _OFFERED) == subtag


@pytest.mark.parametrize(
    ("tag", "inside", "name"),
    [("ta-IN", "en-IN", "Tamil"), ("ta-IN", "ml-IN", "തമിഴ്"), ("en-IN", "hi-IN", "अंग्रेज़ी"),
     ("fr-FR", "te-IN", "French"), ("xx-YY", "en-IN", "xx-YY")],
)  # fmt: skip
def test_languages_have_names_in_other_languages(tag: str, inside: str, name: str) -> None:
    assert language_name(tag, inside) == name


@pytest.mark.parametrize("subtag", sorted(LANGUAGE_NAMES))
def test_every_language_is_recognised_by_each_of_its_spoken_names(subtag: str) -> None:
    offered = (f"{subtag}-IN", "xx-IN")

    for inside in ("en-IN", "hi-IN", "ta-IN", "ml-IN"):
        assert pick_language(language_name(subtag, inside), offered) == offered[0]
