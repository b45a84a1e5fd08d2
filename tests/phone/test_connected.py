"""<Connect><Stream> against a server that is none of ours, with messages as the carrier documents
them."""

from __future__ import annotations

from base64 import b64decode

from phone.caller import HangsUp, MakesNoise, Presses, Speaks
from phone.execution import End, GoTo
from phone.line import Line
from phone.live_call import NO_WORDS
from phone.live_habits import Live
from phone.mulaw import encode
from phone.signature import sign
from phone.spoken import noise
from phone.tape import Report, Side
from phone.transcript import Who
from phone.word_track import WordReader
from tests.phone.fake_app import App, closed_port
from tests.phone.planned import TOKEN, PlannedCaller, a_line, response
from tests.phone.stream_calls import HELLO, LONG, SPEED, Interrupter, connected, leaves, noted
from tests.phone.stream_server import Stream, StreamServer


def test_the_messages_are_those_of_the_carrier() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.say(HELLO, "one")
        assert [stream.until("dtmf")["dtmf"]["digit"] for _ in range(2)] == ["1", "#"]
        stream.say("thank you")
        stream.until("stop")

    with StreamServer(talk) as server:
        line, _ = connected(server.url, PlannedCaller([Presses("1#")]))
    got = server.connections[0].got
    sid, call = server.connections[0].sid, line.call.leg
    assert got[0] == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert got[1] == {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": sid,
        "start": {
            "streamSid": sid,
            "accountSid": call.account,
            "callSid": call.sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"token": "t&1"},
        },
    }
    assert sid.startswith("MZ")
    assert [one["sequenceNumber"] for one in got[1:]] == [str(n) for n in range(1, len(got))]
    media = [one["media"] for one in got if one["event"] == "media"]
    assert [one["chunk"] for one in media] == [str(n + 1) for n in range(len(media))]
    assert [one["timestamp"] for one in media] == [str(20 * n) for n in range(len(media))]
    assert {len(b64decode(one["payload"])) for one in media} == {160}
    assert {one["track"] for one in media} == {"inbound"}
    keys = [one["dtmf"] for one in got if one["event"] == "dtmf"]
    assert keys == [{"track": "inbound_track", "digit": key} for key in "1#"]
    assert [one["mark"] for one in got if one["event"] == "mark"] == [{"name": "one"}]
    assert got[-1]["stop"] == {"accountSid": call.account, "callSid": call.sid}


def test_a_mark_comes_back_when_what_was_sent_before_it_has_been_played() -> None:
    chunks: list[float] = []

    def talk(stream: Stream) -> None:
        stream.until("start")
        length_s = stream.say(HELLO, "end")
        stream.until("mark")
        sent_s = int(stream.got[-2]["media"]["timestamp"]) / 1000
        chunks.append(round(sent_s - length_s, 1))
        stream.socket.close()

    with StreamServer(talk) as server:
        connected(server.url, PlannedCaller())
    assert -0.2 <= chunks[0] <= 0.6


def test_clear_gives_back_all_marks_and_what_was_not_heard_is_not() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.say("part 0", "m0")
        # So long that it still plays when a busy machine comes to clear it.
        stream.say("part 1 " + "and so on " * 30, "m1")
        stream.say("part 2", "m2")
        stream.until("mark")
        stream.send(event="clear")
        assert [stream.until("mark")["mark"]["name"] for _ in range(2)] == ["m1", "m2"]
        stream.socket.close()

    with StreamServer(talk) as server:
        line, _ = connected(server.url, PlannedCaller())
    assert noted(line.call, Who.AGENT)[0].startswith("part 0")
    assert "2" not in noted(line.call, Who.AGENT)[0]


def test_a_mark_with_nothing_before_it_comes_back_at_once() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.send(event="mark", mark={"name": "now"})
        assert stream.until("mark")["mark"]["name"] == "now"
        stream.socket.close()

    with StreamServer(talk) as server:
        line, _ = connected(server.url, PlannedCaller())
    assert noted(line.call, Who.AGENT) == ["back"]


def test_the_caller_speaks_when_the_agent_has_finished_and_both_are_noted() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.say(HELLO)
        stream.until_said("five hundred rupees")
        stream.say("thank you", "bye")
        stream.until("mark")
        stream.socket.close()

    with StreamServer(talk) as server:
        line, _ = connected(server.url, PlannedCaller([Speaks(("five hundred", "rupees"))]))
    assert noted(line.call, Who.AGENT, Who.CALLER) == [
        HELLO,
        "five hundred rupees",
        "thank you",
        "back",
    ]
    assert line.call.transcript.faults == []


