"""The wires of Deepgram's recognisers: nova at `/v1/listen`, Flux at `/v2/listen`.

Sources: developers.deepgram.com/reference/speech-to-text/listen-streaming, …/docs/flux/state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from phone.vendors.recogniser import Query, Session, Talk
from phone.vendors.refusals import DEEPGRAM
from phone.vendors.websocket import NORMAL, is_upgrade
from phone.vendors.wire import Asked

_REQUEST = "0f9d1c3e"
_SURE = 0.98
# Nova: words are final at the latest when speech goes on for as long; and it says so when there
# are none for as long.
SEGMENT_S, EMPTY_S = 5.0, 4.0
# Flux: how often it tells what it knows, and after how much silence the turn may be over, and is.
UPDATE_S, EAGER_S, END_S = 0.25, 0.2, 0.5


class Deepgram:
    """Both of them. See `Trade`."""

    refusals = DEEPGRAM

    def refuses(self, asked: Asked) -> bool:
        if asked.path not in ("/v1/listen", "/v2/listen") or not is_upgrade(asked):
            DEEPGRAM.send(asked, 404, "NOT_FOUND")
        elif not asked.header("authorization").startswith(("Token ", "Bearer ")):
            DEEPGRAM.send(asked, 401, "INVALID_AUTH")
        elif "encoding=mulaw" not in asked.query or "sample_rate=8000" not in asked.query:
            DEEPGRAM.send(asked, 400, "INVALID_QUERY_PARAMETER")
        elif (asked.path == "/v2/listen") != ("model=flux-" in asked.query):
            DEEPGRAM.send(asked, 400, "UNSUPPORTED_MODEL")
        else:
            return False
        return True

    def talk(self, path: str, query: Query, session: Session) -> Talk:
        return Nova(query, session) if path == "/v1/listen" else Flux(query, session)


class _Deepgram:
    """What is the same in both."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ear = session.ear

    def idle(self) -> None:
        self._session.close(1011, "NET-0001")


