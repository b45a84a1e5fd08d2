"""The phrases of the cues, in English, Hindi, Tamil and Malayalam, romanised too. Data only.

Patterns are matched on `words.plain`: folded words, no apostrophes, one space around each.
"""

from __future__ import annotations

import re

from conversation.reading.words import split


def _indic(*phrases: str) -> str:
    """Alternatives of folded phrases; a final "*" stands for any ending of the word."""
    lines = []
    for phrase in phrases:
        words = " ".join(word.text for word in split(phrase))
        lines.append(words + (r"\S*" if phrase.endswith("*") else ""))
    return "|".join(lines)


def _phrases(lines: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in lines.replace("\n", "|").split("|") if line.strip())


# Said around a cue and never instead of one.
POLITE = _phrases(
    """please|kindly|sorry|excuse me|ok|okay|well|um|uh|uhm|er|hmm|oh|sir|madam|maam|hello
    |hi|hey|yes
    |yeah|no|so|just|then|now|thanks|thank you|actually|and|but|i|the|a|for me|me|to me|again
    |जी|प्लीज|प्लीज़|कृपया|भैया|सर|मैडम|हेलो|हैलो|माफ कीजिए|please ji|ji|bhaiya|zara|ज़रा|हाँ|नहीं
    |ப்ளீஸ்|தயவுசெய்து|சார்|மேடம்|ஹலோ|கொஞ்சம்|konjam|dayavu seithu|சாரி|அம்மா|ஐயா
    |പ്ലീസ്|ദയവായി|സാർ|മാഡം|ഹലോ|സോറി|ഒന്ന്|onnu|dayavayi|chetta|chechi"""
)

# A person ------------------------------------------------------------------------------------
_WHO = (
    "(?:person|human|human being|agent|operator|representative|rep|someone|somebody|supervisor|"
    "manager|receptionist|executive|real person|live person|live agent|staff|staff member|"
    "customer care|customer service|customer support|consultant|advisor|adviser|specialist|"
    "team member|human agent|actual person|actual human|people|salesperson|"
    "somebody real|someone real|someone else|somebody else|help desk|support)"
)
_ARTICLE = "(?:a|an|the|your|some|any|one of your|another)"
_KIND = (
    "(?:(?:real|live|human|actual|senior|physical|customer|service|support|care|sales|duty) ){0,3}"
)
_TALK = "(?:talk|speak|chat|talking|speaking)(?: (?:to|with))?"
_PASS = "(?:transfer|connect|put|pass|get|give|forward|redirect|switch|hand|take)"
_ALONE = (
    r"(?! (?:estate|number|id|name|code|recommended|told|said|called|fee|commission|"
    r"are|is|was|who|in|at)\b)"
)

# Things that only sound like asking for a person.
PERSON_EXCLUDED = re.compile(
    r" (?:real estate|estate|insurance|travel|booking|ticket|cleaning|property|letting|secret|"
    r"shipping|press) agents? | (?:i will|ill|let me) (?:call|ring) (?:the |my |our )?\w+ | "
    r"(?:are you|is this|am i) (?:(?!i )\w+ ){0,5}?"
    r"(?:robot|bot|machine|human|person|computer|recording|ai) | in person | per person | "
    r"(?:one|two|three|four|five|six|\d+) (?:person|people) | customer service (?:job|role) | "
    r"(?:dont|do not|didnt|did not|no need to|not) (?:want to |need to |wish to )?"
    r"(?:talk|speak|want|need) (?:(?!i )\w+ ){0,5}?(?:person|human|agent|operator|anyone|someone|"
    r"representative|manager|supervisor) "
)

