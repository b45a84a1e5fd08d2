"""Words that say nothing about what callers talk of: left out of phrases. Data only.

English, and the commonest of Hindi, Tamil and Malayalam in their own letters; figures in words are
here too, because a number is a value and no subject.
"""

from __future__ import annotations

_EN = """
a about after again all also am an and any are as at be because been before being but by came can
cannot come could did do does doing done down each else ever every for from get gets getting give
given gives go goes going gonna gone got had has have having he hello her here hers hey hi him his
how i if in into is it its just keep kind know let like made make makes many may maybe me mean might
mine more most much must my near need never next not now of off oh on only or other our out over own
put quite rather really said same say saying says see shall she should since so some someone
something speak speaking still such take tell than that the their them then there these they thing
things think this those though through till to too under until up upon us use used using very wanna
want wanted wants was way we well went were what when where which while who whom whose why will wish
with would you your yours
ah alright bye correct er exactly fine goodbye hmm huh kindly mm nah nope no ok okay please pardon
right sir madam sorry sure thank thanks that's uh um welcome yeah yep yes yup
i'm i'd i'll i've you're you'd you'll you've he's she's it's we're we'll we've they're they'll
they've there's what's where's who's let's don't doesn't didn't can't couldn't won't wouldn't isn't
aren't wasn't weren't haven't hasn't hadn't shouldn't
name call number ask mail email address
"""
_EN_FIGURES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
thousand lakh crore million billion half quarter double triple first second third point dot oh
am pm o'clock rupee rupees dollar dollars pound pounds paise rs inr usd
january february march april june july august september october november december
monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday
"""
_HI = """
है हैं था थी थे हूँ हूं हो का की के को से में पर और या यह वह ये वो मैं हम आप तुम मेरा मेरी मेरे आपका आपकी आपके
क्या कौन कब कहाँ कहां कैसे क्यों नहीं ना मत हाँ हां जी ठीक अच्छा बस तो भी ही एक कोई कुछ कर करना करो
चाहिए रहा रही रहे गया गई नमस्ते धन्यवाद शुक्रिया
शून्य दो तीन चार पांच पाँच छह सात आठ नौ दस सौ हजार हज़ार लाख करोड़ रुपये रुपए
"""
_TA = """
நான் நாங்கள் நீங்கள் நீ அவர் அது இது அந்த இந்த ஒரு என் என்னுடைய உங்கள் என்ன எப்படி எங்கே எப்போது ஏன் யார்
ஆம் ஆமா இல்லை வேண்டாம் வேண்டும் சரி உண்டு இருக்கு இருக்கிறது மற்றும் ஆனால் தான் கூட வணக்கம் நன்றி
பூஜ்ஜியம் ஒன்று இரண்டு மூன்று நான்கு ஐந்து ஆறு ஏழு எட்டு ஒன்பது பத்து நூறு ஆயிரம் லட்சம் ரூபாய்
"""
_ML = """
ഞാൻ ഞങ്ങൾ നിങ്ങൾ നീ അവൻ അവൾ അത് ഇത് ആ ഈ ഒരു എന്റെ നിങ്ങളുടെ എന്ത് എങ്ങനെ എവിടെ എപ്പോൾ ആര്
അതെ ഉവ്വ് ഇല്ല അല്ല വേണ്ട വേണം ശരി ഉണ്ട് ആണ് ഉം പക്ഷേ കൂടി നമസ്കാരം നന്ദി
പൂജ്യം ഒന്ന് രണ്ട് മൂന്ന് നാല് അഞ്ച് ആറ് ഏഴ് എട്ട് ഒമ്പത് പത്ത് നൂറ് ആയിരം ലക്ഷം രൂപ
"""

STOP_WORDS = frozenset(f"{_EN} {_EN_FIGURES} {_HI} {_TA} {_ML}".split())
