"""A process that serves the application: `python -m tests.transports.serve FOLDER`.

Prints its port and serves until it is killed. Several may share a folder.
"""

from __future__ import annotations

import sys

from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from tests.transports.doors import real_settings


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


def main(folder: str) -> None:
    """Serve until killed."""
    app = create_app(real_settings(folder))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