PERSON_WANTED = re.compile(
    rf" (?:{_TALK} (?:{_ARTICLE} )?{_KIND}{_WHO}{_ALONE} |"
    rf"(?:want|need|get me|give me|prefer|like) (?:{_ARTICLE} )?{_KIND}"
    rf"(?:human|human being|real person|live person|operator|representative|live agent|human agent|"
    rf"supervisor|actual person|customer care|customer service){_ALONE} |"
    rf"{_PASS} (?:me |us |this call |the call |my call )?(?:on |over |through )?(?:to|with|"
    rf"through to|"
    rf"on to|onto) (?:{_ARTICLE} )?{_KIND}{_WHO}{_ALONE} |"
    rf"(?:can|could|may) (?:i|you) (?:please )?(?:get|have) (?:{_ARTICLE} )?{_KIND}"
    rf"(?:human|real person|live person|operator|representative|live agent|manager|supervisor) |"
    rf"(?:is there|isnt there) (?:{_ARTICLE} )?{_KIND}(?:human|real person|person|someone) "
    rf"(?:i can|to|who can|there) |(?:call|ring) (?:the )?(?:operator|manager|supervisor) |"
    rf"(?:transfer|connect) me (?:please |now )?$|put me through |i want a human |"
    rf"{_TALK} (?:a )?human |(?:this|it) (?:bot|robot|machine) is (?:useless|stupid|no good) |"
    + _indic(
        *("किसी इंसान से बात*", "किसी आदमी से बात*", "किसी से बात करनी*", "किसी से बात कर*"),
        *("एजेंट से बात*", "मैनेजर से बात*", "ऑपरेटर से बात*", "इंसान से बात*", "कस्टमर केयर से बात*"),
        *("असली इंसान*", "किसी व्यक्ति से बात*", "प्रतिनिधि से बात*", "आदमी से बात कर*"),
        *("kisi insaan se baat*", "kisi insan se baat*", "insaan se baat*", "insan se baat*"),
        *("kisi aadmi se baat*", "kisi se baat kar*", "agent se baat*", "manager se baat*"),
        *("operator se baat*", "customer care se baat*", "kisi person se baat*"),
        *("agent se connect*", "manager se connect*", "एजेंट से कनेक्ट*"),
        *("மனுஷங்ககிட்ட பேச*", "மனிதரிடம் பேச*", "மனிதர் கிட்ட பேச*", "மனுஷன் கிட்ட பேச*"),
        *("ஆள் கிட்ட பேச*", "ஆளுகிட்ட பேச*", "ஆட்களிடம் பேச*", "மேனேஜர்கிட்ட பேச*"),
        *("மேனேஜர் கிட்ட பேச*", "மேனேஜரிடம் பேச*", "ஏஜென்ட் கிட்ட பேச*", "ஏஜென்ட்கிட்ட பேச*"),
        *("ஏஜென்டிடம் பேச*", "யார்கிட்டயாவது பேச*", "யாரிடமாவது பேச*", "ஒருத்தர் கிட்ட பேச*"),
        *("manushan kitta pesa*", "manusha kitta pesa*", "aal kitta pesa*", "aalu kitta pesa*"),
        *("manager kitta pesa*", "agent kitta pesa*", "operator kitta pesa*", "aalkitta pesa*"),
        *("ஆபரேட்டர் கிட்ட பேச*", "ஆபரேட்டரிடம் பேச*", "customer care kitta pesa*"),
        *("ആളോട് സംസാരിക്ക*", "മനുഷ്യനോട് സംസാരിക്ക*", "ആരോടെങ്കിലും സംസാരിക്ക*"),
        *("മാനേജരോട് സംസാരിക്ക*", "ഏജന്റിനോട് സംസാരിക്ക*", "ഓപ്പറേറ്ററോട് സംസാരിക്ക*"),
        *("ഒരാളോട് സംസാരിക്ക*", "ഏജന്റുമായി സംസാരിക്ക*", "കസ്റ്റമർ കെയറുമായി സംസാരിക്ക*"),
        *("aalodu samsarikk*", "manushyanodu samsarikk*", "manager odu samsarikk*"),
        *("agent inodu samsarikk*", "aarodenkilum samsarikk*", "oralodu samsarikk*"),
        *("manajarodu samsarikk*", "agentinodu samsarikk*", "managerodu samsarikk*"),
    )
    + ")"
)
# Whole utterances.
PERSON_WHOLE = _phrases(
    """agent|operator|representative|human|a human|a person|real person|a real person|human agent
    |live agent|live person|customer care|customer service|customer support|supervisor|manager
    |human being|human please|a human being|an agent|an operator|a representative|receptionist
    |speak to agent|talk to agent|agent agent|transfer me|connect me|somebody real|a manager
    |एजेंट|ऑपरेटर|मैनेजर|कस्टमर केयर|इंसान|ஏஜென்ட்|ஆபரேட்டர்|மேனேஜர்|கஸ்டமர் கேர்|ഏജന്റ്|ഓപ്പറേറ്റർ
    |മാനേജർ|കസ്റ്റമർ കെയർ|reception|the reception|front desk|the front desk
    |ஆள்கிட்ட பேசணும்|ஒரு ஆள்கிட்ட பேசணும்|ஆளு கிட்ட பேசணும்|ஒரு ஆளோட பேசணும்|மனுஷங்க கிட்ட பேசணும்
    |யாராவது கிட்ட பேசணும்|ஒருத்தர் கிட்ட பேசணும்|aal kitta pesanum|aalkitta pesanum|oru aal kitta pesanum
    |yaaravathu kitta pesanum|manushanga kitta pesanum|किसी से बात कराइए|किसी से बात करा दो
    |ആളോട് സംസാരിക്കണം|ഒരാളോട് സംസാരിക്കണം|aalodu samsarikkanam|oralodu samsarikkanam"""
)

