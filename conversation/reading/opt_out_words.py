"""How people say in English that they never want to be rung again. Data only.

Patterns are matched on `words.plain`: folded words, no apostrophes, one space around each.
"""

from __future__ import annotations

import re

_CALL = "(?:call|ring|phone|telephone|contact|dial|reach out to)"
_BOTHER = "(?:bother|disturb|trouble|harass|pester|annoy|spam)"
_CALLING = "(?:calling|ringing|phoning|telephoning|contacting|dialing|dialling)"
_BOTHERING = "(?:bothering|disturbing|troubling|harassing|pestering|annoying|spamming)"
_NUMBER = "(?:phone |mobile |cell |contact |whatsapp )?(?:number|phone|mobile|cell|line|contact)"
_ME = (
    rf"(?:me|us|here|back|please|on (?:this|my|our) {_NUMBER}|at this {_NUMBER}|this {_NUMBER}|"
    rf"my {_NUMBER}|my (?:home|house|office|wife|husband|mother|father|family)|to me)"
)
_EVER = (
    "(?:again|anymore|any more|ever again|ever|any longer|in future|in the future|from now on|"
    "from today|after today|after this|henceforth|at all)"
)
# What makes "again" or "don't" a matter of the hour, or of a condition.
_WHEN = (
    "(?:today|tonight|tomorrow|now|right now|later|this|until|till|unless|before|after|if|when|"
    "while|during|between|so|too|that early|for (?:an?|the next|the time|some|few|now|at least|"
    r"one|two|three|four|five|six|\d+)|"
    "in the (?:morning|afternoon|evening|night|daytime|middle)|at (?:night|work|the|this|lunch|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|\d\S*)|on (?:sun|mon|tues|wednes|thurs|fri|"
    "satur)day|on (?:weekends|weekdays|holidays|the|my way)|during)"
)
_NOT_WHEN = rf"(?! {_WHEN}\b)"
# What may follow "don't call me" in one breath, so that it stands for itself: not "sir", not "now".
_THEN = (
    r"(?= $| (?:and|or|but|i|im|ive|ill|id|we|you|your|this is|its|it is|please|ok|okay|thanks|"
    "thank|just|only|because|as i|as im|since|bye|goodbye|stop|never|dont|do not|sorry|about|"
    "regarding|with|from|instead|every|all the time|all day|so many times|so often|repeatedly|like|"
    "hello|no|none|alright|right away|immediately|got it|understood|understand|will you|can you|"
    "once and for all|period) | for (?!an? |the (?:next|time)|some|few|now|at least|one |two |"
    r"three |four |five |six |\d))"
)
_WHO_DOES = (  # "they never call me" tells something
    "(?<! they)(?<! he)(?<! she)(?<! we)(?<! i)(?<! people)(?<! who)(?<! nobody)(?<! it)(?<! why)"
    "(?<! if you)(?<! why you)(?<! she would)(?<! they would)"
)
_NOT = (
    "(?:(?:dont|do not|dont you|never you|must not|should not|shouldnt|mustnt|better not)"
    "(?: (?:dare|ever|please|kindly|even|you|to|try to))*|not to(?: ever)?|never(?: ever)?)"
)
_UNLESS_NOT = "(?<! dont)(?<! do not)(?<! never)(?<! not to)(?<! didnt)(?<! did not)(?<! wont)"
_LIST = (
    r"(?:\w+ ){0,3}?(?:lists?|database|data base|system|records?|files?|directory|contacts|"
    "phone ?book|crm|data|campaigns?|server|dialler|dialer)"
)
_MINE = (
    rf"(?:me|us|(?:my|our|this|that|the) {_NUMBER}|(?:my|our) (?:name|details|data|information|"
    r"contact details|contact number))"
)

