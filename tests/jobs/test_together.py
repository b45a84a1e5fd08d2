"""What is told one after the other goes as one job."""

from __future__ import annotations

from jobs.together import MOST, Together
from tests.waiting import wait_until

Sent = list[tuple[str, ...]]


def test_what_is_told_within_a_moment_goes_as_one_job() -> None:
    sent: Sent = []
    together = Together(lambda *texts: sent.append(texts), 0.05)
    for text in ("a", "b", "c"):
        together.tell(text)
    wait_until(lambda: sent)
    together.tell("d")
    wait_until(lambda: len(sent) > 1)

    assert sent == [("a", "b", "c"), ("d",)]


def test_a_crowd_does_not_wait() -> None:
    sent: Sent = []
    together = Together(lambda *texts: sent.append(texts), 3600)
    for number in range(MOST + 1):
        together.tell(str(number))
    assert sent == [tuple(map(str, range(MOST)))]
    together.flush()
    assert sent[1:] == [(str(MOST),)]