# Politeness that, alone, wants what was said once more; a lone greeting wonders who is there.
REPEAT_ALONE = frozenset(
    _phrases(
        """sorry|sorry sir|sorry madam|sorry maam|sorry sorry|im sorry|hello|hello hello|hello sorry
        |are you there|hello are you there|anyone there|is anyone there|hello anyone there
        |सॉरी|हेलो|हैलो|हेलो हेलो|हैलो हैलो|சாரி|ஹலோ|ஹலோ ஹலோ|സോറി|ഹലോ|ഹലോ ഹലോ"""
    )
)

# Once more ------------------------------------------------------------------------------------
REPEAT_WHOLE = _phrases(
    """what|pardon|pardon me|come again|say again|repeat|repeat that|repeat it
    |say that again|say it again
    |what was that|what did you say|whats that|what is that|sorry what|huh|eh|once more
    |one more time
    |again please|i didnt hear|i did not hear|i didnt catch that|i didnt get that|i did not get that
    |i beg your pardon|beg your pardon|i cant hear you|i cannot hear you|cant hear you|i missed that
    |i didnt hear you|i couldnt hear you|i couldnt hear|i didnt hear that|i did not hear that
    |i did not catch that|could not hear|you what|what sorry|i dont understand|i did not understand
    |i didnt understand|i do not understand|say what|repeat the question|what was the question
    |whats the question|what is the question|can you hear me|louder|speak up|speak slowly
    |slowly please
    |क्या|क्या कहा|क्या बोला|क्या बोले|फिर से|फिर से बोलिए|फिर से बोलो|फिर से कहिए|दोबारा बोलिए
    |दोबारा बोलो|दोबारा कहिए|दोबारा|दुबारा बोलिए|एक बार फिर|एक बार और|सुनाई नहीं दिया|समझ नहीं आया
    |समझा नहीं|सुना नहीं|रिपीट कीजिए|रिपीट करो|रिपीट|kya|kya kaha|kya bola|phir se|phir se boliye
    |phir se bolo|fir se boliye|fir se bolo|dobara boliye|dobara bolo|dubara boliye|dobara
    |ek baar phir
    |ek baar aur|sunai nahi diya|samajh nahi aaya|samjha nahi|suna nahi|repeat karo|repeat kijiye
    |என்ன|என்ன சொன்னீங்க|என்ன சொன்னீர்கள்|திரும்ப சொல்லுங்க|திரும்பச் சொல்லுங்கள்|மறுபடி சொல்லுங்க
    |மறுபடியும் சொல்லுங்க|இன்னொரு தடவை|இன்னொரு முறை|இன்னொரு தடவை சொல்லுங்க|இன்னொரு முறை சொல்லுங்கள்
    |மீண்டும் சொல்லுங்கள்|திரும்ப|மறுபடியும்|கேட்கல|கேக்கல|கேட்கவில்லை|புரியல|புரியவில்லை|புரியலை
    |ரிப்பீட் பண்ணுங்க|enna|enna sonneenga|enna sonninga|thirumba sollunga|marubadi sollunga
    |marubadiyum sollunga|innoru thadava|innoru thadavai|innoru murai|innoru thadava sollunga
    |kekkala|ketkala|puriyala|puriyale|puriyavillai|thirumba|repeat pannunga
    |എന്ത്|എന്താ|എന്താ പറഞ്ഞത്|എന്താണ് പറഞ്ഞത്|ഒന്നുകൂടി പറയൂ|ഒന്നുകൂടി പറയുമോ|ഒന്നു കൂടി|ഒന്നുകൂടി
    |ഒന്ന് കൂടി പറയാമോ|ഒന്നുകൂടെ പറയൂ|വീണ്ടും പറയൂ|വീണ്ടും പറയാമോ|കേട്ടില്ല|മനസ്സിലായില്ല|മനസിലായില്ല
    |ഒന്നുകൂടി പറയാമോ|entha|enthu|entha paranjathu|onnukoodi parayu|onnu koodi parayu|onnukoodi parayamo
    |onnu koodi parayamo|veendum parayu|kettilla|manasilayilla|onnukoode parayu"""
)
_AGAIN = (
    "(?: (?:that|it|this|the question|yourself|what you said|the last part|the options|please))*"
)
REPEAT_WANTED = re.compile(
    r" (?:(?:can|could|would|will) you (?:please |kindly )?(?:repeat|say)"
    rf"{_AGAIN}(?: (?:again|once more|one more time|a bit slower|slowly|louder))* (?:please )?$|"
    r"(?:please |kindly )repeat(?: (?:that|it|the question|again|once more))* (?:please )?$|"
    r"(?:repeat|say) (?:that|it|the question)(?: (?:again|once more|one more time))(?: please)? $|"
    r"what (?:did|were) you (?:say|saying|ask|asking)(?: again)?(?: please)? $|"
    r"(?:didnt|did not|couldnt|could not|cant|cannot) (?:quite |really )?(?:hear|catch|"
    r"get|understand)"
    r"(?: (?:that|you|it|what you said|the question|properly|clearly|the last part|a word))+ |"
    r"(?:what|come) again (?:please )?$|i (?:dont|do not) (?:quite )?understand (?:you|"
    r"that|the question)"
    r"? ?(?:please )?$|can you speak (?:up|louder|slower|slowly|more slowly|clearly) )"
)

