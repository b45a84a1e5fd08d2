"""Numbers in utterances, in figures and words, in every language."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.reading import number_words_hi, number_words_ml, number_words_ta
from conversation.reading.numbers import find_numbers
from conversation.reading.words import fold

ENGLISH = [
    ("1,50,000", ["150000"]),
    ("150,000.75", ["150000.75"]),
    ("3.5", ["3.5"]),
    ("500/-", ["500"]),
    ("१४ or ௧௫ or ൧൬", ["14", "15", "16"]),
    ("two hundred and fifty", ["250"]),
    ("two hundred fifty", ["250"]),
    ("twenty-five hundred", ["2500"]),
    ("fifteen hundred", ["1500"]),
    ("one and a half", ["1.5"]),
    ("three and a quarter", ["3.25"]),
    ("two and a half thousand", ["2500"]),
    ("half", ["0.5"]),
    ("half a million", ["500000"]),
    ("half a dozen", ["6"]),
    ("a couple", ["2"]),
    ("two dozen", ["24"]),
    ("a hundred and one", ["101"]),
    ("one lakh twenty thousand", ["120000"]),
    ("1 lakh 20 thousand", ["120000"]),
    ("5k", ["5000"]),
    ("2.5 million", ["2500000"]),
    ("3 crore 20 lakhs", ["32000000"]),
    ("one billion", ["1000000000"]),
    ("two point five", ["2.5"]),
    ("two point zero five", ["2.05"]),
    ("twenty two", ["22"]),
    ("eleven fifteen", ["11", "15"]),
    ("twenty thirty", ["20", "30"]),
    ("zero", ["0"]),
    ("minus five", ["-5"]),
    ("one two three", ["1", "2", "3"]),
    ("two and three", ["2", "3"]),
    ("2-3", ["2", "3"]),
    ("twenty - five", ["20", "5"]),
    ("one thousand one lakh", ["1000", "100000"]),
    ("five hundred six hundred", ["500", "600"]),
    ("two thousand twenty five thousand", ["2000", "25000"]),
    ("two hundred fifty three", ["253"]),
    ("3 thousand 50 thousand", ["3000", "50000"]),
    ("இரண்டாயிரம் ஐயாயிரம்", ["2000", "5000"]),
    ("3 thousand 5", ["3000", "5"]),
    ("two thousand half", ["2000", "0.5"]),
    ("dozen dozen", ["12", "12"]),
    ("hundred hundred", ["100", "100"]),
    ("thousand hundred thousand", ["1000", "100000"]),
    ("5 20", ["5", "20"]),
    ("second 3", ["2", "3"]),
    ("twenty first place", ["21"]),
    ("two hundred and first", ["201"]),
    ("fortieth", ["40"]),
    ("14th", ["14"]),
    ("two point", ["2"]),
    ("two point half", ["2", "0.5"]),
    ("two hundred and", ["200"]),
    ("two and a", ["2"]),
    ("third and a half", ["3", "0.5"]),
    ("14:30 and 2019-03-05", []),
    ("1000000000000000", []),
    ("a k lakhs of things", []),
    ("an apple", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "values"), ENGLISH)
def test_english_numbers_are_found(text: str, values: list[str]) -> None:
    found = find_numbers(text, "en-IN")
    assert [number.value for number in found] == [Decimal(value) for value in values]


OTHERS = [
    ("hi-IN", "साढ़े तीन", ["3.5"]),
    ("hi-IN", "डेढ़ सौ", ["150"]),
    ("hi-IN", "ढाई हज़ार", ["2500"]),
    ("hi-IN", "सवा सौ", ["125"]),
    ("hi-IN", "पौने चार", ["3.75"]),
    ("hi-IN", "सवा 3", ["3.25"]),
    ("hi-IN", "पच्चीस हज़ार पाँच सौ", ["25500"]),
    ("hi-IN", "दो लाख तीस हजार", ["230000"]),
    ("hi-IN", "निन्यानवे करोड़", ["990000000"]),
    ("hi-IN", "मुझे 500 दे दो", ["500"]),
    ("hi-IN", "दो टिकट", ["2"]),
    ("hi-IN", "साढ़े", []),
    ("hi-IN", "साढ़े सवा तीन", ["3.25"]),
    ("hi-IN", "तीन साढ़े चार", ["3", "4.5"]),
    ("hi-IN", "दसवीं", ["10"]),
    ("hi-IN", "माइनस पाँच", ["-5"]),
    ("hi-IN", "paanch sau rupaye de do", ["500"]),
    ("hi-IN", "saadhe teen hazaar", ["3500"]),
    ("hi-IN", "pachees lakh aur teen", ["2500000", "3"]),
    ("hi-IN", "two hundred", ["200"]),
    ("ta-IN", "ஐநூறு", ["500"]),
    ("ta-IN", "ஆயிரத்து இருநூற்று ஐம்பது", ["1250"]),
    ("ta-IN", "ரெண்டாயிரத்து ஐநூறு", ["2500"]),
    ("ta-IN", "இருபத்தஞ்சு", ["25"]),
    ("ta-IN", "இருபத்தைந்து", ["25"]),
    ("ta-IN", "முப்பத்தி மூணு", ["33"]),
    ("ta-IN", "இருபத்தி ஐயாயிரம்", ["25000"]),
    ("ta-IN", "தொள்ளாயிரத்து தொண்ணூற்றொன்பது", ["999"]),
    ("ta-IN", "ஒரு லட்சத்து இருபதாயிரம்", ["120000"]),
    ("ta-IN", "மூணரை", ["3.5"]),
    ("ta-IN", "மூணே கால்", ["3.25"]),
    ("ta-IN", "மூணேமுக்கால்", ["3.75"]),
    ("ta-IN", "கால்", []),
    ("ta-IN", "ரெண்டுக்கு", ["2"]),
    ("ta-IN", "ainooru", ["500"]),
    ("ta-IN", "rendaayiram", ["2000"]),
    ("ta-IN", "irubathanju", ["25"]),
    ("ta-IN", "moonarai", ["3.5"]),
    ("ml-IN", "അഞ്ഞൂറ്", ["500"]),
    ("ml-IN", "ആയിരത്തി ഇരുനൂറ്റി അമ്പത്", ["1250"]),
    ("ml-IN", "രണ്ടായിരം", ["2000"]),
    ("ml-IN", "ഇരുപത്തിയഞ്ച്", ["25"]),
    ("ml-IN", "ഇരുപത്തഞ്ച്", ["25"]),
    ("ml-IN", "തൊണ്ണൂറ്റൊമ്പത്", ["99"]),
    ("ml-IN", "ഒമ്പതിനായിരം", ["9000"]),
    ("ml-IN", "പതിനയ്യായിരം", ["15000"]),
    ("ml-IN", "മൂന്നര", ["3.5"]),
    ("ml-IN", "മൂന്നിന്", ["3"]),
    ("ml-IN", "രണ്ട് ലക്ഷം", ["200000"]),
    ("ml-IN", "anjooru", ["500"]),
    ("ml-IN", "irupathanchu", ["25"]),
    ("ml-IN", "randaayiram", ["2000"]),
    ("en-IN", "ऐसा पाँच", ["5"]),
    ("en-IN", "do teen", []),
]


@pytest.mark.parametrize(("language", "text", "values"), OTHERS)
def test_indian_numbers_are_found(language: str, text: str, values: list[str]) -> None:
    found = find_numbers(text, language)
    assert [number.value for number in found] == [Decimal(value) for value in values]


@pytest.mark.parametrize("value", range(100))
def test_hindi_has_a_word_for_every_number_below_100(value: int) -> None:
    values = {steps[0][1] for steps in number_words_hi.WORDS.values() if len(steps) == 1}
    romanised = {steps[0][1] for steps in number_words_hi.ROMAN.values()}
    assert value in values
    assert value in romanised


@pytest.mark.parametrize("table", [number_words_hi, number_words_ta, number_words_ml])
def test_the_tables_are_spelled_as_words_are_folded(table: ModuleType) -> None:
    assert [word for word in table.WORDS if fold(word) != word] == []


def test_a_number_knows_where_it_stood_and_how_it_was_written() -> None:
    text = "I owe Rs 1,200 for the twenty first"
    price, rank = find_numbers(text, "en-IN")
    assert text[price.start : price.end] == "1,200"
    assert (price.written, price.is_rank) == ("1200", False)
    assert text[rank.start : rank.end] == "twenty first"
    assert (rank.written, rank.is_rank) == ("", True)


def test_figures_of_any_script_are_written_in_ascii() -> None:
    assert find_numbers("०५३०", "hi-IN")[0].written == "0530"


@given(
    st.text(
        st.characters(codec="utf-8") | st.sampled_from("0123456789:/.-₹ pamthndlकदோരു்"), max_size=60
    ),
    st.sampled_from(["en-US", "hi-IN", "ta-IN", "ml-IN", "xx"]),
)
def test_any_text_can_be_read(text: str, language: str) -> None:
    found = find_numbers(text, language)
    assert all(0 <= number.start < number.end <= len(text) for number in found)


_WORDS = "two hundred thousand lakh and a half twenty five 5 20 point dozen first - साढ़े सौ மூணு கால்"


@given(st.lists(st.sampled_from(_WORDS.split()), max_size=9))
def test_number_words_in_any_order_give_numbers_in_order(words: list[str]) -> None:
    found = find_numbers(" ".join(words), "hi-IN")
    assert all(before.end <= after.start for before, after in pairwise(found))
