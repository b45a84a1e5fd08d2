"""The language of call documents: every verb and noun with its attributes, values and children.

Names and nesting are those of the `twilio` library 9.13 (`twilio.twiml.voice_response`); a test
compares both. Which values an attribute takes follows twilio.com/docs/voice/twiml; where the
carrier has a number of its own for a wrong value it stands beside the rule, else it is 12200.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from phone.values import (
    BOOL,
    LANGUAGE,
    METHOD,
    PLAY_DIGITS,
    SCHEMA,
    SIGNED,
    SPEECH_TIMEOUT,
    TEXT,
    URL,
    WSS,
    Rule,
    attributes,
    http_method,
    keys,
    one_of,
    some_of,
    whole,
)


@dataclass(frozen=True, slots=True)
class Element:
    """A verb or noun: what it may carry and hold."""

    attributes: Mapping[str, Rule] = field(default_factory=dict)
    children: frozenset[str] = frozenset()
    text: bool = False  # may hold text
    nesting: int = SCHEMA  # number for a child that may not stand here


_SSML = frozenset(
    {"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"}
)
_STATUS_EVENTS = some_of("initiated", "ringing", "answered", "completed")
_STATUS = {
    "statusCallback": URL,
    "statusCallbackMethod": METHOD,
    "statusCallbackEvent": _STATUS_EVENTS,
}
_RECORDING_STATUS = {
    "recordingStatusCallback": URL,
    "recordingStatusCallbackMethod": METHOD,
    "recordingStatusCallbackEvent": some_of("in-progress", "completed", "absent"),
    "recordingConfigurationId": TEXT,
}
_MACHINE_DETECTION = {
    "machineDetection": one_of("Enable", "DetectMessageEnd"),
    "amdStatusCallback": URL,
    "amdStatusCallbackMethod": METHOD,
    "machineDetectionTimeout": whole(3, 59),
    "machineDetectionSpeechThreshold": whole(1000, 6000),
    "machineDetectionSpeechEndThreshold": whole(500, 5000),
    "machineDetectionSilenceTimeout": whole(2000, 10000),
}
_TRIM = {"trim": one_of("trim-silence", "do-not-trim")}
_RECORD_CALL = one_of(
    "do-not-record",
    "record-from-answer",
    "record-from-ringing",
    "record-from-answer-dual",
    "record-from-ringing-dual",
    "true",
    "false",
)
_PAIR = {"name": TEXT, "value": TEXT}
_LEG = {"url": URL, "method": METHOD, **_STATUS}
_VOICE_STREAM = {
    **attributes("name connectorName", TEXT),
    "statusCallback": URL,
    "statusCallbackMethod": METHOD,
}

_VERBS: dict[str, Element] = {
    "Say": Element(
        {"voice": TEXT, "language": LANGUAGE, "loop": whole(0, 1000, 13510)}, _SSML, text=True
    ),
    "Play": Element(
        {
            "loop": whole(0, 1000, 13410),
            "digits": PLAY_DIGITS,
        },
        text=True,
    ),
    "Pause": Element({"length": whole(1, code=13910)}),
    "Gather": Element(
        {
            "input": some_of("dtmf", "speech", code=13326),
            "action": URL,
            "method": http_method(13312),
            "timeout": whole(1, code=13313),
            "speechTimeout": SPEECH_TIMEOUT,
            "maxSpeechTime": whole(1, code=13328),
            "finishOnKey": keys(13310),
            "numDigits": whole(1, code=13314),
            "partialResultCallback": URL,
            "partialResultCallbackMethod": METHOD,
            "language": LANGUAGE,
            **attributes("hints speechModel", TEXT),
            **attributes("profanityFilter bargeIn debug actionOnEmptyResult enhanced", BOOL),
        },
        frozenset({"Say", "Play", "Pause"}),
        nesting=13320,
    ),
    "Redirect": Element({"method": http_method(13710)}, text=True),
    "Hangup": Element(children=frozenset({"Parameter"})),
    "Leave": Element(),
    "Echo": Element(),
    "Reject": Element({"reason": one_of("rejected", "busy")}, frozenset({"Parameter"})),
    "Dial": Element(
        {
            "action": URL,
            "method": METHOD,
            "timeout": whole(1, 600, 13212),
            **attributes("hangupOnStar answerOnBridge sequential", BOOL),
            "timeLimit": whole(1, 86_400),
            **attributes("callerId ringTone events passports", TEXT),
            "record": _RECORD_CALL,
            "recordingTrack": one_of("both", "inbound", "outbound"),
            "referUrl": URL,
            "referMethod": METHOD,
            **_TRIM,
            **_RECORDING_STATUS,
        },
        frozenset("Number Sip Client Conference Queue Application Sim WhatsApp".split()),
        text=True,
    ),
    "Enqueue": Element(
        {
            "action": URL,
            "method": METHOD,
            "waitUrl": URL,
            "waitUrlMethod": METHOD,
            "maxQueueSize": whole(1, 5000),
            "workflowSid": TEXT,
        },
        frozenset({"Task"}),
        text=True,
    ),
    "Record": Element(
        {
            "action": URL,
            "method": METHOD,
            "timeout": whole(0, code=13611),
            "finishOnKey": keys(13613),
            "maxLength": whole(1, code=13612),
            **attributes("playBeep transcribe", BOOL),
            "transcribeCallback": URL,
            **_TRIM,
            **_RECORDING_STATUS,
        }
    ),
    "Start": Element(
        {"action": URL, "method": METHOD},
        frozenset({"Stream", "Siprec", "Transcription", "Recording"}),
    ),
    "Stop": Element(children=frozenset({"Stream", "Siprec", "Transcription"})),
    "Connect": Element(
        {"action": URL, "method": METHOD},
        frozenset(
            "Stream ConversationRelay ConversationRelaySession AiSession VirtualAgent "
            "Conversation Room Autopilot".split()
        ),
    ),
    "Queue": Element(
        {"url": URL, "method": METHOD, "reservationSid": TEXT, "postWorkActivitySid": TEXT},
        text=True,
    ),
    "Refer": Element({"action": URL, "method": METHOD}, frozenset({"Sip"})),
    "Sms": Element(
        {**attributes("to from", TEXT), "action": URL, "method": METHOD, "statusCallback": URL},
        text=True,
    ),
    "Pay": Element(
        {
            **attributes(
                "input bankAccountType timeout maxAttempts minPostalCodeLength paymentConnector "
                "paymentMethod tokenType chargeAmount currency description validCardTypes "
                "securityCode postalCode",
                TEXT,
            ),
            "action": URL,
            "statusCallback": URL,
            "statusCallbackMethod": METHOD,
            "language": LANGUAGE,
        },
        frozenset({"Prompt", "Parameter"}),
    ),
    "Prompt": Element(
        {**attributes("for errorType cardType attempt", TEXT), "requireMatchingInputs": BOOL},
        frozenset({"Say", "Play", "Pause"}),
    ),
}

_NOUNS: dict[str, Element] = {
    "Number": Element({"sendDigits": TEXT, "byoc": TEXT, **_LEG, **_MACHINE_DETECTION}, text=True),
    "Sip": Element(
        {"username": TEXT, "password": TEXT, **_LEG, **_MACHINE_DETECTION},
        frozenset({"Uri", "Headers"}),
        text=True,
    ),
    "Uri": Element(attributes("priority weight username password", TEXT), text=True),
    "Headers": Element(children=frozenset({"Header"})),
    "Header": Element(_PAIR),
    "Client": Element(_LEG, frozenset({"Identity", "Parameter"}), text=True),
    "Identity": Element(text=True),
    "Conference": Element(
        {
            **attributes("muted startConferenceOnEnter endConferenceOnExit", BOOL),
            "beep": one_of("true", "false", "onEnter", "onExit"),
            **attributes("waitUrl eventCallbackUrl", URL),
            "waitMethod": METHOD,
            "maxParticipants": whole(2, 250),
            "record": one_of("do-not-record", "record-from-start", "true", "false"),
            **attributes("region coach jitterBufferSize participantLabel", TEXT),
            "statusCallback": URL,
            "statusCallbackMethod": METHOD,
            "statusCallbackEvent": some_of(*"start end join leave mute hold speaker".split()),
            **_TRIM,
            **_RECORDING_STATUS,
        },
        text=True,
    ),
    "Application": Element(
        {**_LEG, "customerId": TEXT, "copyParentTo": BOOL},
        frozenset({"ApplicationSid", "Parameter"}),
        text=True,
    ),
    "ApplicationSid": Element(text=True),
    "Sim": Element(text=True),
    "WhatsApp": Element(_LEG, text=True),
    "Task": Element({"priority": SIGNED, "timeout": whole(1)}, text=True),
    "Stream": Element(
        {
            **_VOICE_STREAM,
            "url": Rule(WSS.check, WSS.wanted, 31922),
            "track": one_of("inbound_track", "outbound_track", "both_tracks", code=31941),
            **attributes("audioFormat sampleRate", TEXT),
        },
        frozenset({"Parameter"}),
    ),
    "Siprec": Element(
        {**_VOICE_STREAM, "track": one_of("inbound_track", "outbound_track", "both_tracks")},
        frozenset({"Parameter"}),
    ),
    "Transcription": Element(
        {
            "track": one_of("inbound_track", "outbound_track", "both_tracks"),
            "statusCallbackUrl": URL,
            "statusCallbackMethod": METHOD,
            "languageCode": LANGUAGE,
            **attributes(
                "name inboundTrackLabel outboundTrackLabel transcriptionEngine speechModel hints "
                "intelligenceService",
                TEXT,
            ),
            **attributes("partialResults profanityFilter enableAutomaticPunctuation", BOOL),
        },
        frozenset({"Config", "Parameter"}),
    ),
    "Recording": Element(
        {
            "track": one_of("both", "inbound", "outbound"),
            "channels": one_of("mono", "dual"),
            **_TRIM,
            **_RECORDING_STATUS,
        }
    ),
    "Parameter": Element(_PAIR),
    "Config": Element(_PAIR),
    "ConversationRelay": Element(
        {
            "url": WSS,
            **attributes("language ttsLanguage transcriptionLanguage", LANGUAGE),
            **attributes("ttsProvider transcriptionProvider voice speechModel hints", TEXT),
            **attributes("welcomeGreeting intelligenceService debug events customerName", TEXT),
            **attributes("speechTimeout eotThreshold eagerEotThreshold", TEXT),
            **attributes("backgroundNoiseReduction conversationConfiguration", TEXT),
            **attributes(
                "profanityFilter dtmfDetection partialPrompts preemptible partialPromptOnHangup "
                "ignoreBackchannel applicationReconnect echoPromptFiltering asrSmartFormat "
                "deepgramSmartFormat turnDetection",
                BOOL,
            ),
            **attributes(
                "interruptible welcomeGreetingInterruptible reportInputDuringAgentSpeech",
                one_of("none", "dtmf", "speech", "any", "true", "false"),
            ),
            "interruptSensitivity": one_of("high", "medium", "low"),
            "includeInPrompt": some_of("turn-state", "prompt-segments"),
            **attributes(
                "elevenlabsTextNormalization ttsTextNormalization ttsLanguageTextNormalization "
                "elevenlabsLanguageTextNormalization",
                TEXT,
            ),
        },
        frozenset({"Language", "Parameter"}),
    ),
    "Language": Element(
        {
            "code": LANGUAGE,
            **attributes(
                "ttsProvider voice transcriptionProvider speechModel hints asrSmartFormat "
                "ttsTextNormalization ttsLanguageTextNormalization",
                TEXT,
            ),
        }
    ),
    "ConversationRelaySession": Element(attributes("connector sessionConfiguration", TEXT)),
    "AiSession": Element(attributes("aiConnector aiSessionConfiguration", TEXT)),
    "VirtualAgent": Element(
        {
            "connectorName": TEXT,
            "language": LANGUAGE,
            "sentimentAnalysis": BOOL,
            "statusCallback": URL,
            "statusCallbackMethod": METHOD,
        },
        frozenset({"Config", "Parameter"}),
    ),
    "Conversation": Element(
        {
            **attributes("serviceInstanceSid inboundAutocreation", TEXT),
            **attributes("routingAssignmentTimeout inboundTimeout", whole(1)),
            "url": URL,
            "method": METHOD,
            "record": _RECORD_CALL,
            "statusCallback": URL,
            "statusCallbackMethod": METHOD,
            "statusCallbackEvent": TEXT,
            **_TRIM,
            **_RECORDING_STATUS,
        }
    ),
    "Room": Element({"participantIdentity": TEXT}, text=True),
    "Autopilot": Element(text=True),
}

# Speech marks inside <Say>. Which may stand in which is left to the voice's own provider.
_SPEECH_MARKS: dict[str, Element] = {
    "break": Element(attributes("strength time", TEXT)),
    "emphasis": Element({"level": TEXT}, _SSML, text=True),
    "lang": Element({"xml:lang": LANGUAGE}, _SSML, text=True),
    "p": Element({}, _SSML, text=True),
    "phoneme": Element(attributes("alphabet ph", TEXT), text=True),
    "prosody": Element(attributes("volume rate pitch", TEXT), _SSML, text=True),
    "s": Element({}, _SSML, text=True),
    "say-as": Element(attributes("interpret-as format", TEXT), text=True),
    "sub": Element({"alias": TEXT}, text=True),
    "w": Element({"role": TEXT}, _SSML, text=True),
}

RESPONSE = "Response"
GRAMMAR: Mapping[str, Element] = {
    RESPONSE: Element(
        children=frozenset(
            "Connect Dial Echo Enqueue Gather Hangup Leave Pause Play Queue Record Redirect Reject "
            "Say Sms Pay Prompt Start Stop Refer".split()
        )
    ),
    **_VERBS,
    **_NOUNS,
    **_SPEECH_MARKS,
}
