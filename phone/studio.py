"""Where the recordings of this phone can be fetched: a server on loopback, as the carrier's REST.

Source: twilio.com/docs/voice/api/recording. One a process, opened with the first recording.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from datetime import UTC, datetime
from email.utils import format_datetime

from flask import Flask, Response, jsonify, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from phone.faults import Refused
from phone.leg import API_VERSION
from phone.tape import Tape
from phone.voice import recording_of

# Recordings kept at once, the last ones: they are text until somebody fetches them.
KEPT_MOST = 200
POLL_S = 0.05


class Studio:
    """The recordings of a process. Safe for use from many threads."""

    def __init__(self) -> None:
        self._tapes: OrderedDict[str, tuple[str, Tape]] = OrderedDict()  # sid → account, tape
        self._fetched: set[str] = set()
        self._lock = threading.Lock()
        self._server: BaseWSGIServer | None = None

    def url(self, account: str, sid: str) -> str:
        """Where a recording is, or will be, found."""
        return f"{self._address()}/{API_VERSION}/Accounts/{account}/Recordings/{sid}"

    def keep(self, account: str, tape: Tape) -> None:
        """A recording has ended: from now on it can be fetched."""
        with self._lock:
            self._tapes[tape.sid] = (account, tape)
            while len(self._tapes) > KEPT_MOST:
                self._tapes.popitem(last=False)

    def wait_until_fetched(self, timeout_s: float) -> bool:
        """Wait until every recording was fetched; False when some were not in time."""
        until = time.monotonic() + timeout_s
        while True:
            with self._lock:
                if self._fetched.issuperset(self._tapes):
                    return True
            if time.monotonic() > until:
                return False
            time.sleep(POLL_S)

    def add_routes(self, app: Flask) -> None:
        """The REST resource of recordings, for an exchange as well."""
        recordings = f"/{API_VERSION}/Accounts/<account>/Recordings/<sid>"
        app.add_url_rule(f"{recordings}.wav", "sound", self._sound, methods=["GET"])
        app.add_url_rule(f"{recordings}.json", "recording", self._resource, methods=["GET"])
        app.add_url_rule(f"{recordings}.json", "erase", self._erase, methods=["DELETE"])

    def _address(self) -> str:
        with self._lock:
            if self._server is None:
                app = Flask("studio", static_folder=None)
                self.add_routes(app)

                @app.before_request
                def check() -> None:
                    if not (request.authorization and request.authorization.password):
                        raise Refused(401, 20003, "Authenticate")

                @app.errorhandler(Refused)
                def refused(error: Refused) -> tuple[Response, int]:
                    return jsonify(error.body()), error.status

                self._server = make_server(
                    "127.0.0.1", 0, app, threaded=True, request_handler=_Quiet
                )
                threading.Thread(
                    target=self._server.serve_forever, args=(0.02,), name="studio", daemon=True
                ).start()
            return f"http://127.0.0.1:{self._server.port}"

    def _sound(self, account: str, sid: str) -> Response:
        tape = self._find(account, sid)
        answer = Response(recording_of(tape), content_type="audio/x-wav")
        with self._lock:
            self._fetched.add(sid)
        return answer

    def _resource(self, account: str, sid: str) -> Response:
        tape = self._find(account, sid)
        moment = format_datetime(tape.began_at.astimezone(UTC).replace(microsecond=0))
        return jsonify(
            {
                "sid": sid,
                "account_sid": account,
                "api_version": API_VERSION,
                "status": "completed",
                "channels": 2,
                "source": "StartCallRecordingTwiML",
                "duration": str(round(tape.length_s)),
                "start_time": moment,
                "date_created": moment,
                "date_updated": format_datetime(datetime.now(UTC).replace(microsecond=0)),
                "media_url": self.url(account, sid),
                "uri": f"/{API_VERSION}/Accounts/{account}/Recordings/{sid}.json",
            }
        )

    def _erase(self, account: str, sid: str) -> Response:
        self._find(account, sid)
        with self._lock:
            self._tapes.pop(sid, None)
        return Response(status=204)

    def _find(self, account: str, sid: str) -> Tape:
        with self._lock:
            owner, tape = self._tapes.get(sid, ("", None))
        if tape is None or owner != account:
            raise Refused(404, 20404, f"The requested resource {request.path} was not found")
        return tape


class _Quiet(WSGIRequestHandler):
    """Says nothing about requests: the terminal belongs to the conversation."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


# Calls of one process are recorded in one place, whichever phone makes them.
STUDIO = Studio()
