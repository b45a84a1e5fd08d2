"""The carrier's REST side: takes orders for calls, rings, ends and redirects them, tells of them.

Source: twilio.com/docs/voice/api/call-resource. It listens on loopback only. Orders wait in
`next_ring` until somebody answers the phone; who that is decides what happens (`terminal.py`).
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from flask import Flask, Response, jsonify, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from phone.call_list import page
from phone.caller import Caller
from phone.clock import CallClock
from phone.detection import Detection, read_wanted
from phone.execution import End, Execution, GoTo, Inline
from phone.faults import Refused
from phone.leg import API_VERSION, Leg
from phone.line import Addresses, Line
from phone.live_habits import Live
from phone.mishaps import Mishaps
from phone.numbers import Numbers
from phone.orders import Order, read_order, read_redirection
from phone.progress import Delivered, Progress
from phone.studio import STUDIO
from phone.tape import Report
from phone.texting import Texting
from phone.transcript import Transcript
from phone.twiml import Node
from phone.webhook import Courier, Delivery, Limits, Way

# Twilio's own for tests: https://www.twilio.com/docs/iam/test-credentials
OWN_NUMBER = "+15005550006"


@dataclass(frozen=True, slots=True)
class Habits:
    """How this carrier behaves towards the app in every call."""

    token: str = ""  # signs webhooks; also the REST password when set
    way: Way = field(default_factory=Way)
    limits: Limits = field(default_factory=Limits)
    twice: bool = False  # every webhook is delivered twice
    delivered: Delivered = Delivered.IN_ORDER  # status callbacks
    clock: Callable[[], CallClock] = CallClock
    watch: Callable[[Delivery], None] | None = None  # told of each delivery when it is over
    live: Live = field(default_factory=Live)

    def courier(self) -> Courier:
        """Who delivers the webhooks of one call."""
        return Courier(
            self.clock(), self.token, self.way, self.limits, self.twice, watch=self.watch
        )


@dataclass
class Ring:
    """An ordered call, from the order to its end."""

    order: Order
    leg: Leg
    created_at: datetime
    habits: Habits
    transcript: Transcript = field(default_factory=Transcript)
    line: Line | None = None
    canceled: threading.Event = field(default_factory=threading.Event)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    detection: Detection | None = None  # None: nobody has answered yet

    def answer(self, caller: Caller, began: Callable[[Line], None] | None = None) -> Line:
        """Ring, let `caller` answer and talk; returns when the call is over.

        `began` is given the line before it rings.
        """
        habits = self.habits
        courier = habits.courier()
        clock = courier.clock
        order = self.order
        progress = Progress(
            courier,
            self.leg,
            order.status_url,
            order.status_events,
            order.status_method,
            habits.delivered,
        )
        self.detection = Detection.of(order.options, caller)
        call = Execution(
            self.leg,
            courier,
            caller,
            progress,
            self.transcript,
            live=habits.live,
            detection=self.detection,
        )
        line = Line(call, order.addresses, order.inline, order.ring_s)
        self.line = line
        if began is not None:
            began(line)
        if self.canceled.is_set():
            call.interrupt(End("canceled"))
        self.started_at = clock.now()
        line.run_outbound()
        self.ended_at = clock.now()
        return line

    @property
    def status(self) -> str:
        """The call's status as the REST interface tells it."""
        return "canceled" if self.canceled.is_set() else self.leg.status

    @property
    def is_over(self) -> bool:
        """Nothing can be done to the call any more."""
        return self.canceled.is_set() or self.leg.is_over

    def resource(self) -> dict[str, object]:
        """The call as the REST interface shows it."""
        uri = f"/{API_VERSION}/Accounts/{self.leg.account}/Calls/{self.leg.sid}"
        parts = ("notifications", "recordings", "events", "payments", "streams", "transcriptions")
        return {
            "sid": self.leg.sid,
            "account_sid": self.leg.account,
            "api_version": API_VERSION,
            "to": self.leg.to_number,
            "to_formatted": self.leg.to_number,
            "from": self.leg.from_number,
            "from_formatted": self.leg.from_number,
            "phone_number_sid": None,
            "parent_call_sid": None,
            "status": self.status,
            "direction": self.leg.direction,
            "date_created": _moment(self.created_at),
            "date_updated": _moment(self.ended_at or self.started_at or self.created_at),
            "start_time": _moment(self.started_at),
            "end_time": _moment(self.ended_at),
            "duration": str(self.leg.duration_s) if self.ended_at else None,
            "price": None,
            "price_unit": "USD",
            "answered_by": (self.detection.answered_by or None) if self.detection else None,
            "caller_name": None,
            "forwarded_from": None,
            "group_sid": None,
            "trunk_sid": None,
            "queue_time": "0",
            "annotation": None,
            "uri": f"{uri}.json",
            "subresource_uris": {part: f"{uri}/{part.capitalize()}.json" for part in parts},
        }


def _moment(at: datetime | None) -> str | None:
    return format_datetime(at.replace(microsecond=0)) if at else None


