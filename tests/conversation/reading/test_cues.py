import pytest

from conversation.reading.asking import asks_something
from conversation.reading.cues import (
    declines,
    does_not_know,
    is_backchannel,
    says_goodbye,
    wants_person,
    wants_repeat,
    wants_to_wait,
)

_CUES = {
    cue.__name__: cue
    for cue in (
        *(wants_person, wants_repeat, wants_to_wait, declines, says_goodbye, does_not_know),
        is_backchannel,
    )
}

_MEANT = {
    "wants_person": """
        can I talk to a real person please | agent | representative! | human please | I want a human
        transfer me to an operator | put me through to someone | let me speak with your manager
        I need to speak to someone about my order | connect me to customer care | transfer me
        I don't want to talk to a robot I want a human | can I get a supervisor
        is there a real person I can talk to | this robot is useless | call the manager
        मुझे किसी से बात करनी है | एजेंट से बात कराइए | kisi insaan se baat karni hai | ऑपरेटर
        ஆள் கிட்ட பேசணும் | மேனேஜர்கிட்ட பேசணும் | agent kitta pesanum | ஏஜென்ட்
        ആളോട് സംസാരിക്കണം | ഏജന്റിനോട് സംസാരിക്കണം | manajarodu samsarikkanam | ഏജന്റ്""",
    "wants_repeat": """
        what | pardon | sorry what | could you repeat that please | say that again
        sorry I didn't catch that | what did you say | I can't hear you | come again | repeat please
        can you speak louder | I don't understand the question | please repeat the question
        फिर से बोलिए | क्या कहा | phir se boliye | सुनाई नहीं दिया | dobara
        திரும்ப சொல்லுங்க | என்ன சொன்னீங்க | thirumba sollunga | புரியல | innoru thadava
        ഒന്നുകൂടി പറയാമോ | കേട്ടില്ല | onnukoodi parayamo | എന്താ പറഞ്ഞത്""",
    "wants_to_wait": """
        hold on | wait | one minute please | just a second | let me check | hang on a second
        give me a moment please | bear with me | um, one moment | ok hold on
        एक मिनट | रुकिए | ek minute rukiye | ஒரு நிமிஷம் இருங்க | oru nimisham | பொறுங்க
        ഒരു മിനിറ്റ് | ഒന്ന് നിൽക്കൂ | oru minute""",
    "declines": """
        not interested | I'm not interested | sorry, I am not interested, thanks | stop calling me
        don't call me again | please do not call this number again | wrong number
        you have the wrong number | take me off your list | remove my number from your list
        I don't want any more calls | leave me alone | never call me again
        मुझे रुचि नहीं है | दोबारा कॉल मत करना | गलत नंबर | phone mat karo | interested nahi hoon
        எனக்கு விருப்பம் இல்லை | கால் பண்ணாதீங்க | call pannatheenga | ராங் நம்பர்
        ഇനി വിളിക്കരുത് | എനിക്ക് താൽപര്യമില്ല | vilikkaruthu | thalparyamilla""",
    "says_goodbye": """
        bye | okay thanks bye | goodbye | thank you so much, have a nice day | I have to go, bye
        I'm busy right now, call me later | call me back later please | ok thank you bye
        see you later | अलविदा | ठीक है धन्यवाद बाय | phir milenge | போயிட்டு வரேன்
        சரி நன்றி பை | poyittu varen | ശരി പിന്നെ കാണാം | ബൈ | pinne kaanam""",
    "does_not_know": """
        I don't know | not sure | skip | no idea sorry | I can't remember | I don't have one
        I'd rather not say | next question please | honestly I don't know
        पता नहीं | मुझे नहीं पता | याद नहीं | pata nahi | தெரியாது | எனக்கு தெரியல | theriyala
        എനിക്കറിയില്ല | അറിയില്ല | ariyilla""",
    "is_backchannel": """
        mhm | okay | uh huh | I see | haan | right, okay | हाँ | अच्छा | ம்ம் | சரி | ഉം | ശരി""",
}

