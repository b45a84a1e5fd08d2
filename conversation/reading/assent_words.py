"""The words by which callers agree, refuse and hesitate, in four languages. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto


class Sense(Enum):
    """What a phrase does in an answer to "is that right?"."""

    YES = auto()  # agrees by itself
    GOOD = auto()  # agrees when nothing else stands beside it, or after a LINK
    LINK = auto()  # says that something is so; carries no content
    SOFT = auto()  # politeness, filler, small words
    NO = auto()  # refuses
    NOT = auto()  # denies the agreeing word that follows
    NOT_AFTER = auto()  # denies the agreeing word before it, or refuses by itself
    UNSURE = auto()
    WAIT = auto()
    BUT = auto()  # takes part of a yes back
    CHANGE = auto()  # asks for another value


# "book it", "do that": what is agreed to is done.
_DONE = (
    "add approve book buy complete confirm do finalize finish get order place play proceed "
    "rent reserve save schedule send submit take transfer"
).split()

_ENGLISH: Mapping[Sense, tuple[str, ...]] = {
    Sense.YES: (
        *"yes yeah yep yup yea ya yah yess yessir uh-huh aye affirmative indeed".split(),
        *"correct exactly precisely absolutely definitely certainly sure surely totally".split(),
        *"agreed confirmed proceed continue carry-on go-ahead right-on of-course".split(),
        *(f"{verb} {what}" for verb in _DONE for what in ("it", "that", "them")),
        *(
            "you bet",
            "i confirm",
            "i agree",
            "i approve",
            "i accept",
            "i do confirm",
            "please do",
            "lets go",
        ),
        *("you got it", "got it right", "thats it", "that is it", "thats the one", "the plan"),
        *("that is the one", "you are right", "youre right", "you are correct", "youre correct"),
        *("what i want", "what i wanted", "what i need", "what i said", "what i asked for"),
        *("what i was looking for", "what i meant", "as i said", "all set", "good to go"),
        *("for sure", "why not", "by all means", "with pleasure", "permission granted"),
        *("i guess so", "i think so", "i believe so", "i suppose so", "i hope so", "make it so"),
        *("make it happen", "make the reservation", "make the booking", "make the appointment"),
        *("make that reservation", "make that booking", "make that appointment", "book now"),
        *("sign me up", "count me in", "im in", "hundred percent", "one hundred percent"),
        *("100 percent", "lets do it", "lets do that", "lets do this", "id love that"),
        *("id love to", "i would love to", "id like that", "i would like that", "go for it"),
        *("go with it", "go with that", "go on", "that will do", "thatll do", "would do"),
        *("no problem", "no problems", "no problem at all", "not a problem", "no worries"),
        *("no issue", "no issues", "no objection", "no objections", "no complaints"),
        *("no doubt", "no mistake", "no mistakes", "not bad", "no change", "no changes"),
        *("sounds like a plan", "sounds like it", "looks like it", "bang on", "love it"),
        *("i love it", "i like it", "no other changes", "no more changes", "you nailed it"),
        *("no corrections", "no need to change", "no need to change anything"),
        *("no changes needed", "nothing to change", "nothing to correct", "nothing wrong"),
        *("dont change anything", "dont change a thing", "dont want to change anything"),
        *("dont need to change anything", "dont mind", "do not mind", "wont mind"),
        *("wouldnt mind", "would not mind", "dont have any problem", "dont have a problem"),
        *("wouldnt bother me", "would not bother me", "doesnt bother me", "cant complain"),
        *("does not bother me", "cant be better", "couldnt be better", "cannot complain"),
        *("dont have any issue", "dont have any issues", "dont have any objection"),
        *("do not have any problem", "have no problem", "have no objection", "have no issue"),
        *("it is there", "its there", "it is there only"),  # Indian English for "yes, there is"
    ),
    Sense.GOOD: (
        *"ok okay okey okie alright fine good great perfect perfectly nice right cool".split(),
        *"excellent wonderful fantastic awesome lovely brilliant super superb splendid".split(),
        *"ideal delightful amazing accurate true agreeable acceptable happy comfortable".split(),
        *"satisfied satisfactory rad terrific marvellous marvelous works work suits suit".split(),
        *"suitable all-right very-well fair okeydoke roger yay great-stuff spot-on done".split(),
        *"best beautiful appropriate pleased glad k thanks thank-you helpful useful".split(),
        *"convenient handy preferable".split(),
    ),
    Sense.LINK: (
        *"is are was be thats its im am sounds sound looks look seems seem feels thatll".split(),
        *"itll theyre were all everything very so just quite exactly about perfectly".split(),
        *"really".split(),
        *"pretty absolutely totally completely would will should does do".split(),
    ),
    Sense.SOFT: (
        *"a an the that this these those it i ive ill id we you your my me mine our us".split(),
        *"to for with by of and then now please much sir madam maam kindly".split(),
        *"oh um uh uhm umm er erm hmm hm mm ah well hello hi hey there here too also as".split(),
        *"info information detail details plan thing booking reservation appointment".split(),
        *"has have been being can could may they them said say like want need mean".split(),
        *"at all-of-it dear bro man mate again at-all in on out up actually already".split(),
        *("very much", "so much", "i mean", "you know"),
        *("everything else", "nothing else", "cant wait", "dont worry", "i cant wait", "if"),
        *("so far", "what", "how", "got", "let", "lets", "works out", "get", "make", "sorry"),
        *("a lot", "no thats all", "thats all", "that is all", "wow", "one", "some"),
    ),
    Sense.NO: (
        *"no nope nah naw noo wrong incorrect mistake mistaken negative never inaccurate".split(),
        *"false neither cancel nay".split(),
        *("no thanks", "no thank you", "no way", "not really", "not at all", "absolutely not"),
        *("definitely not", "certainly not", "of course not", "rather not", "prefer not"),
        *("prefer not to", "not okay", "not quite", "not exactly", "not now", "not today"),
        *("not necessary", "no need", "i dont think so", "i do not think so", "forget it"),
        *("not interested", "not correct", "not right", "id rather not", "i would rather not"),
        *("do mind", "would mind", "i mind", "ill pass", "i will pass", "pass on that"),
        *("leave it out", "leave that out", "leave them out", "no not yet", "it is not there"),
        *("do without it", "do without that", "live without it"),
    ),
    Sense.NOT: tuple(
        "not isnt arent wasnt dont doesnt didnt wont cant cannot couldnt shouldnt wouldnt "
        "aint havent hasnt without".split()
    ),
    Sense.UNSURE: (
        *"maybe perhaps possibly dunno whatever".split(),
        *("not sure", "im not sure", "i dont know", "i do not know", "dont know", "no idea"),
        *("have no idea", "yes and no", "yes or no", "it depends", "i am not sure", "no clue"),
        *("not certain", "not entirely sure", "cant say", "cant remember", "dont remember"),
        *("let me check", "let me see", "i suppose", "not so sure", "not too sure"),
    ),
    Sense.WAIT: (
        *("wait", "hold on", "hang on", "one moment", "one second", "one minute", "one sec"),
        *("just a moment", "just a second", "just a minute", "a moment", "a second", "a minute"),
        *("give me a moment", "give me a second", "give me a minute", "let me think", "just a sec"),
        *("hold up", "wait wait", "a sec", "not yet", "hang on a second", "hold on a second"),
    ),
    Sense.BUT: tuple(
        "but except however although though only unless apart-from other-than".split()
    ),
    Sense.CHANGE: (
        *"change changed modify edit update correction amend instead different".split(),
        *("no change that to", "no change it to", "no change the", "no change my"),
        *("make it", "make that", "should be", "shouldve been", "should have been", "i meant"),
        *("meant to say", "rather than", "switch it", "has to be", "needs to be", "must be"),
    ),
}

_HINDI: Mapping[Sense, tuple[str, ...]] = {
    Sense.YES: (
        *"हाँ हां हा जी हाँजी हांजी बिल्कुल बिलकुल ज़रूर जरूर बेशक सही यस येस करेक्ट पक्का".split(),
        *("जी हाँ", "हाँ जी", "ठीक है", "सही है", "सही बात है", "कर दो", "कर दीजिए", "कर दें"),
        *("कोई बात नहीं", "कोई दिक्कत नहीं", "कोई समस्या नहीं", "कोई परेशानी नहीं", "क्यों नहीं"),
        *("कोई बदलाव नहीं", "आगे बढ़िए", "आगे बढ़ो", "चलेगा", "मंज़ूर है", "हो जाएगा"),
        *"haan han haa hanji haanji bilkul zaroor zarur jaroor sahi pakka chalega ji jee".split(),
        *("ji haan", "haan ji", "theek hai", "thik hai", "teek hai", "sahi hai", "kar do"),
        *("kar dijiye", "koi baat nahi", "koi problem nahi", "koi dikkat nahi", "kyun nahi"),
        *("aage badhiye", "manzoor hai", "sahi baat hai", "ho jayega"),
    ),
    Sense.GOOD: (
        *"ठीक अच्छा अच्छी ओके ओक बढ़िया बेहतर सुंदर पर्फेक्ट परफेक्ट गुड चाहिए".split(),
        *"theek thik accha acha achha badhiya badiya chahiye".split(),
    ),
    Sense.LINK: (*"है हैं होगा सब बहुत hai hain sab bahut bilkul".split(),),
    Sense.SOFT: (
        *"यह ये वह वो मैं मुझे मेरा मेरी मेरे आप आपका तो भी ही और अब कृपया प्लीज़ धन्यवाद".split(),
        *"शुक्रिया थैंक्यू थैंक यू सर मैडम भैया भाई अरे ओह हम्म कुछ लिए को का की के से में".split(),
        *"yeh ye woh wo main mujhe mera meri aap toh bhi aur ab kripya dhanyavad dhanyawad".split(),
        *"shukriya bhaiya bhai arre are kuch".split(),
    ),
    Sense.NO: (
        *"गलत ग़लत नो रद्द नामंज़ूर".split(),
        *("नहीं नहीं", "जी नहीं", "नहीं जी", "नहीं चाहिए", "नहीं करना", "मत करो", "मत कीजिए"),
        *"galat nope".split(),
        *("nahi nahi", "ji nahi", "nahi ji", "nahi chahiye", "nahin chahiye", "mat karo"),
        *("nahi karna", "mat kijiye"),
    ),
    Sense.NOT_AFTER: tuple("नहीं नही ना न मत nahi nahin nahee nai naheen mat".split()),
    Sense.UNSURE: (
        *"शायद shayad".split(),
        *("पता नहीं", "मालूम नहीं", "मुझे नहीं पता", "नहीं पता", "pata nahi", "malum nahi"),
        *("nahi pata", "pata nahin", "याद नहीं", "yaad nahi"),
    ),
    Sense.WAIT: (
        *"रुकिए रुको ठहरिए रुकें रुकिये rukiye ruko rukie thehriye".split(),
        *("एक मिनट", "एक सेकंड", "ek minute", "ek second", "ek minat", "ज़रा रुकिए"),
    ),
    Sense.BUT: tuple("लेकिन मगर परंतु बल्कि सिर्फ़ lekin magar balki".split()),
    Sense.CHANGE: (
        *"बदलो बदलिए बदलना बदल badlo badliye badalna badal".split(),
        *("होना चाहिए", "hona chahiye"),
    ),
}

_TAMIL: Mapping[Sense, tuple[str, ...]] = {
    Sense.YES: (
        *"ஆம் ஆமா ஆமாம் ஆமாங்க ஆமாங்கோ சரி சரிங்க சரிதான் சரியே சரியா எஸ் யெஸ் கரெக்ட்".split(),
        *"கரெக்டு கண்டிப்பா கண்டிப்பாக நிச்சயமா நிச்சயமாக உறுதி தாராளமா பரவாயில்லை".split(),
        *"பரவால்ல பரவாயில்ல ஓகேதான் பண்ணுங்க செய்யுங்க போடுங்க சம்மதம் ஆகட்டும்".split(),
        *("சரி தான்", "ரொம்ப சரி", "மாற்றம் இல்லை", "பிரச்சனை இல்லை", "பிரச்சினை இல்லை"),
        *("பிரச்சனை இல்ல", "ஒரு பிரச்சனையும் இல்ல", "மாத்த வேண்டாம்", "மாற்ற வேண்டாம்"),
        *"aam aama aamaa ama aamaam aamam amam aamanga sari seri sarringa saringa seringa".split(),
        *"sarithan sarithaan kandippa kandippaa nichayam nichayama correctu paravailla".split(),
        *"paravaillai paravala pannunga seiyunga podunga".split(),
        *("sari than", "sari thaan", "seri than", "problem illa", "prachanai illai"),
    ),
    Sense.GOOD: (
        *"ஓகே ஒகே ஓகேங்க நல்லது நல்லா நல்ல நன்று சூப்பர் சரியான பெர்ஃபெக்ட் வேண்டும்".split(),
        *"வேணும் nallathu nalla nalladhu okay-nga okanga okaynga venum vendum".split(),
    ),
    Sense.LINK: (
        *"தான் இருக்கு இருக்கிறது எல்லாம் எல்லாமே ரொம்ப மிகவும் அதுதான்".split(),
        *"than thaan irukku ellam ellame romba athuthan adhudhan".split(),
    ),
    Sense.SOFT: (
        *"அது இது நான் எனக்கு நீங்க நீங்கள் சொன்ன மாதிரி அப்படியே இப்ப தயவுசெய்து ப்ளீஸ்".split(),
        *"நன்றி தேங்க்ஸ் தேங்க்யூ சார் மேடம் அம்மா அண்ணா ஐயா அப்புறம் வந்து ம்ம் ஹ்ம்".split(),
        *"athu adhu ithu idhu naan enakku neenga ippo nandri anna akka ayya appuram vandhu".split(),
    ),
    Sense.NO: (
        *"தப்பு தவறு வேண்டாம் வேணாம் வேண்டாங்க வேணாங்க நோ முடியாது கூடாது சரியில்லை".split(),
        *"சரியில்ல சரியல்ல கிடையாது இல்லைங்க இல்லீங்க தவறானது தப்பா".split(),
        *("இல்ல இல்ல", "இல்லை இல்லை"),
        *"thappu thavaru vendam venam vendaam venaam mudiyathu mudiyadhu illainga".split(),
        *"illinga kidaiyathu sariyilla sariyillai".split(),
    ),
    Sense.NOT_AFTER: tuple("இல்லை இல்ல அல்ல illai illa ille ilai".split()),
    Sense.UNSURE: (
        *"தெரியல தெரியலை தெரியாது தெரியவில்லை ஒருவேளை theriyala theriyathu theriyadhu".split(),
        *"theriyalai theriyale oruvelai".split(),
    ),
    Sense.WAIT: (
        *"இருங்க இருங்கள் பொறுங்க பொறுங்கள் irunga porunga".split(),
        *("ஒரு நிமிடம்", "ஒரு நிமிஷம்", "ஒரு செகண்ட்", "oru nimisham", "oru nimidam"),
        *("கொஞ்சம் இருங்க", "konjam irunga", "oru second"),
    ),
    Sense.BUT: tuple("ஆனா ஆனால் மட்டும் aana aanal aanaal mattum".split()),
    Sense.CHANGE: tuple("மாத்துங்க மாத்தணும் மாற்றுங்கள் மாற்ற மாத்த மாத்து matthunga maathunga mathanum".split()),
}

_MALAYALAM: Mapping[Sense, tuple[str, ...]] = {
    Sense.YES: (
        *"അതെ അതേ ഉവ്വ് ഉവ്വ ശരി ശരിയാണ് ശരിയാ ശരിതന്നെ തീർച്ചയായും യെസ് കറക്റ്റ് കറക്ട്".split(),
        *"കറക്റ്റാണ് കുഴപ്പമില്ല പ്രശ്നമില്ല ചെയ്തോളൂ ചെയ്യൂ ആയിക്കോട്ടെ സമ്മതം ഉറപ്പായും".split(),
        *"സമ്മതമാണ് അതെയതെ ആണ്".split(),
        *("ശരി തന്നെ", "അത് തന്നെ", "മാറ്റമില്ല", "ഒരു കുഴപ്പവുമില്ല", "മാറ്റം ഇല്ല", "കുഴപ്പം ഇല്ല"),
        *"athe athey uvvu uvva shari sheri sheriyanu sheriyaanu shariyanu shariyaanu".split(),
        *"theerchayayum kuzhappamilla kuzhapamilla kozhappamilla prashnamilla aayikkotte".split(),
        *("sheri aanu", "shari aanu", "athu thanne", "kuzhappam illa", "cheytholu"),
    ),
    Sense.GOOD: (
        *"ഓക്കെ ഓകെ ഓക്കേ ഓകേ നല്ലത് നന്നായി നല്ലതാണ് സൂപ്പർ പെർഫെക്റ്റ് ഉണ്ട് വേണം".split(),
        *"nallathu nallathanu nannayi undu venam".split(),
    ),
    Sense.LINK: (*"ആണ് തന്നെ എല്ലാം വളരെ aanu anu thanne ellam valare".split(),),
    Sense.SOFT: (
        *"അത് ഇത് ഞാൻ എനിക്ക് നിങ്ങൾ പറഞ്ഞത് ഇപ്പോൾ ദയവായി പ്ലീസ് നന്ദി താങ്ക്സ് താങ്ക്യൂ".split(),
        *"സാർ മാഡം ചേട്ടാ ചേച്ചി പിന്നെ ഹ്മ്മ് athu ithu njan enikku ningal nanni chetta".split(),
        *"chechi pinne".split(),
    ),
    Sense.NO: (
        *"തെറ്റ് തെറ്റാണ് വേണ്ട വേണ്ടാ നോ പറ്റില്ല പാടില്ല ശരിയല്ല അതല്ല ഇല്ലില്ല അങ്ങനെയല്ല".split(),
        *("അല്ല അല്ല", "ഇല്ല ഇല്ല"),
        *"thettu thettanu thettaanu venda vendaa pattilla sheriyalla shariyalla athalla".split(),
    ),
    Sense.NOT_AFTER: tuple("ഇല്ല അല്ല illa alla".split()),
    Sense.UNSURE: (
        *"അറിയില്ല അറിഞ്ഞൂടാ ഒരുപക്ഷേ ariyilla arinjooda arinjuda".split(),
        *("ഉറപ്പില്ല", "urappilla"),
    ),
    Sense.WAIT: (
        *"നിൽക്കൂ നിക്ക് നിക്കൂ കാത്തിരിക്കൂ nilkku nikku".split(),
        *("ഒരു മിനിറ്റ്", "ഒരു നിമിഷം", "ഒരു സെക്കൻഡ്", "oru minute", "oru nimisham"),
    ),
    Sense.BUT: tuple("പക്ഷേ പക്ഷെ എന്നാൽ മാത്രം pakshe pakse".split()),
    Sense.CHANGE: tuple("മാറ്റണം മാറ്റൂ മാറ്റി മാറ്റുക മാറ്റാമോ mattanam maattanam".split()),
}

# Written with hyphens above where a phrase stands in a list of words; folding drops them.
PHRASES: Mapping[str, Mapping[Sense, tuple[str, ...]]] = {
    "ml": _MALAYALAM,
    "ta": _TAMIL,
    "hi": _HINDI,
    "en": _ENGLISH,
}

# Answers that agree only when nothing else is said.
WHOLE = frozenset(
    "i do|i am|i would|we do|we are|it is|it does|it will|they are|that is|it was|i did|"
    "है|hai|இருக்கு|irukku|ആണ്|aanu".split("|")
) | {
    f"{before}{verb}{after}"
    for verb in _DONE
    for before in ("", "please ", "you can ", "you may ", "kindly ", "go ahead and ")
    for after in ("", " please")
    if before or after
}

# At the end these only stress what stands before: "correct only", "that's fine though".
STRESSING = frozenset("only though however मात्र மட்டும் mattum മാത്രം".split())
# Politeness behind a refusal, a yes elsewhere: "nahin ji".
HONORIFIC = frozenset("जी ji jee".split())

# Words that mean something else in another language of the house: not yes in these.
NOT_IN: Mapping[str, frozenset[str]] = {
    "hi": frozenset({"ya"}),
    "en": frozenset({"ama", "han", "venam"}),
}
