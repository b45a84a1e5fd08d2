"""Bad lines: frames that come late or never, connections that break or hang at a moment."""

from __future__ import annotations

from phone.caller import Speaks
from phone.transcript import Who
from phone.weather import Moment, Weather
from tests.phone.planned import PlannedCaller
from tests.phone.stream_calls import LONG, connected, noted
from tests.phone.stream_server import Stream, StreamServer


def test_a_line_that_breaks_at_its_moment_is_told_and_the_call_goes_on() -> None:
    def talk(stream: Stream) -> None:
        for _ in stream.messages():
            if stream.got[-1]["event"] == "start":
                stream.say(LONG)

    for moment in (Moment.CONNECTED, Moment.STARTED, Moment.AGENT_SPEAKS, Moment.AGENT_SPOKE):
        with StreamServer(
            talk if moment is not Moment.CONNECTED else lambda stream: None
        ) as server:
            line, _ = connected(server.url, PlannedCaller(), weather=Weather(drops=moment))
        assert line.call.transcript.faults[0].startswith("31921 "), moment
        assert noted(line.call, Who.AGENT)[-1] == "back"


def test_a_line_that_hangs_is_given_up_after_a_while() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.say("hello")

    weather = Weather(freezes=Moment.CALLER_SPEAKS, frozen_most_s=0.2)
    with StreamServer(talk) as server:
        line, _ = connected(server.url, PlannedCaller([Speaks(("hi",))]), weather=weather)
    assert line.call.transcript.faults[0].startswith("31921 ")
    assert server.connections[0].said() == ""


def test_in_bad_weather_frames_come_late_and_some_never_and_the_rest_in_order() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.say(LONG, "end")
        stream.until("mark")
        stream.socket.close()

    weather = Weather(jitter_s=0.2, loss=0.2, stall_every_s=1.0)
    with StreamServer(talk) as server:
        connected(server.url, PlannedCaller(), weather=weather)
    media = [one["media"] for one in server.connections[0].got if one["event"] == "media"]
    assert [one["chunk"] for one in media] == [str(n + 1) for n in range(len(media))]
    stamps = [int(one["timestamp"]) for one in media]
    assert stamps == sorted(stamps)
    assert 0.6 < len(stamps) / (stamps[-1] / 20 + 1) < 0.95