def test_a_caller_who_cuts_in_is_heard_while_the_agent_speaks_and_hears_no_more() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.say(LONG, "long")
        stream.until_audible()
        stream.send(event="clear")
        assert stream.until("mark")["mark"]["name"] == "long"
        stream.until_said("wait")
        stream.say("yes?")
        stream.until("stop")

    with StreamServer(talk) as server:
        line, _ = connected(server.url, Interrupter(Speaks(("wait",))), speed=2.0)
    told = noted(line.call, Who.AGENT, Who.CALLER)
    assert told[1:] == ["wait", "yes?", "(hangs up)"]
    assert LONG.startswith(told[0])
    assert 10 < len(told[0]) < len(LONG)


def test_a_cough_is_sound_without_words_and_the_agent_is_heard_to_its_end() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.say(LONG)
        stream.until_audible()
        stream.until("stop")

    with StreamServer(talk) as server:
        line, _ = connected(server.url, Interrupter(MakesNoise()))
    assert " ".join(noted(line.call, Who.AGENT)) == LONG
    assert "(noise)" in noted(line.call, Who.CALLER)
    assert server.connections[0].said() == ""


def test_a_caller_who_hangs_up_while_the_agent_speaks_is_gone_at_once() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.say(LONG, "long")
        stream.until("stop")

    with StreamServer(talk) as server:
        _, app = connected(server.url, Interrupter(HangsUp()))
    assert not [one for one in server.connections[0].got if one["event"] == "mark"]
    assert app.forms("/status")[0]["CallStatus"] == "completed"


def test_the_call_goes_on_with_the_next_verb_when_the_server_closes() -> None:
    with StreamServer(leaves) as server:
        line, _ = connected(server.url, PlannedCaller())
    assert noted(line.call, Who.AGENT) == ["back"]
    assert line.call.transcript.faults == []


def test_what_was_not_played_when_the_server_closes_is_not_heard() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.say("one", "one")
        stream.say(LONG)
        stream.until("mark")
        stream.socket.close()

    with StreamServer(talk) as server:
        line, _ = connected(server.url, PlannedCaller())
    assert "river" not in noted(line.call, Who.AGENT)[0]


def test_a_server_that_closes_with_an_error_is_a_fault_and_the_call_goes_on() -> None:
    with StreamServer(lambda stream: stream.socket.close(1011)) as server:
        line, _ = connected(server.url, PlannedCaller())
    assert line.call.transcript.faults[0].startswith("31921 ")
    assert noted(line.call, Who.AGENT) == ["back"]


def test_after_an_action_the_call_goes_there() -> None:
    with StreamServer(leaves) as server:
        document = f'<Connect action="/next"><Stream url="{server.url}"/></Connect><Say>no</Say>'
        app = App({"/status": "", "/voice": response(document), "/next": response("<Say>y</Say>")})
        with app:
            line = a_line(app, PlannedCaller())
            line.run_inbound()
    assert noted(line.call, Who.AGENT) == ["y"]


def test_binary_and_meaningless_messages_are_told_as_the_carrier_warns_of_them() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.socket.send(b"\x00" * 160)
        stream.socket.send("nonsense")
        stream.send(event="media", media={"payload": "***"})
        stream.send(event="mark", mark={"name": "end"})
        stream.until("mark")
        stream.socket.close()

    with StreamServer(talk) as server:
        line, _ = connected(server.url, PlannedCaller())
    assert [one.split()[0] for one in line.call.transcript.faults] == ["31950", "31951", "31951"]


def test_where_nothing_listens_the_call_goes_on_and_the_callback_says_why() -> None:
    url = f"ws://127.0.0.1:{closed_port()}/media"
    line, app = connected(url, PlannedCaller(), stream='statusCallback="/stream" name="live"')
    (form,) = app.forms("/stream")
    assert (form["StreamEvent"], form["StreamName"]) == ("stream-error", "live")
    assert form["StreamError"].startswith("31902 ")
    assert form["CallSid"] == line.call.leg.sid
    assert noted(line.call, Who.AGENT) == ["back"]


def test_a_door_that_refuses_the_handshake_is_a_fault() -> None:
    with App() as door:
        line, _ = connected(f"ws{door.url.removeprefix('http')}/media", PlannedCaller())
    assert line.call.transcript.faults[0].startswith("31920 ")


