"""The questions that callers of every agent ask, in many wordings. Data only."""

from __future__ import annotations

from collections.abc import Mapping

# Each entry: wordings of one question, in four languages. A wording may stand in a longer one.
SAME_QUESTION: tuple[tuple[str, ...], ...] = (
    (  # who are you
        *("who is this", "whos this", "who is calling", "whos calling", "who are you", "who is it"),
        *("who am i speaking to", "who am i talking to", "who am i speaking with", "whos there"),
        *("who am i talking with", "who is speaking", "whos speaking", "who do you work for"),
        *("where are you calling from", "which company is this", "what company is this"),
        *("which company are you from", "what company are you from", "which company", "who called"),
        *("what is this company", "who is on the line", "whos on the line", "what is your name"),
        *("whats your name", "who is that", "whos that", "who is there"),
        *("आप कौन", "कौन बोल रहा", "कौन बोल रहे", "कौन बोल रही", "कहाँ से बोल रहे", "कौन है"),
        *("aap kaun", "kaun bol raha", "kaun bol rahe", "kaun bol rahi", "kaun hai", "kaun ho"),
        *("kahan se bol rahe", "kaun si company", "कौन सी कंपनी"),
        *("யார் நீங்க", "நீங்க யாரு", "நீங்க யார்", "யார் பேசுறது", "யார் பேசறது", "யாரு பேசுறது"),
        *("எங்கிருந்து பேசுறீங்க", "யார் பேசுவது", "நீங்கள் யார்", "neenga yaaru", "yaaru pesurathu"),
        *("yaar pesurathu", "yaar neenga", "enga irundhu pesureenga", "engirundhu pesureenga"),
        *("ആരാ", "ആരാണ്", "ആരാണ് വിളിക്കുന്നത്", "ആരാ സംസാരിക്കുന്നത്", "നിങ്ങൾ ആരാണ്"),
        *("എവിടുന്നാ വിളിക്കുന്നത്", "aaraa", "aaranu", "aara samsarikkunnathu", "evidunna vilikkunnath"),
    ),
    (  # why are you calling
        *("why are you calling", "why did you call", "what is this about", "whats this about"),
        *("what is this regarding", "what is it about", "whats it about", "reason for this call"),
        *(
            "purpose of this call",
            "purpose of the call",
            "reason for your call",
            "what is the call about",
        ),
        *("what do you want", "why have you called", "what is this for", "what is this call about"),
        *("फोन क्यों किया", "कॉल क्यों किया", "किसलिए फोन किया", "phone kyun kiya", "call kyun kiya"),
        *("எதுக்கு கால்", "ஏன் கால்", "எதுக்கு கூப்பிட்டீங்க", "ethukku call", "yen call"),
        *("എന്തിനാ വിളിച്ചത്", "എന്തിനാണ് വിളിച്ചത്", "enthina vilichathu"),
    ),
    (  # why do you ask for it
        *("why do you need it", "why do you need that", "why do you need this", "why do you ask"),
        *(
            "why do you want it",
            "why do you want that",
            "why do you want to know",
            "why are you asking",
        ),
        *("why do you need to know", "what do you need it for", "what do you need that for"),
        *(
            "what is it for",
            "whats it for",
            "why do you need my",
            "why do you want my",
            "why do you want this",
        ),
        *("why should i tell you", "why should i give", "what will you do with it"),
        *("क्यों चाहिए", "क्यों पूछ", "kyun chahiye", "kyun pooch", "kyon chahiye", "kyu chahiye"),
        *("ஏன் வேணும்", "எதுக்கு வேணும்", "ஏன் கேக்கறீங்க", "எதுக்கு கேக்கறீங்க", "எதுக்கு கேட்கிறீங்க"),
        *("yen venum", "ethukku venum", "edhukku venum", "ethukku kekureenga"),
        *("എന്തിനാ ചോദിക്കുന്നത്", "എന്തിനാണ് വേണ്ടത്", "എന്തിനാ വേണ്ടത്", "enthina chodikkunnathu"),
    ),
    (  # are you a machine
        *("are you a robot", "are you a machine", "are you a bot", "are you a computer"),
        *("is this a robot", "is this a machine", "is this a bot", "is this a recording"),
        *(
            "is this a computer",
            "are you human",
            "are you a human",
            "are you a person",
            "are you real",
        ),
        *("are you a real person", "am i talking to a robot", "am i talking to a machine"),
        *("am i talking to a real person", "am i speaking to a real person", "is this automated"),
        *("am i speaking to a robot", "am i speaking to a machine", "is this a real person"),
        *("am i speaking to a human", "am i speaking to a person", "am i speaking with a robot"),
        *("are you an ai", "is this an ai", "am i talking to a human", "am i talking to a person"),
        *("क्या आप रोबोट", "क्या आप मशीन", "kya aap robot", "aap robot", "kya aap machine"),
        *("நீங்க ரோபோவா", "நீங்க மெஷினா", "neenga robot ah", "neenga machine ah"),
        *("നിങ്ങൾ റോബോട്ടാണോ", "നിങ്ങൾ മെഷീനാണോ", "ningal robot aano"),
    ),
    (  # how long does it take
        *("how long does it take", "how long will it take", "how long will this take"),
        *("how long does this take", "how much time will it take", "how much time does it take"),
        *(
            "how much time will this take",
            "how many minutes",
            "how long is this",
            "will it take long",
        ),
        *("will this take long", "how long is this going to take", "how much longer"),
        *("कितना समय लगेगा", "कितना टाइम लगेगा", "kitna samay lagega", "kitna time lagega"),
        *("எவ்வளவு நேரம் ஆகும்", "எவ்ளோ நேரம் ஆகும்", "evlo neram aagum", "evvalavu neram aagum"),
        *("എത്ര സമയം എടുക്കും", "എത്ര സമയമെടുക്കും", "ethra samayam edukkum"),
    ),
    (  # what does it cost
        *("how much does it cost", "how much is it", "how much will it cost", "what does it cost"),
        *("how much do you charge", "what is the price", "whats the price", "what is the cost"),
        *(
            "whats the cost",
            "what are the charges",
            "what is the fee",
            "is it free",
            "is there a charge",
        ),
        *(
            "is there a fee",
            "how much is this",
            "what will it cost",
            "whats the fee",
            "how much are you",
        ),
        *("कितने का", "कितना पैसा", "कितने पैसे", "kitne ka", "kitna paisa", "kitne paise"),
        *("எவ்வளவு ஆகும்", "என்ன விலை", "விலை என்ன", "evlo aagum", "enna vilai", "vilai enna"),
        *("എത്ര രൂപയാകും", "എത്രയാ വില", "വില എത്ര", "vila ethra", "ethra rupayaakum"),
    ),
    (  # how did you get my number
        *("how did you get my number", "where did you get my number", "who gave you my number"),
        *(
            "how do you have my number",
            "how did you get this number",
            "where did you get this number",
        ),
        *("where do you have my number from", "how do you know my number"),
        *("मेरा नंबर कहाँ से", "मेरा नंबर कैसे", "mera number kahan se", "mera number kaise"),
        *("என் நம்பர் எப்படி", "என் நம்பர் எங்க", "en number eppadi", "en number enga"),
        *("എന്റെ നമ്പർ എവിടുന്ന്", "എന്റെ നമ്പർ എങ്ങനെ", "ente number evidunnu", "ente number engane"),
    ),
    (  # is the call recorded
        *(
            "is this call recorded",
            "is this call being recorded",
            "are you recording",
            "is this recorded",
        ),
        *("are you recording this", "is the call recorded", "is this being recorded"),
        *("क्या यह कॉल रिकॉर्ड", "kya yeh call record", "ரெக்கார்ட் பண்றீங்களா", "റെക്കോർഡ് ചെയ്യുന്നുണ്ടോ"),
    ),
)

