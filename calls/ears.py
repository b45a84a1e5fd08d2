"""One call's hearing: sound in, words out, whatever happens to those who listen. On the loop."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from calls.heard import Away, Back, Gone, HearingUse, TellHeard
from calls.kept_sound import KeptSound
from providers.errors import ProviderError
from providers.stt.base import (
    RATE_HZ,
    Broken,
    HearingEvent,
    HearingOrder,
    Reached,
    Recogniser,
    Recognition,
    Words,
)

log = logging.getLogger(__name__)

# Sound is sent in pieces of 80 ms, as Flux has it. A piece costs 9 µs whatever its size: those of
# 20 ms take 0.4 ms of CPU a second and call, those of 80 ms 0.1. The last sample waits 60 ms at
# most, where the silence that ends a turn is 300.
PIECE = RATE_HZ * 80 // 1000
# The largest that every vendor takes, for what was kept while nobody listened.
PIECE_MOST = RATE_HZ // 4
# How long before each try, the first of them at once; after the last the call goes on without us.
PAUSES_S = (0.0, 1.0, 2.0, 4.0)
# When a vendor loses all its connections, they are not all made again in the same moment.
SPREAD_S = 0.2
# Who listened as long did well: its loss starts the pauses anew.
STEADY_S = 10.0
# How often it is seen to that a connection without sound is kept; vendors wait ten seconds.
ALIVE_S = 2.0
_SILENCE = b"\xff" * PIECE
# Loud samples of a piece with which somebody may be speaking: a tenth.
LOUD_LEAST = PIECE // 10


class Post(Protocol):
    """A recogniser of this process, and what is known of how it does."""

    recogniser: Recogniser

    def admits(self) -> bool:
        """Whether to ask it now; who is told yes tells how it went, once."""

    def worked(self) -> None:
        """It listened, or was not needed."""

    def failed(self) -> None:
        """It did not listen."""

    def note(self, broken: Broken) -> None:
        """Count and log what was wrong with it, at whatever time."""


# Those that understand the language of a call, the best first.
Posts = Callable[[HearingOrder], Sequence[Post]]


@dataclass(slots=True, eq=False)
class _Link:
    """A connection to somebody who listens."""

    post: Post
    recognition: Recognition
    bill: tuple[str, str]  # vendor and model
    began_at: float
    is_judged: bool = False  # whoever keeps the recognisers knows how it went

    def worked(self) -> None:
        """It understood something, or it was not its fault that it did not."""
        if not self.is_judged:
            self.is_judged = True
            self.post.worked()

    def failed(self) -> None:
        """It understood nothing until it broke."""
        if not self.is_judged:
            self.is_judged = True
            self.post.failed()


@dataclass(slots=True, eq=False)
class _Line:
    """Where a connection tells what it hears: it may break before anybody has it in hand."""

    link: _Link | None = None
    broken: Broken | None = None


class Ears:
    """The hearing of one call: from the event loop only, and it never waits."""

    def __init__(self, posts: Posts, order: HearingOrder, tell: TellHeard) -> None:
        self._posts = posts
        self._order = order
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._link: _Link | None = None
        self._opening: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._piece = bytearray()
        self._kept = KeptSound()
        self._pending: Words | None = None  # the last, when it is not final
        self._reached: int | None = None  # how far the last words go
        self._attempt = 0
        self._barred: set[str] = set()  # who would refuse again
        self._losses: Counter[str] = Counter()  # who was lost soon, and how often
        self._deaf = ""  # who did not hear what was said last
        self._is_begun = False  # somebody has listened
        self._is_away = False
        self._is_sounding = False  # something was sent since it was looked at last
        self._is_over = False
        self.loud_at = float("-inf")  # when the caller was last loud enough to be speaking
        self._sent: Counter[tuple[str, str]] = Counter()
        self._connect()

    def hear(self, audio: bytes) -> None:
        """Sound of the caller, μ-law, of any length."""
        if self._is_over:
            return
        self._piece += audio
        if len(self._piece) >= PIECE:
            self._flush()

    def finalise(self) -> None:
        """Have what was said so far told as final words, now."""
        if self._piece:
            self._flush()
        if self._link is not None:
            self._link.recognition.finalise()

    def change(self, order: HearingOrder) -> None:
        """Listen in another language, or for other words, from now on."""
        before, self._order = self._order, order
        if self._opening is None:  # or else the order is looked at again when somebody listens
            self._adapt(before)

    def forget(self) -> None:
        """The caller is asked to say it again: what was not understood yet is not needed."""
        self._piece.clear()
        self._kept.forget()
        self._pending = None

    def used(self) -> Sequence[HearingUse]:
        """What was sent since this was asked last."""
        sent, self._sent = self._sent, Counter()
        return [HearingUse(*bill, samples / RATE_HZ) for bill, samples in sent.items()]

    def close(self) -> None:
        """Hear no more; nothing is told after this. Safe to call twice."""
        self._is_over = True
        self._disarm()
        self._let_go()
        self.forget()

    # Sound

    def _flush(self) -> None:
        sound = bytes(self._piece)
        self._piece.clear()
        self._is_sounding = True
        for start in range(0, len(sound), PIECE_MOST):
            self._put(sound[start : start + PIECE_MOST])

    def _put(self, piece: bytes) -> None:
        link = self._link
        if self._kept.add(piece) >= LOUD_LEAST:
            self.loud_at = self._loop.time()
        if link is not None:
            self._sent[link.bill] += len(piece)
            link.recognition.send(piece)

    def _keep_alive(self) -> None:
        self._arm(ALIVE_S, self._keep_alive)
        is_sounding, self._is_sounding = self._is_sounding, False
        if is_sounding or self._link is None:
            return
        if not self._link.recognition.keep_alive():
            self._put(_SILENCE)

    # Who listens

    def _connect(self) -> None:
        self._opening = self._loop.create_task(self._open(self._order))
        self._opening.add_done_callback(self._opened)

    async def _open(self, order: HearingOrder) -> None:
        link = await self._found(order)
        self._opening = None
        if self._is_over:
            if link is not None:
                link.worked()
                link.recognition.close()
            return
        if link is None:
            self._let_go()  # it does not understand what is spoken now
            self._fail()
            return
        self._take(link)
        self._adapt(order)

    async def _found(self, order: HearingOrder) -> _Link | None:
        """Somebody who listens. A call does not begin with those who are known to be away."""
        known = [one for one in self._posts(order) if one.recogniser.name not in self._barred]
        known.sort(key=lambda one: self._losses[one.recogniser.name])
        resting: list[Post] = []
        for post in known:
            if not post.admits():
                resting.append(post)
            elif (link := await self._asked(post, order)) is not None:
                return link
        if self._is_begun or self._is_away:
            for post in resting:
                if (link := await self._asked(post, order)) is not None:
                    return link
        elif len(resting) == len(known):
            self._attempt = len(PAUSES_S)  # the call goes on without us before anybody waits
        return None

    async def _asked(self, post: Post, order: HearingOrder) -> _Link | None:
        if self._is_over:
            post.worked()  # who was admitted has to be judged
            return None
        line = _Line()
        recogniser = post.recogniser
        try:
            recognition = await recogniser.open(order, partial(self._hears, line))
        except ProviderError as error:
            line.broken = Broken(error.code, error.permanent)
        if line.broken is not None:
            post.failed()
            self._note(post, line.broken)
            return None
        bill = recogniser.vendor, recogniser.model(order)
        line.link = _Link(post, recognition, bill, self._loop.time())
        return line.link

    def _opened(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:  # a bug, and still the caller must not talk to nobody
            log.error("ears broke", exc_info=error)
            self._give_up()

    def _take(self, link: _Link) -> None:
        """Listen by this connection from now on: it hears what nobody understood, and goes on."""
        self._let_go()
        self._link = link
        self._reached = None
        # Who was deaf a moment ago may still be: the caller does not wait for that to come out.
        is_deaf = link.post.recogniser.name == self._deaf
        has_lost_words = is_deaf or not self._kept.is_whole
        self._deaf = ""
        sound = self._kept.restart()
        for start in range(0, len(sound), PIECE_MOST):
            self._sent[link.bill] += min(PIECE_MOST, len(sound) - start)
            link.recognition.send(sound[start : start + PIECE_MOST])
        if self._link is not link:  # it broke under that
            return
        self._is_begun = True
        self._arm(ALIVE_S, self._keep_alive)
        if self._is_away:
            self._is_away = False
            self._tell(Back(has_lost_words))

    def _adapt(self, before: HearingOrder) -> None:
        """Follow a change of the order, by the same connection if it can.

        Other words alone are a help that is not worth another one.
        """
        order = self._order
        if self._is_over or self._link is None or order == before:
            return  # who listens next follows the new one
        if self._link.recognition.change(order):
            return
        if (order.language, order.languages) != (before.language, before.languages):
            self._connect()

    # What they tell

    def _hears(self, line: _Line, event: HearingEvent) -> None:
        if isinstance(event, Broken):
            line.broken = event
        if self._is_over or line.link is None or line.link is not self._link:
            return
        match event:
            case Broken():
                self._lose(line.link, event)
                return
            case Reached(end_s):
                self._reached = round(end_s * RATE_HZ)
                return
            case Words(is_final=True):
                line.link.worked()
                self._understood()
            case Words():
                line.link.worked()
                self._pending = event
        self._tell(event)

    def _understood(self) -> None:
        """Final words came, or what came before counts as such."""
        self._pending = None
        if self._reached is None:
            self._kept.reach_end()
        else:
            self._kept.reach(self._reached)

    # Losing them

    def _lose(self, link: _Link, broken: Broken) -> None:
        self._link = None
        is_steady = self._loop.time() - link.began_at >= STEADY_S and not broken.is_deaf
        name = link.post.recogniser.name
        self._deaf = name if broken.is_deaf else ""
        if is_steady:
            link.worked()
            self._attempt = self._losses[name] = 0
        else:
            link.failed()
            self._losses[name] += 1
        self._note(link.post, broken)
        if self._kept.is_whole:
            pass  # whoever listens next hears all of it
        elif self._pending is not None:  # what is gone of the sound lives on in the words alone
            self._finish()
        elif not broken.is_deaf:  # it found no words in what is gone
            self._kept.pardon()
        self._fail()

    def _note(self, post: Post, broken: Broken) -> None:
        if broken.is_permanent:
            self._barred.add(post.recogniser.name)
        post.note(broken)

    def _fail(self) -> None:
        """Nobody listens now: try again, or give up."""
        hopes = (one for one in self._posts(self._order) if one.recogniser.name not in self._barred)
        if self._attempt >= len(PAUSES_S) or next(hopes, None) is None:
            self._give_up()
            return
        pause_s = PAUSES_S[self._attempt] + random.uniform(0, SPREAD_S)
        self._attempt += 1
        self._is_away = True
        if self._opening is None:
            self._arm(pause_s, self._connect)
        self._tell(Away(self._attempt))

    def _give_up(self) -> None:
        if self._is_over:
            return
        self._finish()
        self.close()
        self._tell(Gone())

    def _finish(self) -> None:
        """What is not final will not become so."""
        words = self._pending
        if words is not None:
            self._understood()
            self._tell(Words(words.text, is_final=True, confidence=words.confidence))

    def _let_go(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.worked()
            link.recognition.close()

    def _arm(self, seconds: float, due: Callable[[], None]) -> None:
        self._disarm()
        self._timer = self._loop.call_later(seconds, due)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