# A moment -------------------------------------------------------------------------------------
WAITING = _phrases(
    """wait|hold on|hang on|one moment|one second|one minute|one sec|just a moment|just a second
    |just a minute|just a sec|a moment|a minute|a second|give me a moment|give me a second|hold up
    |give me a minute|give me a sec|give me one minute|give me one second|give me one moment
    |let me think|let me check|let me see|let me look|let me find it|let me have a look|bear with me
    |hold the line|wait a minute|wait a second|wait a moment|wait a sec|hang on a second|im thinking
    |hang on a minute|hold on a second|hold on a minute|hold on a moment|hold on a sec|im looking
    |hold on one second|hold on one minute|half a minute|1 minute|1 second|1 moment|1 sec
    |give me two minutes|give me 2 minutes|just wait|let me ask|im checking|not yet
    |give me some time|wait for a minute|wait for a moment|wait for a second|let me get it
    |एक मिनट|एक सेकंड|एक सेकेंड|रुकिए|रुको|रुकिये|ठहरिए|रुकना|एक मिनट रुकिए|एक मिनट रुको|ज़रा रुकिए|जरा रुकिए
    |सोचने दीजिए|देखने दीजिए|होल्ड कीजिए|होल्ड करो|ek minute|ek second|ek minat|rukiye|ruko|rukie
    |ek minute rukiye|ek minute ruko|zara rukiye|thehriye|hold karo|hold kijiye|sochne do
    |ஒரு நிமிடம்|ஒரு நிமிஷம்|ஒரு செகண்ட்|இருங்க|இருங்கள்|பொறுங்க|பொறுங்கள்|கொஞ்சம் இருங்க|ஒரு நிமிஷம் இருங்க
    |கொஞ்சம் பொறுங்க|வெயிட் பண்ணுங்க|யோசிக்கிறேன்|oru nimisham|oru nimidam|oru second|irunga|porunga
    |konjam irunga|oru nimisham irunga|wait pannunga|konjam wait pannunga|konjam porunga
    |ഒരു മിനിറ്റ്|ഒരു നിമിഷം|ഒരു സെക്കൻഡ്|നിൽക്കൂ|നിക്കൂ|നിക്ക്|കാത്തിരിക്കൂ|ഒരു മിനിറ്റ് നിൽക്കൂ|ഒന്ന് നിൽക്കൂ
    |വെയിറ്റ് ചെയ്യൂ|ആലോചിക്കട്ടെ|നോക്കട്ടെ|oru minute|nilkku|nikku|oru minit|onnu nilkku|nokkatte
    |oru minute nilkku|wait cheyyu|aalochikkatte"""
)
WAIT_AROUND = _phrases("um|uh|let me|i need|can you|could you|will you|i have to|need|about|while")

