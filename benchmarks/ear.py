"""What a caller hears of a call, and for how long nothing: real time, not that of the phone.

The phone does not wait while somebody talks. So a silence is counted from a webhook, which is sent
when the caller has finished, to the first sound of its answer; between two clips, from the request
of the second; and inside a clip, when its bytes come slower than they are played.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from phone.faults import WebhookFault
from phone.media import length_s
from phone.webhook import Answer, Courier

TURN = "/process-response"
WAITING = "/keep-waiting"
# Documents that follow on a sound which the caller hears to its end first.
AFTER_SOUND = (WAITING, "/voice-resume")
_PIECE_BYTES = 512


@dataclass
class Ear:
    """Counts what is heard and measures what is not."""

    silences_s: list[float] = field(default_factory=list)
    clips: int = 0
    said: int = 0
    fillers: int = 0
    cut: int = 0  # clips that ended before their end
    missed: int = 0  # clips without a sound
    words: int = 0  # over a live line
    _quiet_since: float | None = None
    _heard_until: float = 0.0

    def waits(self) -> None:
        """The caller has finished, and listens."""
        if self._quiet_since is None:
            self._quiet_since = time.monotonic()

    def hears(self, seconds: float) -> None:
        """A sound of that length begins."""
        now = time.monotonic()
        if self._quiet_since is not None:
            self.silences_s.append(now - self._quiet_since)
            self._quiet_since = None
        self._heard_until = max(now, self._heard_until) + seconds

    def lacks(self, seconds: float) -> None:
        """A sound that has begun stopped for that long."""
        self.silences_s.append(seconds)

    def hears_it_out(self) -> None:
        """Let the time pass that the sound takes; the vendors use it too."""
        time.sleep(max(0.0, self._heard_until - time.monotonic()))

    def is_asked(self, timeout_s: float) -> None:
        """The agent waits for the caller, who may not have heard a thing."""
        if self._quiet_since is not None:
            self.silences_s.append(time.monotonic() - self._quiet_since + timeout_s)
            self._quiet_since = None

    @property
    def longest_s(self) -> float:
        """The longest silence."""
        return max(self.silences_s, default=0.0)

    def told(self) -> str:
        """What was heard, in short."""
        parts = [f"{self.words} words live"] if self.words else []
        if self.clips or self.said or not parts:
            parts += [f"{self.clips} clips", f"{self.said} said"]
        for number, word in ((self.fillers, "fillers"), (self.cut, "cut"), (self.missed, "missed")):
            if number:
                parts.append(f"{number} {word}")
        return ", ".join(parts)


@dataclass
class TimedCourier(Courier):
    """A courier that tells an ear when to listen, and plays a clip as its bytes come."""

    ear: Ear = field(default_factory=Ear)
    on_turn: Callable[[], object] = lambda: None  # a turn of the caller is being sent

    def ask(self, url: str, form: Mapping[str, str], method: str = "POST") -> Answer:
        """As the carrier does."""
        path = urlsplit(url).path
        if path.endswith(AFTER_SOUND):
            self.ear.hears_it_out()
        self.ear.fillers += path.endswith(WAITING)
        self.ear.waits()
        if path.endswith(TURN):
            self.on_turn()
        return super().ask(url, form, method)

    def fetch(self, url: str) -> Answer:
        """A clip, heard while it comes. One that breaks off is played as far as it came."""
        known = self._recordings.get(url)
        if known is None:
            known = self._recordings[url] = self._streamed(url)
        else:
            self.ear.hears(length_s(known))
        self.ear.clips += 1
        return known

    def _streamed(self, url: str) -> Answer:
        self.ear.waits()
        limits = self.limits
        body, kind, status = b"", "", 0
        try:
            with self._session.get(
                self.way.to(url),
                timeout=(limits.connect_ms / 1000, limits.read_ms / 1000),
                stream=True,
            ) as response:
                kind, status = response.headers.get("Content-Type", ""), response.status_code
                if status != 200 or not kind.startswith("audio/"):
                    raise requests.RequestException(f"{status} {kind}")
                body = self._played(response, url)
        except (requests.RequestException, HTTPError) as error:
            self.ear.missed += 1
            raise WebhookFault(11200, str(error)[:200], url) from error
        return Answer(url, status, kind, body)

    def _played(self, response: requests.Response, url: str) -> bytes:
        body = b""
        began_at = 0.0
        stopped_s = 0.0
        try:
            while piece := response.raw.read1(_PIECE_BYTES):
                if not body:
                    began_at = time.monotonic()
                    self.ear.hears(0.0)
                else:
                    stopped_s += self._late_s(body, began_at + stopped_s)
                body += piece
        except (requests.RequestException, HTTPError):
            if not body:
                raise
            self.ear.cut += 1
        if not body:
            raise requests.RequestException("the clip is empty")
        self._late_s(body, began_at + stopped_s)  # its end may be long in coming
        self.ear.hears(length_s(Answer(url, 200, "", body)))
        return body

    def _late_s(self, body: bytes, began_at: float) -> float:
        """For how long, up to now, `body` has been played and nothing more was there."""
        late_s = time.monotonic() - began_at - length_s(Answer("", 200, "", body))
        if late_s <= 0:
            return 0.0
        self.ear.lacks(late_s)
        return late_s
