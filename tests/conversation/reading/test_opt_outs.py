"""Who asks never to be rung again, and who only sounds so, in four languages."""

from __future__ import annotations

import pytest

from conversation.reading.opt_outs import opts_out

ENGLISH_OPT_OUTS = """
    I would like to be removed | I want to be unsubscribed please | can you take my name off |
    please take my number off | I do not consent to these calls | I don't agree to being called |
    block my number from calling | DNC please | you are harassing me, stop | You're harassing
    us. Please stop it! | stop, you people are disturbing me | this is harassment, stop now |
    you keep bothering me, will you please stop |
    stop calling me | please stop calling me | Stop calling. | don't call me | don't call me
    again | do not call this number again | never call me again | please never call me | take
    me off your list | remove me from your list | remove my number from your database | please
    take my number off the list | unsubscribe | unsubscribe me please | I want to opt out |
    opt out | opt me out of these calls | put me on the do not call list | I am on the do not
    call registry | I don't want any more calls | I don't want these calls | no more calls
    please | no calls please | leave me alone | don't ever contact me again | lose my number |
    delete my number | remove me | stop bothering me | quit calling here | I told you not to
    call me | I said don't call me | how many times do I have to tell you not to call me | I
    don't want you to call me again | can you please not call me again | could you stop
    calling me | I revoke my consent | I withdraw my consent to be called | you don't have my
    permission to call me | I do not wish to be contacted | I don't want to be called again |
    please don't call | Don't call me, sir | don't call me, I'll call you | don't call me I am
    not interested | not interested, don't call again | do not disturb me again | please don't
    ring us any more | stop these calls | how do I stop these calls | don't call me for loans
    | stop calling me every day | stop harassing me | take us off the calling list | I would
    rather you didn't call me | don't you dare call me again | yes but don't call me again |
    please remove me from all your lists | activate DND | do not contact me | Kindly do not
    call in future | I'd like to be removed from your list | take me off the list please |
    don't call me anymore please I'm driving
"""

HINDI_OPT_OUTS = """
    फोन मत करो | कॉल मत कीजिए | दोबारा फोन मत करना | मुझे कॉल न करें | आज के बाद
    फोन मत करना | कॉल करना बंद करो | फ़ोन करना बंद कर दीजिए | मेरा नंबर हटा दो |
    मेरा नंबर लिस्ट से हटा दीजिए | मुझे अपनी लिस्ट से निकाल दो | आगे से कॉल मत
    करिएगा | मुझे ये कॉल नहीं चाहिए | बार बार परेशान मत करो | मत करो कॉल | phone
    mat karo | call mat karna | dobara call mat karna | mujhe call na karein |
    call karna band karo | mera number hata do | list se mera naam hata do | baar
    baar pareshan mat karo | aaj ke baad phone mat karna | मैं मीटिंग में हूँ,
    दोबारा कॉल मत करना | डीएनडी लगा दो
"""

TAMIL_OPT_OUTS = """
    கால் பண்ணாதீங்க | இனிமே கூப்பிடாதீங்க | இனிமேல் எனக்கு கால் பண்ணாதீங்க | போன்
    பண்ணாதீங்க | ஃபோன் பண்ண வேண்டாம் | அழைக்காதீர்கள் | இனி அழைக்க வேண்டாம் |
    திரும்ப கூப்பிடாதீங்க | என் நம்பரை எடுத்துடுங்க | என் நம்பரை லிஸ்ட்ல இருந்து
    நீக்குங்க | கால் பண்றத நிறுத்துங்க | இனிமே தொந்தரவு பண்ணாதீங்க | லிஸ்ட்ல
    இருந்து என்னை எடுத்துடுங்க | call pannatheenga | inime call pannadheenga |
    phone panna vendam | koopidatheenga | inimel koopidadheenga | en number
    eduthudunga | call panradha niruthunga | inime call panna vendaam |
    kupidatheenga
"""

MALAYALAM_OPT_OUTS = """
    വിളിക്കരുത് | ഇനി വിളിക്കരുത് | ഇനി വിളിക്കണ്ട | ഇനി എന്നെ വിളിക്കേണ്ട | ഫോൺ
    ചെയ്യരുത് | കോൾ ചെയ്യരുത് | എന്റെ നമ്പർ ഒഴിവാക്കൂ | എന്റെ നമ്പർ ലിസ്റ്റിൽ
    നിന്ന് മാറ്റൂ | ലിസ്റ്റിൽ നിന്ന് എന്നെ ഒഴിവാക്കൂ | വിളിക്കുന്നത് നിർത്തൂ | ഇനി
    ശല്യം ചെയ്യരുത് | ini vilikkaruthu | vilikkanda | vilikkenda | ini enne
    vilikkalle | phone cheyyaruthu | ente number ozhivakku | vilikkunnath nirthu
"""

