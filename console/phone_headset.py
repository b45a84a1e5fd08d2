"""The browser's ears and microphone in a live call: sound between the page and the phone's line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

PIECE_MOST_BYTES = 1600  # 200 ms; a page sends 20 ms at a time

Pass = Callable[[bytes | Mapping[str, object]], None]  # to the page, at once or not at all


class BrowserHeadset:
    """A `phone.live_habits.Headset`. For any thread; nothing blocks."""

    def __init__(self, to_page: Pass) -> None:
        self._to_page = to_page
        self._speak: Callable[[bytes], None] | None = None

    def connect(self, speak: Callable[[bytes], None]) -> None:
        """See `Headset`."""
        self._speak = speak
        self._to_page({"type": "live"})

    def hear(self, audio: bytes) -> None:
        """See `Headset`."""
        self._to_page(audio)

    def cut(self) -> None:
        """See `Headset`."""
        self._to_page({"type": "cut"})

    def speak(self, audio: bytes) -> None:
        """Sound of the page's microphone; where no line carries it, it is not heard."""
        if self._speak is not None:
            self._speak(audio)
