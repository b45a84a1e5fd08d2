"""The wire of Scribe, ElevenLabs' realtime recogniser: `/v1/speech-to-text/realtime`.

Source: elevenlabs.io/docs/api-reference/speech-to-text/v-1-speech-to-text-realtime.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from phone.vendors.recogniser import Query, Session, Talk
from phone.vendors.refusals import ELEVENLABS
from phone.vendors.websocket import is_upgrade
from phone.vendors.wire import Asked

PATH = "/v1/speech-to-text/realtime"
_USUAL_SILENCE_S = 1.5


class Scribe:
    """See `Trade`."""

    refusals = ELEVENLABS

    def refuses(self, asked: Asked) -> bool:
        if asked.path != PATH or not is_upgrade(asked):
            ELEVENLABS.send(asked, 404, "not_found")
        elif not asked.header("xi-api-key"):
            ELEVENLABS.send(asked, 401, "invalid_api_key")
        elif "audio_format=ulaw_8000" not in asked.query:
            ELEVENLABS.send(asked, 400, "invalid_request")
        else:
            return False
        return True

    def talk(self, path: str, query: Query, session: Session) -> Talk:
        return ScribeTalk(query, session)


class ScribeTalk:
    """Tells words as they come; silence, or whoever asks for it, makes them final."""

    def __init__(self, query: Query, session: Session) -> None:
        self._session = session
        self._ear = session.ear
        self._query = query
        silence = query.get("vad_silence_threshold_secs", [""])[0]
        self._silence_s = float(silence) if silence else _USUAL_SILENCE_S
        self._commits = query.get("commit_strategy") == ["vad"]

    def begin(self) -> None:
        config = {name: values[0] for name, values in self._query.items()}
        told = {"session_id": "s1", "config": config}
        self._session.say({"message_type": "session_started", **told})

    def hear(self, has_words: bool) -> None:
        if has_words:
            text = " ".join(self._ear.words)
            self._session.say({"message_type": "partial_transcript", "text": text})
        elif self._commits and self._ear.words and self._ear.quiet_s >= self._silence_s:
            self._commit()

    def read(self, message: Mapping[str, Any]) -> None:
        if message["message_type"] != "input_audio_chunk":
            raise ValueError("no such message")
        if audio := message["audio_base_64"]:
            self._session.hear(b64decode(audio))
        if message.get("commit"):
            self._commit()

    def refuse_to_go_on(self) -> None:
        self._fail("quota_exceeded")

    def idle(self) -> None:
        self._fail("insufficient_audio_activity")

    def _commit(self) -> None:
        text = self._ear.take()
        self._ear.rest()
        self._session.heard(text)
        self._session.say({"message_type": "committed_transcript", "text": text})

    def _fail(self, kind: str) -> None:
        self._session.say({"message_type": kind, "error": f"no: {kind}"})
        self._session.close(1008, kind)
