"""The end of a live call: when the line may go down, and whether the caller wants no more calls."""

from __future__ import annotations

from conversation.reading.opt_outs import opts_out
from conversation.turn_taking_speech import FINAL_S, Speech
from conversation.turn_taking_words import repeats

# All in seconds.
QUIET_S = 0.6  # quiet after the caller's words, until the line goes down behind the last ones
MOST_S = 2.5  # and no later than so long after the agent's
WISH_MOST_S = 5.0  # or than this, while what was said so far may yet come to mean something else


class Parting:
    """The agent's last words, and what is said over them."""

    __slots__ = ("_judged", "_said", "said_at")

    def __init__(self, said: str) -> None:
        """`said`: the last words, all of them."""
        self._said = said
        self._judged = ("", "")  # words, and what they come to
        self.said_at = 0.0  # when they were played

    def wish(self, speech: Speech) -> str:
        """What the caller says, when it means that they want no more calls; else "". The agent's
        own words are often about that, and some telephones hear them."""
        if self._judged[0] != speech.text:
            own = " ".join(piece for piece in speech.pieces if not repeats(piece, self._said))
            self._judged = speech.text, own if opts_out(own) else ""
        return self._judged[1]

    def ends_at(self, speech: Speech, sound_at: float, asked_at: float | None) -> float:
        """When what was said is judged, and the line may go down: nobody is cut off who is in the
        middle of words. `sound_at`: a sound began; `asked_at`: Finalise."""
        if self.wish(speech):
            at = speech.quiet_after(QUIET_S) if asked_at is None else asked_at + FINAL_S
            return min(max(self.said_at, at), self.said_at + WISH_MOST_S)
        at = speech.quiet_after(QUIET_S) if speech.interim else sound_at + QUIET_S
        return min(max(self.said_at, at), self.said_at + MOST_S)

    def may_change(self, speech: Speech, at: float) -> bool:
        """Whether a wish is worth the recogniser's last word: "don't call me" may go on with the
        hours that are meant."""
        return bool(self.wish(speech) and speech.interim) and at < self.said_at + WISH_MOST_S