# No, not at all -------------------------------------------------------------------------------
DECLINING_WHOLE = _phrases(
    """not interested|im not interested|i am not interested|wrong number|you have the wrong number
    |no interest|i have no interest|leave me alone|unsubscribe|go away
    |you have a wrong number|you got the wrong number|youve got the wrong number|remove me
    |this is the wrong number|this is a wrong number|wrong person|nobody by that name here
    |i dont want this call|i dont want to talk|i do not want to talk|dont disturb me|dont bother me
    |रुचि नहीं है|मुझे रुचि नहीं है|दिलचस्पी नहीं है|गलत नंबर|रॉन्ग नंबर|रांग नंबर|इंटरेस्ट नहीं है
    |मुझे इंटरेस्ट नहीं है|interest nahi hai|mujhe interest nahi hai
    |interested nahi hoon|main interested nahi hoon|galat number|wrong number hai
    |galat number hai|गलत नंबर है|रॉन्ग नंबर है|ruchi nahi hai
    |விருப்பம் இல்லை|விருப்பம் இல்ல|எனக்கு விருப்பம் இல்லை|எனக்கு விருப்பம் இல்ல|இன்ட்ரஸ்ட் இல்ல|ராங் நம்பர்
    |தவறான நம்பர்|தவறான எண்|எனக்கு இன்ட்ரஸ்ட் இல்ல|interest illa|enakku interest illa
    |viruppam illai|viruppam illa|enakku viruppam illa|enakku viruppam illai
    |wrong number nga|enakku vendam indha call
    |cancel|cancel it|cancel that|cancel this|cancel everything|forget it|drop it|i changed my mind
    |cancel my order|cancel the order|cancel this order|cancel my booking|cancel the booking
    |cancel my appointment|cancel the appointment|cancel the call|i want to cancel
    |i want to cancel it|id like to cancel|i want to cancel my order|i dont want to order
    |i dont want anything|कैंसल|कैंसिल|कैंसल कर दो|कैंसिल कर दो|कैंसल कर दीजिए|कैंसिल कर दीजिए|रद्द कर दो
    |रद्द कर दीजिए|रहने दो|रहने दीजिए|cancel karo|cancel kar do|cancel kar dijiye|rehne do
    |கேன்சல்|கேன்சல் பண்ணுங்க|கேன்சல் பண்ணிடுங்க|ரத்து செய்யுங்கள்|cancel pannunga|cancel pannidunga
    |ക്യാൻസൽ|ക്യാൻസൽ ചെയ്യൂ|ക്യാൻസൽ ചെയ്തോളൂ|റദ്ദാക്കൂ|cancel cheyyu|cancel cheytholu
    |താൽപര്യമില്ല|താല്പര്യമില്ല|എനിക്ക് താൽപര്യമില്ല|എനിക്ക് താല്പര്യമില്ല|താൽപ്പര്യമില്ല|റോങ് നമ്പർ
    |എനിക്ക് താൽപ്പര്യമില്ല|തെറ്റായ നമ്പർ|thalparyamilla|enikku thalparyamilla
    |thalparyam illa|enikku thalparyam illa
    |thalpariyam illa|enikku thalpariyam illa|interest illa|wrong number aanu"""
)
_CALLING = "(?:call|calling|ring|ringing|phone|phoning|contact|contacting|bother|bothering)"
DECLINING = re.compile(
    rf" (?:(?:stop|quit) {_CALLING}(?: (?:me|us|here|this number|again))* |"
    rf"(?:dont|do not|never|please dont|please do not) (?:ever )?{_CALLING} "
    rf"(?:(?:me|us|here|back|this number|on this number) )*(?:again|anymore|any more|back|please) |"
    rf"(?:dont|do not|never) (?:ever )?{_CALLING} (?:me|us|here|this number) $|"
    rf"(?:dont|do not) {_CALLING} (?:me |us |here )?(?:(?:right )?now|at the moment|today) |"
    r"(?:take|remove|delete) (?:me|my number|us|this number) (?:off|from|out of) (?!at )|"
    r"(?:im|i am|were|we are) (?:really |just |sorry )?not interested (?!in (?:the|a|an) )|"
    r"no (?:thanks |thank you )?(?:im )?not interested |not interested (?:thanks|"
    r"thank you|sorry|at all) |"
    r"(?:you )?(?:have|got|dialed|dialled|called) (?:the|a) wrong number |"
    r"(?:i )?(?:dont|do not) want (?:any |these |this |your |more )(?:more )?(?:calls|call) |"
    r"put me on (?:the|your) do not call list |"
    + _indic(
        *("फोन मत करो*", "फोन मत कीजिए*", "फ़ोन मत कर*", "कॉल मत करो*", "कॉल मत कीजिए*"),
        *("दोबारा कॉल मत*", "दोबारा फोन मत*", "कॉल मत करना*", "फोन मत करना*"),
        *("phone mat kar*", "call mat kar*", "phone mat kijiye*", "call mat kijiye*"),
        *("கால் பண்ணாதீங்க*", "கூப்பிடாதீங்க*", "ஃபோன் பண்ணாதீங்க*", "போன் பண்ணாதீங்க*"),
        *("அழைக்காதீர்கள்*", "அழைக்க வேண்டாம்*", "call pannatheenga*", "call pannadheenga*"),
        *("phone pannatheenga*", "phone pannadheenga*", "koopidatheenga*", "call panna vendam*"),
        *("വിളിക്കരുത്*", "വിളിക്കണ്ട*", "വിളിക്കേണ്ട*", "vilikkaruthu*", "vilikkanda*", "vilikkenda*"),
    )
    + ")"
)

