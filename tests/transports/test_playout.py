"""Playing on a socket: ahead of time but not far, cut at once, taken up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from calls.playback import BYTES_A_MS
from providers.telephony.twilio.media_stream import MediaStream
from transports.playout import Piece, Playout, SoundLine, Still

SECOND = 1000 * BYTES_A_MS


@dataclass(order=True)
class PutOff:
    """Something that is due at a time of `Clockwork`."""

    when: float
    callback: Callable[[], None] = field(compare=False)
    is_off: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        """See `Timer`."""
        self.is_off = True


class Clockwork:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0
        self.put_off: list[PutOff] = []

    def time(self) -> float:
        """See `Timers`."""
        return self.now

    def call_at(self, when: float, callback: Callable[[], None], /) -> PutOff:
        """See `Timers`."""
        self.put_off.append(PutOff(when, callback))
        return self.put_off[-1]

    def goes_on(self, seconds: float) -> None:
        """Let time pass, and happen what is due in it."""
        until = self.now + seconds
        while due := sorted(one for one in self.put_off if not one.is_off and one.when <= until):
            self.put_off.remove(due[0])
            self.now = max(self.now, due[0].when)
            due[0].callback()
        self.now = until


class Growing:
    """Sound that is made meanwhile."""

    def __init__(self) -> None:
        self.is_over = self.is_broken = self.is_closed = False
        self._left = b""
        self._more: Callable[[], None] | None = None

    def read(self) -> bytes:
        """See `Source`."""
        left, self._left = self._left, b""
        return left

    def listen(self, more: Callable[[], None]) -> None:
        """See `Source`."""
        self._more = more

    def close(self) -> None:
        """See `Source`."""
        self.is_closed = True

    def grows(self, audio: bytes, is_over: bool = False, is_broken: bool = False) -> None:
        """There is more of it."""
        self._left += audio
        self.is_over, self.is_broken = is_over or is_broken, is_broken
        if self._more is not None:
            self._more()


class Listening:
    """The far end, and who is told how playing goes."""

    def __init__(self) -> None:
        self.clock = Clockwork()
        self.orders: list[
            tuple[str, int | str]
        ] = []  # ("media", bytes), ("mark", name), ("clear", "")
        self.told: list[str] = []
        line = SoundLine(MediaStream(), "MZ1", self.takes, self.takes, lambda step: step)
        self.playout = Playout(line, self, self.clock)
        self._echoed = 0

    def takes(self, message: str) -> None:
        """An order comes in."""
        order = orjson.loads(message)
        assert order["streamSid"] == "MZ1"
        match order["event"]:
            case "media":
                size = len(order["media"]["payload"]) * 3 // 4
                self.orders.append(("media", size - order["media"]["payload"].count("=")))
            case "mark":
                self.orders.append(("mark", order["mark"]["name"]))
            case kind:
                self.orders.append((kind, ""))

    @property
    def marks(self) -> list[str]:
        """All that were sent so far."""
        return [str(name) for kind, name in self.orders if kind == "mark"]

    @property
    def sent_ms(self) -> int:
        """How much sound came."""
        return sum(int(size) for kind, size in self.orders if kind == "media") // BYTES_A_MS

    def plays(self, marks: int) -> None:
        """So many more marks come back."""
        for _ in range(marks):
            self.playout.marked(self.marks[self._echoed])
            self._echoed += 1

    def plays_all(self) -> None:
        """Everything, whatever comes in meanwhile."""
        while self._echoed < len(self.marks):
            self.plays(1)

    def begins(self, piece: Piece) -> None:
        """See `Hearer`."""
        self.told.append(f"begins {piece.text}")

    def sounds(self) -> None:
        """See `Hearer`."""
        self.told.append("sounds")

    def played(self) -> None:
        """See `Hearer`."""
        self.told.append("played")

    def breaks(self) -> None:
        """See `Hearer`."""
        self.told.append("breaks")


def still(text: str, seconds: float, interruptible: bool = True) -> Piece:
    return Piece(text, Still(b"\x80" * int(seconds * SECOND)), interruptible)


def test_sound_goes_out_in_chunks_with_a_mark_each() -> None:
    far = Listening()
    far.playout.load([still("hello", 0.5)])

    far.playout.go()

    assert far.orders == [
        ("media", 1600), ("mark", "m1"), ("media", 1600), ("mark", "m2"),
        ("media", 800), ("mark", "m3"),
    ]  # fmt: skip
    assert far.told == ["sounds", "begins hello"]


def test_no_more_is_sent_ahead_than_the_window_and_marks_open_it() -> None:
    far = Listening()
    far.playout.load([still("long", 10)])
    far.playout.go()
    assert far.sent_ms == 4000

    far.plays(5)

    assert far.sent_ms == 5000
    far.plays_all()
    assert far.sent_ms == 10_000
    assert far.told[-1] == "played"


def test_an_answer_is_over_with_its_last_mark_and_not_before() -> None:
    far = Listening()
    far.playout.load([still("one", 0.4), still("two", 0.4)])
    far.playout.go()

    far.plays(3)
    assert far.told == ["sounds", "begins one", "begins two"]

    far.plays(1)
    assert far.told[-1] == "played"
    assert not far.playout.is_going


def test_the_first_sound_of_what_still_grows_goes_out_at_once() -> None:
    far, sound = Listening(), Growing()
    far.playout.load([Piece("slow", sound, True)])
    far.playout.go()
    assert far.orders == []

    sound.grows(b"\x80" * 160)
    assert far.orders == [("media", 160), ("mark", "m1")]

    sound.grows(b"\x80" * 8000)
    sound.grows(b"\x80" * 100, is_over=True)
    far.plays_all()
    assert far.sent_ms == (160 + 8000 + 100) // BYTES_A_MS
    assert far.told == ["sounds", "begins slow", "played"]


def test_small_pieces_are_gathered_while_the_far_end_has_enough() -> None:
    far, sound = Listening(), Growing()
    far.playout.load([Piece("slow", sound, True)])
    far.playout.go()
    sound.grows(b"\x80" * SECOND)
    before = len(far.marks)

    sound.grows(b"\x80" * 80)
    assert len(far.marks) == before

    sound.grows(b"\x80" * 1600)
    assert len(far.marks) == before + 1


def test_a_cut_is_a_clear_and_silence() -> None:
    far = Listening()
    far.playout.load([still("a question that is long", 6)])
    far.playout.go()
    far.plays(10)

    far.playout.cut()
    orders = len(far.orders)

    assert far.orders[-1] == ("clear", "")
    far.plays_all()  # a clear sends all marks back
    assert len(far.orders) == orders
    assert far.playout.ledger.played.heard_ms == 2000
    assert "played" not in far.told


def test_a_second_cut_clears_nothing() -> None:
    far = Listening()
    far.playout.load([still("hello", 1)])
    far.playout.go()

    far.playout.cut()
    far.playout.cut()

    assert [kind for kind, _ in far.orders].count("clear") == 1


def test_what_was_cut_goes_on_a_little_before_the_cut() -> None:
    far = Listening()
    far.playout.load([still("before", 1), still("and after it", 4)])
    far.playout.go()
    far.plays(15)  # 3 s
    far.playout.cut()
    before = far.sent_ms
    far.plays_all()

    far.playout.resume()

    assert 2000 < far.sent_ms - before <= 2900
    far._echoed = far.marks.index(far.marks[-1]) - 9
    for mark in far.marks:
        far.playout.marked(mark)
    assert far.told[-1] == "played"
    assert far.playout.ledger.is_heard


def test_what_was_loaded_for_later_begins_at_its_start() -> None:
    far = Listening()
    far.playout.load([still("waits", 1)])
    assert far.orders == []

    far.playout.resume()

    assert far.sent_ms == 1000


def test_a_filler_is_cut_when_the_answer_comes() -> None:
    far = Listening()
    far.playout.load([still("one moment", 2)])
    far.playout.go()
    far.clock.goes_on(1.0)

    far.playout.load([still("the answer", 1)])
    far.playout.go()

    kinds = [kind for kind, _ in far.orders]
    assert kinds.count("clear") == 1
    assert kinds.index("clear") == 20  # before the answer, after the filler


def test_a_filler_that_is_nearly_over_is_heard_out() -> None:
    far = Listening()
    far.playout.load([still("one moment", 2)])
    far.playout.go()
    far.clock.goes_on(1.8)

    far.playout.load([still("the answer", 1)])
    far.playout.go()

    assert ("clear", "") not in far.orders
    assert far.sent_ms == 3000


def test_marks_of_the_answer_before_say_nothing_of_this_one() -> None:
    far = Listening()
    far.playout.load([still("one", 0.2)])
    far.playout.go()
    far.clock.goes_on(0.1)
    far.playout.load([still("two", 0.2)])
    far.playout.go()

    far.plays(1)
    assert "played" not in far.told

    far.plays(1)
    assert far.told[-1] == "played"


def test_when_marks_do_not_come_back_the_clock_says_what_was_heard() -> None:
    far = Listening()
    far.playout.load([still("nobody says that this was played", 10)])
    far.playout.go()

    far.clock.goes_on(6.9)
    assert far.sent_ms == 4000
    far.clock.goes_on(0.2)
    assert far.sent_ms == 8000
    far.clock.goes_on(10)

    assert far.sent_ms == 10_000
    assert far.told[-1] == "played"


def test_without_marks_the_far_end_does_not_run_dry_again() -> None:
    far = Listening()
    far.playout.load([still("x", 20)])
    far.playout.go()
    far.clock.goes_on(7.1)

    for _ in range(100):
        far.clock.goes_on(0.1)
        assert far.playout.left_s > 0.8 or far.sent_ms == 20_000


def test_sound_that_ends_before_its_words_is_told() -> None:
    far, sound = Listening(), Growing()
    far.playout.load([Piece("half of it", sound, True), still("more", 1)])
    far.playout.go()

    sound.grows(b"\x80" * 1000, is_broken=True)

    assert far.sent_ms == 125
    assert far.told[-1] == "breaks"


def test_nothing_to_say_is_said_at_once() -> None:
    far = Listening()
    far.playout.load([])

    far.playout.go()

    assert far.told == ["played"]


def test_nothing_that_was_held_back_is_said_at_once() -> None:
    far = Listening()
    far.playout.load([])

    far.playout.resume()

    assert far.told == ["played"]


def test_when_it_is_closed_nobody_is_told_anything_any_more() -> None:
    far, sound = Listening(), Growing()
    far.playout.load([still("one", 1), Piece("two", sound, True)])
    far.playout.go()
    told = list(far.told)

    far.playout.close()
    far.plays_all()
    sound.grows(b"\x80", is_over=True)
    far.clock.goes_on(60)

    assert far.told == told
    assert sound.is_closed
