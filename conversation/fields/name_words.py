"""Words around names: titles, particles, and words that are never part of one. Data only."""

from __future__ import annotations

from conversation.reading.words import fold


def _folded(words: str) -> frozenset[str]:
    return frozenset(map(fold, words.split()))


TITLES = _folded(
    "mr mrs ms miss dr doctor prof professor mister shri smt श्री श्रीमती डॉक्टर திரு திருமதி"
)
PARTICLES = _folded("de la del van von der den bin binti ibn al el da dos di du le st abu")

# What may stand before and after a name that is the whole answer.
LEADING = _folded(
    "um uh uhm umm er erm hmm hm oh ah well so yes yeah yep sure ok okay hello hi hey "
    "sorry its it is "
    "thats that this the name spelled spelt written just जी हाँ वो ji haan நான் அது naan "
    "athu njan ഞാൻ അത്"
)
TRAILING = _folded(
    "please thanks thank you sir madam maam here speaking is my name thats it all है hai जी ji தான் "
    "than thaan ஆணு ആണ് aanu ok okay"
)

# What may follow a name in the same breath.
ENDING = _folded(
    "and from with at calling speaking here by the side i im my its is sir madam please "
    "thanks thank "
    "you so but for on in of to है हूं हूँ hai hoon hun hu से ஆகும் ngo ங்க ஆணு ആണ് aanu anu ആകുന്നു "
    "enbathu என்பது എന്നാണ് ennanu nga tha dhan தான்"
)

# Names too, where another name follows: Will Smith, May Parker.
FIRST_NAMES = _folded("will may")
# A name too, when nothing else is said: in Malayalam it ends a sentence.
LONE_NAMES = _folded("anu")

# Words that no name contains: fillers, yes and no, politeness, verbs and small words of speech.
NEVER = _folded(
    "um uh uhm umm er erm hmm hm mm mhm oh ah well yes yeah yep yup no nope nah ok okay okey sure "
    "right alright fine good great nice perfect correct please thanks thank sorry hello hi hey bye "
    "goodbye what who why how when where which whose a an the this that these those it its he she "
    "they we you your my mine me i im ive ill id am is are was were be been being do does did dont "
    "doesnt didnt not cant cannot wont can could will would should shall may must might have has "
    "had having to of in on at for with from by about into as if or and but so because than then "
    "just only also too very really actually maybe perhaps sure looking calling call called want "
    "wanted need needed like liked know think thinking say said tell told ask asked speak speaking "
    "talk talking hear heard see saw get got give gave take took make made go going come coming "
    "book booking order ordering pay paying price cost number phone email address time date day "
    "monday tuesday wednesday thursday friday saturday sunday "
    "today tomorrow yesterday morning afternoon evening night now later soon again wait "
    "hold moment minute second one two three "
    "four five six seven eight nine ten hundred thousand rupees dollars first last name names full "
    "someone somebody nobody anyone nothing something anything everything person human agent "
    "operator interested busy available happy not-sure afraid unsure ready done back there here "
    "skip repeat pardon none any some all both more less much many lot little bit home work office "
    "driving english hindi tamil malayalam spelled spelt spell spelling letters capital double "
    "triple reason problem question wrong mistake different new old same other another "
    "never always already still yet up down out off over under before after until while during "
    "really seriously excuse kindly sir madam maam myself self "
    "हाँ हां जी नहीं नही ठीक है अच्छा मैं मेरा मेरी मेरे नाम आप क्या कौन क्यों कब कहाँ हूँ हूं और यह वो यही "
    "haan nahi nahin theek thik accha mera meri mere naam nam aap kya kaun kyun hoon hai "
    "aur yeh main "
    "bol raha rahi hu pata ஆமா ஆம் இல்லை இல்ல சரி நான் என் என்னோட பெயர் பேர் பேரு என்ன யார் ஏன் தெரியாது "
    "தெரியல வேண்டாம் அது இது aama illai illa sari naan en ennoda peyar peru per enna "
    "yaar yen theriyala "
    "അതെ അല്ല ഇല്ല ശരി ഞാൻ എന്റെ പേര് എന്ത് ആര് അറിയില്ല വേണ്ട athe alla sheri njan ente ariyilla venda"
)