# Goodbye --------------------------------------------------------------------------------------
FAREWELLS = _phrases(
    """bye|bye bye|goodbye|good bye|see you|see you later|see ya|talk to you later
    |good night|take care
    |have a nice day|have a good day|have a great day|have a good one|thats all bye
    |ill call back later
    |ill call back|i will call back|i will call back later|ill call later|i have to go|i gotta go
    |ive got to go|i need to go|talk later|catch you later|farewell|ill hang up
    |im hanging up|ta ta|tata|call me later|call me back later|call me back
    |call later|call back later
    |call me after some time|call me some other time|call me another time|call me in the evening
    |बाय|बाय बाय|अलविदा|फिर मिलेंगे|बाद में बात करते हैं|बाद में फोन करूंगा|गुड बाय|फोन रखता हूं|फोन रखती हूं
    |बाद में फोन कीजिए|बाद में फोन करना|बाद में कॉल कीजिए|बाद में कॉल करना|baad mein phone kijiye
    |baad mein call karna
    |alvida|phir milenge|baad mein baat karte hain|phone rakhta hoon|phone rakhti hoon
    |பை|பை பை|போயிட்டு வரேன்|வெச்சிடுறேன்|வைக்கிறேன்|அப்புறம் பேசலாம்|பிறகு பேசலாம்|குட் பை
    |poyittu varen|vechudren|vaikkiren|appuram pesalam|apram pesalam
    |ബൈ|ബൈ ബൈ|പിന്നെ കാണാം|പിന്നെ വിളിക്കാം|വെക്കട്ടെ|ശരി വെക്കട്ടെ|ഗുഡ് ബൈ
    |pinne kaanam|pinne vilikkam|vekkatte"""
)
FAREWELLS_AROUND = _phrases(
    """im busy|i am busy|im busy now|i am busy now|im driving|i am driving|im in a meeting
    |i am in a meeting|busy
    |im at work|right now|can you|could you|this is not a good time|its not a good time
    |thats all|that is all|thank you so much|thank you very much|thanks a lot|nothing else|alright
    |all right|great|good|you too|for your help|for now|good day|dear|cheers|fine|sure|have to|later
    |धन्यवाद|शुक्रिया|ठीक है|अच्छा|चलो|चलिए|dhanyavad|shukriya|theek hai|thik hai|accha|achha|chalo
    |நன்றி|சரி|சரிங்க|ஓகே|nandri|sari|seri|ok nga
    |നന്ദി|ശരി|ഓക്കെ|nanni|sheri|shari"""
)