_NOT_MEANT = {
    "wants_person": """
        I am a real estate agent | I want to transfer money | is this a robot
        am I talking to a real person | table for two people | one person | three people
        I don't want to talk to a person | I spoke to your agent yesterday | my agent is John
        somebody else will pick it up | I need a receptionist job | transfer 500 rupees
        I have to talk to my manager first | per person | the manager of the shop | human resources
        I'll pay in person | ask the travel agent
        I will call the manager tomorrow | let me call my manager
        transfer me 500 rupees | my customer service job""",
    "wants_repeat": """
        what time do you open | I repeat my address is 5 main street | again in May | what a day
        say that it is for John | two more times | நான் என்ன செய்யணும் | once a week""",
    "wants_to_wait": """
        at one minute past two | wait 5 people | one minute past | in a minute or two I can be there
        let me check the price it is 500 | the second one
        two minutes | a moment ago I said five""",
    "declines": """
        I'm not interested in the large one | don't call me before nine | is this the wrong number
        stop at the second house | I don't want onions | call me again tomorrow | no thanks
        take me off at 5 | the wrong size | not the interested kind
        stop | मुझे नहीं चाहिए | எனக்கு வேண்டாம்
        enikku venda | two minutes""",
    "says_goodbye": """
        bye the way it's 500 | goodbye street 5 | I said bye to the old price | thanks | okay
        have a large pizza | see the menu | yes thank you bye | haan ji bye | I am busy
        yes, that's correct, have a nice day""",
    "does_not_know": """
        not sure about the price but 500 | I don't know maybe 500 | skip the onions | the pass road
        I know | no""",
    "is_backchannel": """
        okay 500 | the right one | oh it's five | no | yes please make it large""",
}


def _cases(table: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (cue, said.strip())
        for cue, lines in table.items()
        for said in lines.replace("\n", "|").split("|")
        if said.strip()
    ]


@pytest.mark.parametrize(("cue", "said"), _cases(_MEANT))
def test_a_cue_is_heard(cue: str, said: str) -> None:
    assert _CUES[cue](said, "en-IN")


@pytest.mark.parametrize(("cue", "said"), _cases(_NOT_MEANT))
def test_words_that_only_sound_like_a_cue_are_none(cue: str, said: str) -> None:
    assert not _CUES[cue](said, "en-IN")


@pytest.mark.parametrize("cue", _CUES)
@pytest.mark.parametrize("said", ["", "  ", "?!", "500 rupees", "large pizza"])
def test_answers_and_silence_are_no_cue(cue: str, said: str) -> None:
    assert not _CUES[cue](said, "ta-IN")


def test_a_long_story_with_cue_words_in_it_is_no_cue() -> None:
    story = "well you see " * 20 + "I said don't call me again and asked to speak to a manager"

    assert not any(cue(story, "en-IN") for cue in _CUES.values())


_QUESTIONS = """
who is this | who's calling | why do you need it | how long does it take | what is this about
sorry, who are you | is it possible for 600? | can you tell me what it costs | why | is this a robot
I'd like to know whether you deliver | when can you come | at what time do you close
tell me the price
do you have parking | आप कौन हैं | aap kaun hain | எதுக்கு கேக்கிறீங்க | யாரு பேசுறது | neenga yaaru
ആരാ വിളിക്കുന്നത് | ningal aaraa | can you explain why | could you help me with this, please
"""
_ANSWERS = """
500 rupees | what I want is a large pizza | can you make it 600 | may 5th | may the fourth
two? | large? | is fine | will do | do it | which is fine | yes | no | when I get home | | ?
John Smith | what about 600 | kaha
"""


def _lines(lines: str) -> list[str]:
    return [case.strip() for case in lines.replace("\n", "|").split("|") if case.strip()]


@pytest.mark.parametrize("said", _lines(_QUESTIONS))
def test_questions_are_told_from_answers(said: str) -> None:
    assert asks_something(said, "hi-IN")


@pytest.mark.parametrize("said", [*_lines(_ANSWERS), ""])
def test_answers_are_no_questions(said: str) -> None:
    assert not asks_something(said, "en-IN")