def test_an_address_with_a_query_is_not_connected_to() -> None:
    with StreamServer(leaves) as server:
        line, _ = connected(f"{server.url}?token=1", PlannedCaller())
    assert server.connections == []
    assert line.call.transcript.faults[0].startswith("31920 ")


def test_the_handshake_is_signed_for_the_address_in_the_document() -> None:
    with StreamServer(leaves) as server:
        connected(server.url, PlannedCaller())
    assert server.headers[0]["X-Twilio-Signature"] == sign(TOKEN, server.url)


def test_status_callbacks_tell_the_beginning_and_the_end_of_a_stream() -> None:
    with StreamServer(leaves) as server:
        _, app = connected(server.url, PlannedCaller(), stream='statusCallback="/stream"')
    forms = app.forms("/stream")
    assert [form["StreamEvent"] for form in forms] == ["stream-started", "stream-stopped"]
    assert {form["StreamSid"] for form in forms} == {server.connections[0].sid}


def test_the_rest_interface_ends_a_connected_call() -> None:
    lines: list[Line] = []

    def talk(stream: Stream) -> None:
        stream.until("start")
        lines[0].call.interrupt(End())
        stream.until("stop")

    with StreamServer(talk) as server:
        _run(server.url, lines)
    assert server.connections[0].got[-1]["event"] == "stop"
    assert noted(lines[0].call, Who.AGENT) == []


def test_the_rest_interface_sends_a_connected_call_elsewhere() -> None:
    lines: list[Line] = []

    def talk(stream: Stream) -> None:
        stream.until("start")
        lines[0].call.interrupt(GoTo(lines[0].addresses.voice.replace("/voice", "/next")))
        stream.until("stop")

    with StreamServer(talk) as server:
        _run(server.url, lines)
    assert noted(lines[0].call, Who.AGENT) == ["elsewhere"]


def _run(url: str, lines: list[Line]) -> None:
    document = f'<Connect><Stream url="{url}"/></Connect><Say>back</Say>'
    views = {"/status": "", "/voice": response(document), "/next": response("<Say>elsewhere</Say>")}
    with App(views) as app:
        lines.append(a_line(app, PlannedCaller()))
        lines[0].call.live = Live(SPEED)
        lines[0].run_inbound()


def test_a_recording_holds_what_was_really_heard_of_both_sides() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.say("hello")
        stream.until_said("five hundred")
        stream.say("thanks", "end")
        stream.until("mark")
        stream.socket.close()

    with StreamServer(talk) as server:
        document = f'<Connect><Stream url="{server.url}"/></Connect>'
        with App({"/status": "", "/voice": response(document)}) as app:
            line = a_line(app, PlannedCaller([Speaks(("five hundred",))]))
            line.call.live = Live(SPEED)
            tape = line.call.start_recording(Report(""))
            line.run_inbound()
    heard = {
        side: WordReader().read(b"".join(one.sound for one in tape.pieces if one.side is side))
        for side in Side
    }
    assert heard == {Side.AGENT: ["hello", "thanks"], Side.CALLER: ["five", "hundred"]}
    starts = [(one.at - tape.began_at).total_seconds() for one in tape.pieces]
    assert max(starts) < tape.length_s


def test_a_voice_that_nobody_wrote_words_into_is_heard_all_the_same() -> None:
    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.say_audio(noise(1.0))
        stream.until_said("what")
        stream.say_audio(noise(1.0))
        stream.until("stop")

    with StreamServer(talk) as server:
        caller = PlannedCaller([Speaks(("what",))])
        line, _ = connected(server.url, caller)
    assert noted(line.call, Who.AGENT, Who.CALLER) == [NO_WORDS, "what", NO_WORDS, "(hangs up)"]
    assert all(heard.played for heard in caller.heard)


def test_a_quiet_background_is_no_voice() -> None:
    quiet = encode(200 if number % 20 < 10 else -200 for number in range(8000))

    def talk(stream: Stream) -> None:
        stream.until("start")
        stream.say(HELLO)
        for _ in range(20):
            stream.say_audio(quiet)
        stream.send(event="mark", mark={"name": "quiet"})
        stream.until_said("yes")
        stream.socket.close()

    with StreamServer(talk) as server:
        line, _ = connected(server.url, PlannedCaller([Speaks(("yes",))]))
    assert noted(line.call, Who.AGENT, Who.CALLER)[:2] == [HELLO, "yes"]
    assert not [one for one in server.connections[0].got if one["event"] == "mark"]