# No answer ------------------------------------------------------------------------------------
NOT_KNOWING = _phrases(
    """i dont know|i do not know|dont know|i dunno|dunno|not sure|im not sure|i am not sure|no idea
    |i have no idea|no clue|i have no clue|i havent a clue|skip|skip it|skip that|skip this|pass
    |skip this one|next question|next one|i cant say|i cannot say|cant say|i cant remember
    |i dont remember|i do not remember|i forgot|i forget|i have forgotten|ive forgotten|not certain
    |im not certain|who knows|i dont have one|i dont have it|i dont have that|i dont have any
    |i do not have one|i do not have it|i dont have an email|i dont have email|not applicable
    |i dont have an email address|i dont have a number|leave it blank|leave it|leave it empty
    |i have none|none|havent decided|i havent decided|i have not decided|not decided
    |havent decided yet
    |i havent decided yet|not decided yet|i am not sure yet|im not sure yet|not sure yet
    |i dont know yet
    |i dont know that|i dont know it|not really sure|im not really sure|beats me|undecided
    |no preference
    |id rather not say|i would rather not say|prefer not to say|i prefer not to say
    |id prefer not to say
    |i dont want to say|i dont want to tell you|i wont tell you|not telling
    |पता नहीं|मुझे पता नहीं|मुझे नहीं पता|मालूम नहीं|मुझे मालूम नहीं|नहीं पता|याद नहीं|मुझे याद नहीं
    |पता नहीं है|याद नहीं है|मुझे याद नहीं है|छोड़िए|छोड़ो|अगला सवाल|मुझे नहीं मालूम|स्किप|स्किप करो
    |pata nahi|pata nahin|mujhe pata nahi|mujhe nahi pata|malum nahi|mujhe nahi malum|nahi pata
    |yaad nahi|mujhe yaad nahi|chodo|chhodo|chodiye|skip karo|skip kijiye|mujhe malum nahi
    |pata nahi hai
    |தெரியாது|தெரியல|தெரியலை|எனக்கு தெரியாது|எனக்கு தெரியல|எனக்கு தெரியலை|தெரியவில்லை|ஞாபகம் இல்லை
    |எனக்கு தெரியவில்லை|ஞாபகம் இல்ல|ஸ்கிப்|விட்டுடுங்க|அடுத்த கேள்வி|நினைவில்லை|theriyathu|theriyadhu
    |theriyala|theriyale|enakku theriyathu|enakku theriyadhu|enakku theriyala|gnabagam illa
    |vittudunga
    |skip pannunga|theriyavillai|enakku theriyale
    |അറിയില്ല|എനിക്ക് അറിയില്ല|എനിക്കറിയില്ല|അറിഞ്ഞൂടാ|ഓർമ്മയില്ല|ഓർമയില്ല|ഉറപ്പില്ല|സ്കിപ്പ്|വിട്ടേക്കൂ
    |അടുത്ത ചോദ്യം|എനിക്ക് അറിഞ്ഞൂടാ|ariyilla|enikku ariyilla|enikkariyilla|arinjooda|ormayilla
    |urappilla|vittekku|skip cheyyu"""
)
NOT_KNOWING_AROUND = _phrases(
    """to be honest|honestly|really|about that|yet|at the moment|right now|off hand|sorry about that
    |maybe|lets|you can|we can|can we|can you|could we|could you|i think|of that|about it|exactly
    |यार|भाई|yaar|bhai"""
)

BACKCHANNELS = _phrases(
    """mhm|mm|mmm|mm hmm|mmhmm|hmm|hm|uh huh|uhuh|aha|ah|oh|okay|ok|okey|right|i see|got it|alright
    |all right|sure|yeah|yes|yep|go on|im listening|im here|uh|um|er|cool|fine|good|great|really|wow
    |हाँ|हां|हम्म|हूं|हूँ|अच्छा|जी|ओके|ठीक है|ठीक|haan|han|haa|hmm|achha|accha|acha|ji|theek hai|thik hai
    |ம்|ம்ம்|ஆமா|ஆமாம்|சரி|ஓகே|சரிங்க|aama|aamaam|sari|seri|ama|mm mm
    |ഉം|മ്മ്|ആ|ശരി|ഓക്കെ|അതെ|um um|sheri|shari|athe|aa"""
)