# Question words, in any language, to the one they stand for.
QUESTION_WORDS: Mapping[str, str] = {
    word: one
    for one, words in {
        "who": "who whos whom கौन कौन kaun யார் யாரு yaar yaaru ആര് ആരാ ആരാണ് aaraa aaranu",
        "what": "what whats which क्या kya என்ன enna എന്ത് എന്താ എന്താണ് enthu entha",
        "why": "why क्यों kyun kyon ஏன் எதுக்கு yen ethukku എന്തിന് എന്തിനാ enthina",
        "when": "when whens कब kab எப்போ எப்போது eppo എപ്പോൾ എപ്പോ eppol",
        "where": "where wheres कहां कहाँ kahan எங்க எங்கே enga എവിടെ evide",
        "how": "how hows कैसे kaise எப்படி eppadi എങ്ങനെ engane",
    }.items()
    for word in words.split()
}

# Stems with one meaning in questions.
TOPICS: Mapping[str, str] = {
    "call": "speak",
    "calling": "speak",
    "talk": "speak",
    "phon": "speak",
    "cost": "price",
    "charg": "price",
    "fee": "price",
    "rat": "price",
    "address": "locat",
    "location": "locat",
    "situat": "locat",
    "clos": "open",
    "hour": "open",
    "timing": "open",
    "tim": "open",
    "pric": "price",
    "cancellation": "cancel",
    "cancelation": "cancel",
    "cancell": "cancel",
    "payment": "pay",
    "deliver": "delivery",
    "privacy": "privat",
    "secur": "safe",
    "saf": "safe",
    "organisation": "company",
    "organization": "company",
    "firm": "company",
    "busines": "company",
}

# Words that carry no topic.
EMPTY = frozenset(
    "a an the is are am was were be been do does did done can could will would shall should may "
    "might has have had i you we they he she it this that these those my your our me us them its "
    "of to in on at for from with by about as and or but so if please sorry ok okay well "
    "um uh tell "
    "know want need ask let just actually there here then now first get got give much many long "
    "dont im youre im ill id hello hi hey sir madam wait before after any some also too really "
    "है हैं का की के को से में मैं आप hai hain ka ki ke ko se mein aap नान நான் நீங்க நீங்கள் neenga "
    "ഞാൻ നിങ്ങൾ ningal".split()
)