# Said whenever and with whatever, it means for good.
FOR_GOOD = re.compile(
    rf"{_WHO_DOES} {_NOT} (?:{_CALL}|{_BOTHER})(?: {_ME})* {_EVER}{_NOT_WHEN} |"
    rf"(?<! they)(?<! you)(?<! he)(?<! she)(?<! we)(?<! i)(?<! people)(?<! nobody)(?<! who)"
    rf" never (?:ever )?{_CALL}(?: {_ME})+{_THEN}|"
    rf"{_UNLESS_NOT}(?<! did you)(?<! i)(?<! they) (?:stop|quit|cease|avoid|end) "
    rf"(?:with |from |you |you from |making |just |all |this |ever )*(?:{_CALLING}|{_BOTHERING})"
    rf"(?: {_ME}| {_EVER})*(?:{_THEN})|"
    rf"{_UNLESS_NOT} (?:stop|quit|cease|end) (?:getting |receiving |making |with |all )*"
    rf"(?:these|those|the|your|all|such|any|this|of)(?: \w+)? (?:calls|phone calls|calling){_THEN}|"
    rf" (?:dont|do not) keep (?:on )?(?:{_CALLING}|{_BOTHERING})(?: {_ME})*{_THEN}|"
    rf" (?:want|like|wish|ask|asked|asking|need) to (?:be|get) (?:removed|taken|deleted|"
    rf"unsubscribed) (?:off|from|out of)(?: of)? (?:your|the|this|that|these|all|any|those) "
    rf"{_LIST} |"
    rf"(?<! that)(?<! which) (?:id like|i would like|i want|i wish|i need|we want) to (?:be|get) "
    rf"(?:removed|unsubscribed|delisted|blacklisted)(?: please| now)* $|"
    rf"{_UNLESS_NOT} (?:take|remove|delete|get) (?:my|our|this) (?:name|number|details) "
    r"(?:off|out)(?: please)* $|"
    r" (?:told|asked|warned|requested|informed) (?:you|you people|you guys|your \w+)"
    rf"(?: \w+){{0,2}} not to (?:ever )?{_CALL}(?: {_ME})*{_THEN}|"
    rf" (?:every day|everyday|daily|again and again) (?:dont|do not) {_CALL}(?: {_ME})* $|"
    r" (?:this|it) is (?:(?!not |no )\w+ )?harassment (?:please |just |so |and )*stop"
    r"(?: it| this| now)* $|"
    r" no more of (?:these|those|your|such) (?:\w+ )?calls |"
    r" i (?:\w+ )?object to (?:these|your|such|all|any|being) (?:\w+ )?(?:calls?|called) |"
    rf" (?:dont|do not|never) (?:consent|agree) to (?:these|this|any|your|such|being) "
    rf"(?:\w+ )?(?:calls?|called|calling|rung|contacted){_NOT_WHEN} |"
    rf" block (?:my|our|this) {_NUMBER} (?:from|for) (?:all )?(?:\w+ )?(?:calls|calling) |"
    r" dnc please |"
    rf" no more (?:\w+ )?calls{_NOT_WHEN} |"
    rf"{_WHO_DOES} (?:dont|do not|no longer|never) (?:want|wish|need|like)(?: to (?:get|receive|"
    rf"have|take|be getting))? (?:any |these |this |your |more |such |further |other |anymore |"
    rf"kind of |kinds of |of )*(?:calls|phone calls){_NOT_WHEN} |"
    rf" i (?:really |just |already )?(?:dont|do not|no longer|never) (?:ever )?(?:want|wish|need|"
    rf"like|agree) (?:to get |to receive |to have |any |these |this |your |more |such |further |"
    rf"other |kind of |of )*(?:calls|phone calls){_NOT_WHEN} |"
    rf" (?:i|we) (?:really |just )?(?:dont|do not|no longer|never) (?:ever )?(?:want|wish|like) "
    rf"to be (?:called|rung|phoned|contacted)(?: {_ME}| {_EVER}| by you)*{_THEN}|"
    rf" (?:i|we) (?:really |just )?(?:dont|do not|never) (?:ever )?(?:want|wish|like) "
    rf"(?:you|anyone|anybody|you people|your \w+) (?:to )?(?:ever )?(?:{_CALL}|{_CALLING})"
    rf"(?: {_ME}| {_EVER})*{_NOT_WHEN}{_THEN}|"
    rf" (?:id|i would|wed|we would) (?:rather|prefer|appreciate)(?: it)?(?: if)? you "
    rf"(?:didnt|did not|not|dont|never|stopped|would stop|would not|wouldnt) (?:ever )?"
    rf"(?:{_CALL}|{_CALLING})(?: {_ME}| {_EVER})*{_NOT_WHEN}{_THEN}|"
    rf" (?:can|could|would|will|may) you (?:please |kindly |just )*(?:not|never) (?:ever )?{_CALL}"
    rf"(?: {_ME}| {_EVER})+{_NOT_WHEN}{_THEN}|"
    rf"{_UNLESS_NOT} (?:take|remove|delete|drop|strike|erase|get|cross|scrub|pull|clear|block) "
    rf"{_MINE} (?:completely |right |out )?(?:off|from|out of|of)(?: of)? (?:all |any )?(?:of )?"
    rf"(?:your|the|this|that|these|all|any|those) {_LIST} |"
    rf"{_UNLESS_NOT} (?:take|get) (?:me|us) off(?: please| now| it)* $|"
    rf"{_UNLESS_NOT} (?:remove|blacklist|unsubscribe|delist) (?:me|us)"
    r"(?: (?:please|now|immediately|permanently|completely|thanks|thank you|at once|forever))* $|"
    rf"{_UNLESS_NOT} unsubscribe (?!d)|"
    r" (?:put|add|place|register|get|include|have|keep) (?:me|us|my number|this number|our number) "
    r"(?:on|to|in|into|onto|under) (?:the |your |a |an )?(?:do not call|do not disturb|dont call|"
    r"no call|dnd|dnc|ncpr|block|blocked|black|opt out)(?: list| registry| register)? |"
    r" do not call (?:list|registry|register) | dnc (?:list|registry) |"
    r" (?:activate|enable|apply|on|in|under|have|is|start) (?:a |the )?dnd(?! (?:fly|toll|road|"
    r"way)) |"
    r" dnd (?:list|number|registry|customer|activated?|active|service|registered|lagao|laga|karo|"
    r"kar do|kijiye|pannunga|cheyyu) |"
    rf"{_UNLESS_NOT} (?:opt|opting) (?:me |us )?out(?: of (?:(?:this|these|all|your|any|the|future|"
    r"further|receiving|getting|being|such) )*(?:calls?|calling|lists?|messages|campaigns?|"
    r"communications?|it|this|that|called|contacted))?(?= $| (?:please|now|and|i|thanks|thank|ok|"
    r"immediately|from|right) )|"
    r" (?:withdraw|revoke|withdrawing|revoking|take back|cancel) (?:my |our |all |any )*"
    r"(?:consent|permission) |"
    r" (?:dont|do not|did not|didnt|never) (?:have|had|give|given|gave|get|got|gave) "
    r"(?:you |my |our |any |the )*(?:consent|permission) (?:to|for) (?:call|ring|phone|contact|be|"
    r"these|this) |"
    r" leave (?:me|us) alone | cease and desist | never want to hear from you |"
    r" (?:dont|do not) want to hear from you (?:again|anymore|any more|ever) "
)
# Asks for it unless a call at another hour is asked for beside it.
PLAINLY = re.compile(
    rf"(?: not to(?: ever)?|{_WHO_DOES}(?<! you) {_NOT}) {_CALL}(?: {_ME})*"
    rf"(?: (?:me|us|this {_NUMBER}|my {_NUMBER}|here|on this {_NUMBER}|on my {_NUMBER}))"
    rf"(?: please| back| kindly)*{_THEN}|"
    rf"^ (?:(?:please|kindly|just|so|ok|okay|no|and|i said|sorry|sir|madam|hello|then|you|"
    rf"hereafter|henceforth|from next time|from now on|from now onwards) )*(?:dont|do not) "
    rf"(?:ever )?(?:call|ring|phone|contact)(?: (?:please|back|kindly|ok|okay|na|yaar|ya))* $|"
    r"^ (?:(?:please|kindly|no) )*no (?:calls|phone calls)(?: please| thanks| thank you)* $"
)
CALLED_ELSEWHEN = re.compile(
    r"(?<! dont)(?<! not)(?<! never) (?:call|ring|phone|try|contact|speak to|talk to)"
    r"(?: (?:me|us|back|again))* (?:later|tomorrow|tonight|today|after|in (?:the|an?|half|one|two|"
    r"three|five|ten|\d+)|at \S+|on \S+day|next|another|some other|any other|when|once|around|by|"
    r"between|before|only (?:after|in|at|on|when)) "
)
# Said of a number that is only given anew: "delete my number, it's 98400 10003".
REMOVED = re.compile(
    rf"{_UNLESS_NOT} (?:remove|delete|erase|lose|block|blacklist|forget) (?:my|our|this) {_NUMBER}"
    r"(?: (?:please|now|immediately|permanently|completely|thanks|thank you|at once|forever))* $"
)
GIVEN_ANEW = re.compile(
    r" (?:remove|delete|erase|lose|block|blacklist|forget) .*"
    r"(?:\d| (?:use|instead|write|(?:other|another|new|my wifes) number|double|zero|oh|one|two|"
    r"three|four|five|six|seven|eight|nine) )"
)
# Said to whoever rings, "stop" means the calls: it says something else whenever it stands alone.
HARASSED = re.compile(
    r" (?:(?:you|you people|you guys|you all) (?:are|r|keep|keep on)|youre)"
    rf"(?: just| always| really)? {_BOTHERING} (?:me|us|my (?:family|wife|husband|mother|father)) |"
    rf" (?:you|you people|you guys|you all) (?:keep|keep on|always) {_CALLING} |"
    r" (?:this|it) is (?:(?!not )\w+ )?harassment |"
    r" this is (?:(?!not )\w+ )?(?:harassing|spam)(?: me| us)? $"
)
STOPPED = re.compile(
    r"^ (?:(?:please|kindly|just|so|now|and|ok|okay|you|must|have to|need to|should|will you|"
    r"can you|could you|would you) )*(?:stop|stop it|stop this|stop that|cease)"
    r"(?: (?:please|now|immediately|at once|right now|it|this|sir|madam))* $"
)
# Lists that nobody is rung from, and what nobody wants to be done.
UNMEANT = re.compile(
    r" (?:wait|waiting|guest|shopping|wish|price|packing|order|song|play) ?lists?(?= )|"
    r" (?:dont|do not|didnt|did not|never) (?:want|wish|need|like|ask|asked|tell|told|say|said|"
    r"mean|meant) (?:\w+ ){0,3}?(?:stop|quit|cease|remove|take|delete|opt|unsubscribe)(?= )"
)
