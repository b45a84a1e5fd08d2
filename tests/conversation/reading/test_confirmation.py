import pytest

from conversation.reading.confirmation import Verdict, leaning, read_confirmation
from conversation.reading.words import split

_YES = """
yes | yeah | yup, that's it | correct | that's right | that is all correct | sounds good to me
ok | okay great | perfect, thank you | fine by me | go ahead | yes please go ahead and book it
no problem, go ahead | no that's right | no no, that is correct | no yeah | not bad | no changes
I can't wait, yes | yes, don't change anything | that's the one | one hundred percent
should be fine | looks right | hold on, yes that's right | it is | I do | that's what I wanted
correct only | that's fine though | please book | you can confirm | go ahead and reserve please
I don't mind | yes, I'm happy with that | thanks, that works | no mistake | why not
हाँ | हां जी | जी | सही है | हाँ सही है | ठीक है | बिल्कुल | कोई बात नहीं | है
haan | haan ji | ji haan | sahi hai | theek hai | bilkul | koi baat nahi | hanji
ஆமா | ஆமாம் | சரி | சரிங்க | ஆமா சரி | ஓகே | பரவாயில்லை | சரி தான் | கரெக்ட்
aama | aamaam | sari | seri | correctu | paravailla | sari thaan
അതെ | ശരി | അതെ ശരിയാണ് | ഓക്കെ | കുഴപ്പമില്ല | athe | sheri | sheriyanu | kuzhappamilla
"""
_NO = """
no | nope | no thanks | incorrect | that's wrong | that's not right | it isn't correct
not quite right | that doesn't work | I don't think so | not really | yeah no | no no no
nope that's wrong | that is a mistake | don't book it | wait, no | I'd rather not
नहीं | जी नहीं | सही नहीं है | ठीक नहीं है | गलत है | नहीं चाहिए
nahi | ji nahi | sahi nahi hai | galat hai | nahi chahiye
இல்லை | இல்ல | சரி இல்ல | தப்பு | வேண்டாம் | சரியில்லை | illa | thappu | sari illa | vendam
ഇല്ല | അല്ല | വേണ്ട | ശരിയല്ല | തെറ്റാണ് | illa | alla | venda | sheriyalla | thettanu
"""
_CORRECTED = """
yes but make it 600 | no, it's 600 | no 600 | yes should be six hundred | it should be 600
change the time | wait no it's 600 | everything is correct except the time | the time is wrong
let's do six instead | I want a different time | yes only the time is wrong
not 500 | yes, but only for two people | no, the other address | make that 600
haan lekin 600 | हाँ लेकिन छह सौ | नहीं, छह सौ | இல்லை 600 | சரி ஆனா 600 | illa 600
ശരി പക്ഷേ 600 | അല്ല, 600 | sheri pakshe 600
"""
_UNCLEAR = """
wait | hold on | yes and no | I'm not sure | maybe | booking | I know | know | 600
is that right? | what time was it | when was it again | right? | hmm | with no subtitles
| house no 5
the right address is 5 main street | good old times street | one moment | ஒரு நிமிஷம் | एक मिनट
ഒരു മിനിറ്റ് | पता नहीं | தெரியல | അറിയില്ല | yes wait | not sure, no | the one with no sugar please
what good is that
"""


def _cases(lines: str) -> list[str]:
    return [case.strip() for case in lines.replace("\n", "|").split("|") if case.strip()]


@pytest.mark.parametrize("said", _cases(_YES))
def test_a_yes_is_heard_and_is_bare(said: str) -> None:
    assert read_confirmation(said, "en-IN") == Verdict(yes=True, bare=True)


@pytest.mark.parametrize("said", _cases(_NO))
def test_a_no_is_heard(said: str) -> None:
    assert read_confirmation(said, "ta-IN").yes is False


@pytest.mark.parametrize("said", _cases(_CORRECTED))
def test_a_correction_is_a_no_with_something_to_read(said: str) -> None:
    assert read_confirmation(said, "en-IN") == Verdict(yes=False, bare=False)


@pytest.mark.parametrize("said", _cases(_UNCLEAR))
def test_what_is_neither_yes_nor_no_stays_open(said: str) -> None:
    assert read_confirmation(said, "en-IN").yes is None


@pytest.mark.parametrize(
    "said", ["yes it's 600", "yes, and I don't need a return", "yes with no subtitles"]
)
def test_a_yes_with_more_is_not_bare(said: str) -> None:
    assert read_confirmation(said, "en-IN") == Verdict(yes=True, bare=False)


@pytest.mark.parametrize("said", ["", "   ", "?!", "…"])
def test_nothing_said_is_no_verdict(said: str) -> None:
    assert read_confirmation(said, "en-IN") == Verdict(yes=None, bare=False)


def test_ya_is_yes_in_english_and_or_in_hindi() -> None:
    assert read_confirmation("ya", "en-IN").yes is True
    assert read_confirmation("ya", "hi-IN").yes is None


def test_other_languages_are_read_with_the_english_book() -> None:
    assert read_confirmation("yes", "te-IN").yes is True


@pytest.mark.parametrize(
    ("said", "leans"),
    [
        *(("yes but only for two", True), ("no way", False), ("a large one", None)),
        *(
            ("I don't know", None),
            ("it is", True),
            ("hold on, fine", True),
            ("is it five? yes", True),
        ),
    ],
)
def test_a_leaning_leaves_additions_aside(said: str, leans: bool | None) -> None:
    assert leaning(split(said), "en-IN") is leans