class Exchange:
    """The REST server of one carrier account. Start with `open`, end with `close`."""

    def __init__(
        self,
        habits: Habits | None = None,
        account: str = "",
        numbers: Iterable[str] = (OWN_NUMBER,),
    ) -> None:
        self.habits = habits or Habits()
        self.numbers = Numbers(numbers, CallClock().now())
        self.account = account  # "" takes any
        self._rings: queue.SimpleQueue[Ring] = queue.SimpleQueue()
        self._calls: dict[str, Ring] = {}
        self._by_number: dict[str, list[Ring]] = {}
        self.texting = Texting(self.habits.courier)
        self.mishaps = Mishaps()  # what the next orders meet
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._server: BaseWSGIServer | None = None

    def open(self, port: int = 0) -> str:
        """Listen on loopback in a thread of its own; the address to order calls at. OSError when
        the port is taken."""
        # Bound here, because the server library ends the process when a port is taken.
        with socket.create_server(("127.0.0.1", port)) as listener:
            self._server = make_server(
                "127.0.0.1",
                listener.getsockname()[1],
                self._app(),
                threaded=True,
                request_handler=_Quiet,
                fd=listener.fileno(),
            )
        threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="exchange", daemon=True
        ).start()
        return f"http://127.0.0.1:{self._server.port}"

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def next_ring(self, timeout_s: float | None = None) -> Ring | None:
        """The next ordered call, oldest first; None when none came in time."""
        try:
            return self._rings.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def _app(self) -> Flask:
        app = Flask("exchange", static_folder=None)
        calls = f"/{API_VERSION}/Accounts/<account>/Calls"
        app.add_url_rule(f"{calls}.json", "create", self._create, methods=["POST"])
        app.add_url_rule(f"{calls}.json", "list", self._list, methods=["GET"])
        app.add_url_rule(f"{calls}/<sid>.json", "fetch", self._fetch, methods=["GET"])
        app.add_url_rule(f"{calls}/<sid>.json", "update", self._update, methods=["POST"])
        self.numbers.add_to(app)
        self.texting.add_to(app)
        app.add_url_rule(f"{calls}/<sid>/Recordings.json", "record", self._record, methods=["POST"])
        STUDIO.add_routes(app)
        app.before_request(self._check_account)

        @app.errorhandler(Refused)
        def refused(error: Refused) -> tuple[Response, int]:
            return jsonify(error.body()), error.status

        @app.errorhandler(404)
        def not_found(error: Exception) -> tuple[Response, int]:
            return refused(_unknown(request.path))

        return app

    def _check_account(self) -> None:
        account = (request.view_args or {}).get("account", "")
        password = request.authorization.password if request.authorization else None
        if not password or (self.habits.token and password != self.habits.token):
            raise Refused(401, 20003, "Authenticate")
        if self.account and account != self.account:
            raise Refused(401, 20003, "Authenticate")

    def _create(self, account: str) -> tuple[Response, int]:
        mishap = self.mishaps.next()
        mishap.before(self._closing)
        order = read_order(request.form.to_dict(flat=False))
        read_wanted(order.options)  # refused now rather than when somebody answers
        leg = Leg(account, order.from_, order.to, "outbound-api")
        ring = Ring(order, leg, self.habits.clock().now(), self.habits)
        with self._lock:
            self._calls[leg.sid] = ring
            self._by_number.setdefault(order.to, []).append(ring)
        answer = jsonify(ring.resource()), 201
        self._rings.put(ring)
        mishap.after()
        return answer

    def _fetch(self, account: str, sid: str) -> Response:
        return jsonify(self._find(sid).resource())

    def _list(self, account: str) -> Response:
        asked = request.args.to_dict()
        with self._lock:
            known = self._by_number.get(asked["To"], ()) if "To" in asked else self._calls.values()
            found = list(reversed(list(known)))
        return jsonify(page(found, account, asked))

    def _update(self, account: str, sid: str) -> Response:
        ring = self._find(sid)
        status = request.form.get("Status", "")
        if status not in ("", "completed", "canceled"):
            raise Refused(400, 21200, f"Status must be completed or canceled, not {status}")
        redirection = read_redirection(request.form.to_dict(flat=False))
        if status:
            self._end(ring, status)
        elif redirection is not None:
            _redirect(ring, redirection)
        return jsonify(ring.resource())

    def _record(self, account: str, sid: str) -> tuple[Response, int]:
        ring = self._find(sid)
        if ring.line is None or ring.leg.status != "in-progress":
            raise Refused(400, 21220, "Call is not in-progress. Cannot record.")
        asked = request.form
        report = Report(
            asked.get("RecordingStatusCallback", ""),
            tuple(asked.getlist("RecordingStatusCallbackEvent")) or ("completed",),
            asked.get("RecordingStatusCallbackMethod", "POST"),
        )
        tape = ring.line.call.start_recording(report, ring.habits.courier())
        answer = {"sid": tape.sid, "call_sid": sid, "account_sid": account, "status": "in-progress"}
        return jsonify(answer), 201

    def _end(self, ring: Ring, status: str) -> None:
        """Take a call down, or stop it from ringing."""
        talking = ring.leg.status == "in-progress"
        if ring.is_over or (status == "canceled" and talking):
            raise Refused(400, 21220, f"Call is {ring.status}. Cannot end it as {status}.")
        if not talking:
            ring.canceled.set()
        if ring.line is not None:
            ring.line.call.interrupt(End("completed" if talking else "canceled"))

    def _find(self, sid: str) -> Ring:
        with self._lock:
            ring = self._calls.get(sid)
        if ring is None:
            raise _unknown(request.path)
        return ring


def _redirect(ring: Ring, to: Addresses | tuple[Node, ...]) -> None:
    """Send a live call to another document."""
    if ring.line is None or ring.leg.status != "in-progress":
        raise Refused(400, 21220, "Call is not in-progress. Cannot redirect.")
    if isinstance(to, Addresses):
        ring.line.addresses = to
        ring.line.call.interrupt(GoTo(to.voice, {}, to.voice_method))
    else:
        ring.line.call.interrupt(Inline(to))


def _unknown(path: str) -> Refused:
    return Refused(404, 20404, f"The requested resource {path} was not found")


class _Quiet(WSGIRequestHandler):
    """Says nothing about requests: the terminal belongs to the conversation."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""