ENGLISH_OTHERWISE = """
    I would like to be removed from the night shift | I want it to be removed | take my name off
    that order | there is a tree that I want to be removed | block the number from the form |
    I do not agree to these calls after nine | my boss is harassing me, stop |
    you are harassing me | stop, you are at the wrong house | you are disturbing me, stop at
    the gate | this is harassment by the driver | they are bothering me, please stop |
    are you bothering me with the price, stop the order | it is spam in the tin, stop |
    don't call me now | call me tomorrow | stop, I mean six hundred | remove that item | call
    me later | please call me back later | don't call me today | don't call me before nine |
    don't call me at night | don't call me on Sundays | don't call me after six | don't call
    me in the morning | don't call me, call me tomorrow | please don't call me now, call me in
    the evening | don't call me while I'm driving | don't call me until Monday | don't call me
    for a week | don't call me sir | stop calling me sir | don't call me at work | stop | stop
    it | stop please | wait stop | stop at the second house | cancel | cancel my order |
    remove the onions | take that off my order | don't remove me from the list | don't stop
    calling me | I don't want you to stop calling | they never call me back | you never called
    me | why don't you call me tomorrow | they don't call me | nobody calls me | why did you
    stop calling me | don't call me again today | don't call me again before Monday | not
    interested | wrong number | no thanks | no | I am busy | put me on hold | take me off hold
    | take me to the airport | take me from the station | take me off the waiting list |
    delete my number, it's 98765 43210 | remove my number and use my wife's | call my number
    again | I called you again | I don't want onions | I don't want this call | is this the
    wrong number | opt out of the insurance | don't call the driver again | don't call it a
    pizza | I will never call a plumber again | he told me never to call him | don't hang up |
    do not call before you arrive | don't ring the bell | never mind | no calls before nine
    please | call me again | I don't have a phone | never | my list of calls is long | call
    the manager | please don't disturb | DND flyover | near DND | end of the road | I missed
    your calls | stop the delivery | contact me again tomorrow | call me only after six | I
    have no more questions | remove one pizza from the list | don't forget to call me | don't
    forget my number | do not call me late at night
"""

HINDI_OTHERWISE = """
    अभी फोन मत करो | अभी कॉल मत कीजिए, बाद में कीजिए | रात में फोन मत करना | बाद
    में फोन करना | कल फोन करना | कॉल मत काटो | फोन मत रखिए | फोन बंद मत करो |
    कैंसल मत करो | मैंने फोन नहीं किया | मुझे फोन नहीं करना | call mat kaato |
    abhi call mat karo | kal phone karna | phone silent mat karo | सुबह कॉल मत
    करना शाम को करना | परेशान मत करो | पिज़्ज़ा लिस्ट से हटा दो | मत करो | list se
    pizza hata do | प्याज मत डालो | call cut mat karo | मेरा नंबर लिख लो | baad
    mein call karna
"""

TAMIL_OTHERWISE = """
    இப்போ கால் பண்ணாதீங்க | அப்புறம் கூப்பிடுங்க | நாளைக்கு கால் பண்ணுங்க |
    காலையில கால் பண்ணாதீங்க | கட் பண்ணாதீங்க | கால் கட் பண்ணாதீங்க | என் நம்பர்
    எடுத்துக்கோங்க | வேண்டாம் | ippo call pannatheenga | naalaikku call pannunga |
    call cut pannadheenga | இன்னைக்கு கூப்பிட வேண்டாம், நாளைக்கு கூப்பிடுங்க |
    தொந்தரவு பண்ணாதீங்க | கால் பண்ணுங்க | வெங்காயம் வேண்டாம் | call pannunga
"""

MALAYALAM_OTHERWISE = """
    ഇപ്പോൾ വിളിക്കരുത് | നാളെ വിളിക്കൂ | പിന്നെ വിളിക്കൂ | ഇപ്പൊ വിളിക്കണ്ട, നാളെ
    വിളിച്ചാൽ മതി | രാത്രി വിളിക്കരുത് | എന്റെ നമ്പർ മാറ്റണം | കട്ട് ചെയ്യരുത് |
    വേണ്ട | ippo vilikkaruthu | naale vilikku | vilikku | call cut cheyyaruthu |
    ഉള്ളി വേണ്ട
"""


def phrases(*tables: str) -> list[str]:
    return [" ".join(one.split()) for table in tables for one in table.split("|")]


@pytest.mark.parametrize(
    "words",
    phrases(ENGLISH_OPT_OUTS, HINDI_OPT_OUTS, TAMIL_OPT_OUTS, MALAYALAM_OPT_OUTS),
)
def test_who_wants_no_more_calls_is_heard(words: str) -> None:
    assert opts_out(words)
    assert opts_out(f"Hello? {words}. Okay?")


@pytest.mark.parametrize(
    "words",
    phrases(ENGLISH_OTHERWISE, HINDI_OTHERWISE, TAMIL_OTHERWISE, MALAYALAM_OTHERWISE),
)
def test_who_names_an_hour_or_means_something_else_is_not_barred(words: str) -> None:
    assert not opts_out(words)


def test_it_is_heard_in_a_long_complaint_too() -> None:
    story = "well you see " * 20 + "so I tell you once more, don't call me again"
    assert opts_out(story)


@pytest.mark.parametrize("words", ["", " ", "…", "9", "?!", "न", "வே"])
def test_nothing_is_no_opt_out(words: str) -> None:
    assert not opts_out(words)


@pytest.mark.parametrize(
    "words",
    phrases(
        """I told you not to call | hereafter don't call | don't call na |
        from next time don't call | why do you call every day don't call |
        you people keep calling, stop | this is harassment stop it | get my number out |
        no more of these calls please | block this number from your list | take this number off |
        I object to these calls"""
    ),
)
def test_impatient_people_are_heard(words: str) -> None:
    assert opts_out(words)


@pytest.mark.parametrize(
    "words",
    phrases(
        """don't bother | do not disturb the baby | they told me not to call before ten |
        I told you not to call before ten | I object to that price | it is no harassment stop it |
        stop at the block this number is on the gate | keep calling, I will pick up |
        block the calendar for this number | get my number out of the register and read it"""
    ),
)
def test_patient_people_are_not_barred(words: str) -> None:
    assert not opts_out(words)


@pytest.mark.parametrize(
    "words", ["It is not harassment. Please stop.", "This is the spam folder. Stop"]
)
def test_who_says_that_it_is_no_harassment_is_not_barred(words: str) -> None:
    assert not opts_out(words)