class Nova(_Deepgram):
    """Transcribes; silence ends an utterance."""

    def __init__(self, query: Query, session: Session) -> None:
        super().__init__(session)
        self._endpointing_s = _number(query, "endpointing", 10) / 1000
        self._utterance_end_s = _number(query, "utterance_end_ms", 0) / 1000
        self._tells_starts = query.get("vad_events") == ["true"]
        self._is_started = False
        self._utterance: list[str] = []  # final pieces of it
        self._awaits_end = False  # words came since it told the end of an utterance
        self._final_s = 0.0  # up to where everything is final
        self._said_s = 0.0  # where it said something last

    def begin(self) -> None:
        pass

    def hear(self, has_words: bool) -> None:
        ear = self._ear
        if ear.began_at is not None and not self._is_started:
            self._is_started = True
            self._final_s = max(self._final_s, ear.began_at / 8000 - 0.1)
            if self._tells_starts:
                began_s = ear.began_at / 8000
                self._say({"type": "SpeechStarted", "channel": [0], "timestamp": began_s})
        if not self._is_started:
            self._idle_or_end()
        elif ear.quiet_s >= self._endpointing_s:
            self._result(ear.take(), is_final=True, is_last=True)
            self._is_started = False
            ear.rest()
        elif has_words and ear.at_s - self._final_s >= SEGMENT_S:
            self._result(ear.take(), is_final=True, is_last=False)
        elif has_words:
            self._result(" ".join(ear.words), is_final=False, is_last=False)

    def read(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "KeepAlive":
                self._session.keep_alive()
            case "Finalize":
                self._result(self._ear.take(), is_final=True, is_last=True, is_asked=True)
            case "CloseStream":
                self._result(self._ear.take(), is_final=True, is_last=True)
                self._close()
            case "Configure":
                told = {"request_id": _REQUEST, "keyterms": message.get("keyterms", [])}
                self._say({"type": "ConfigureSuccess", **told})
            case _:
                raise ValueError("no such message")

    def refuse_to_go_on(self) -> None:
        self._session.close(1008, "ASR_PAYMENT_REQUIRED")

    def _idle_or_end(self) -> None:
        ear = self._ear
        if self._awaits_end and self._utterance_end_s and ear.quiet_s >= self._utterance_end_s:
            end_s = ear.ended_at / 8000
            self._say({"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": end_s})
            self._awaits_end = False
        elif ear.at_s - self._said_s >= EMPTY_S:
            self._result("", is_final=True, is_last=False)

    def _result(self, text: str, is_final: bool, is_last: bool, is_asked: bool = False) -> None:
        end_s = self._ear.at_s
        confidence = _SURE if text else 0.0
        words = _words(text, self._final_s, end_s)
        best = {"transcript": text, "confidence": confidence, "words": words}
        result = {
            "type": "Results",
            "channel_index": [0, 1],
            "start": self._final_s,
            "duration": end_s - self._final_s,
            "is_final": is_final,
            "speech_final": is_last,
            "from_finalize": is_asked,
            "channel": {"alternatives": [best]},
            "metadata": {"request_id": _REQUEST, "model_uuid": _REQUEST},
        }
        if is_final:
            self._final_s = end_s
            if text:
                self._utterance.append(text)
                self._awaits_end = True
            if is_last:
                self._session.heard(" ".join(self._utterance))
                self._utterance.clear()
        self._say(result)

    def _close(self) -> None:
        told = {"request_id": _REQUEST, "duration": self._ear.at_s, "channels": 1}
        self._say({"type": "Metadata", **told})
        self._session.close(NORMAL)

    def _say(self, message: Mapping[str, object]) -> None:
        self._said_s = self._ear.at_s
        self._session.say(message)


class Flux(_Deepgram):
    """Follows turns."""

    def __init__(self, query: Query, session: Session) -> None:
        super().__init__(session)
        self._is_eager = "eager_eot_threshold" in query
        self._timeout_s = _number(query, "eot_timeout_ms", 5000) / 1000
        self._sequence = 0
        self._turn = 0
        self._began_s = 0.0
        self._updated_s = 0.0
        self._is_on = False  # a turn
        self._is_ending = False  # as it was told eagerly

    def begin(self) -> None:
        self._say({"type": "Connected", "request_id": _REQUEST})

    def hear(self, has_words: bool) -> None:
        ear = self._ear
        if has_words and not self._is_on:
            self._is_on = True
            self._info("StartOfTurn")
        elif self._is_ending and (has_words or ear.is_loud):
            self._is_ending = False
            self._info("TurnResumed")
        elif self._is_on and ear.quiet_s >= END_S:
            self._end("model")
        elif self._is_on and self._is_eager and not self._is_ending and ear.quiet_s >= EAGER_S:
            self._is_ending = True
            self._info("EagerEndOfTurn")
        elif ear.at_s - self._updated_s >= UPDATE_S:
            self._info("Update")

    def read(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "ForceEndTurn":
                if self._is_on:
                    self._end("manual")
            case "CloseStream":
                if self._is_on:
                    self._end("manual")
                self._session.close(NORMAL)
            case "Configure":
                self._say({"type": "ConfigureSuccess", "request_id": _REQUEST})
            case _:
                raise ValueError("no such message")

    def refuse_to_go_on(self) -> None:
        self._say({"type": "Error", "code": "PAYMENT_REQUIRED", "description": "no credit"})
        self._session.close(1008, "PAYMENT_REQUIRED")

    def _end(self, trigger: str) -> None:
        text = self._info("EndOfTurn", trigger=trigger)
        self._ear.take()
        self._ear.rest()
        self._session.heard(text)
        self._is_on = self._is_ending = False
        self._turn += 1
        self._began_s = self._ear.at_s

    def _info(self, event: str, **more: str) -> str:
        text, end_s = " ".join(self._ear.words), self._ear.at_s
        self._updated_s = end_s
        told = {
            "type": "TurnInfo",
            "request_id": _REQUEST,
            "event": event,
            "turn_index": self._turn,
            "audio_window_start": self._began_s,
            "audio_window_end": end_s,
            "transcript": text,
            "words": [{"word": word, "confidence": _SURE} for word in self._ear.words],
            "end_of_turn_confidence": 0.9 if event.endswith("EndOfTurn") else 0.1,
        }
        self._say({**told, **more})
        return text

    def _say(self, message: Mapping[str, object]) -> None:
        self._session.say({**message, "sequence_id": self._sequence})
        self._sequence += 1


def _words(text: str, start_s: float, end_s: float) -> list[dict[str, object]]:
    """Spread over the time: nobody asks when exactly each was said."""
    words = text.split()
    each_s = (end_s - start_s) / max(len(words), 1)
    return [
        {
            "word": word,
            "start": start_s + number * each_s,
            "end": start_s + (number + 1) * each_s,
            "confidence": _SURE,
            "punctuated_word": word,
        }
        for number, word in enumerate(words)
    ]


def _number(query: Query, name: str, usual: float) -> float:
    try:
        return float(query[name][0])
    except (KeyError, ValueError):
        return usual
