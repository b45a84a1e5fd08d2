"""How gunicorn runs the service: address, processes, timeouts. Read at start by the master."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from uvicorn.config import Config
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker  # type: ignore[import-untyped]

# The command `gunicorn` starts with the folder of its script on the path, not with this one.
sys.path.insert(0, str(Path(__file__).parent))

from agents.loader import AgentFileError, load_agents
from calls.prices import PricesError, load_prices
from logs import set_up_logs
from settings import Settings, SettingsError, load_settings, share_metrics
from transports.request_protocol import RequestProtocol
from transports.socket_protocol import SocketProtocol


class Logs(Logger):  # type: ignore[misc]  # its package has no types
    """gunicorn's own lines in the form of ours, from the first one on."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        set_up_logs(_settings.log_level, _settings.log_pii)


class Worker(UvicornWorker):  # type: ignore[misc]  # its package has no types
    """One process: uvloop, httptools and the WebSocket protocol that is cheapest per frame."""

    CONFIG_KWARGS = {  # noqa: RUF012  (declared so by the base class)
        "loop": "uvloop",
        "http": RequestProtocol,
        "ws": SocketProtocol,
        # The longest message of the carrier has a few kilobytes. What cannot be compressed (sound)
        # would only cost memory, 30 KB a socket.
        "ws_max_size": 64 * 1024,
        "ws_per_message_deflate": False,
        # A peer that went away without a word is found out by these.
        "ws_ping_interval": 20.0,
        "ws_ping_timeout": 20.0,
        # A service that cannot start must not serve.
        "lifespan": "on",
        # Who the peer is decides who may send webhooks in local mode: no header changes that.
        "proxy_headers": False,
        "server_header": False,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # which gives uvicorn's loggers handlers of their own
        set_up_logs(_settings.log_level, _settings.log_pii)

    async def _serve(self) -> None:
        """As the base class has it, with a server that drains."""
        self.config.app = self.wsgi
        server = DrainingServer(self.config, getattr(self.wsgi, "drain", None))
        self._install_sigquit_handler()
        await server.serve(sockets=self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)


class DrainingServer(Server):
    """Serves on at the end, until live calls have gone on elsewhere, and shuts down then."""

    def __init__(self, config: Config, drain: Callable[[], Awaitable[None]] | None) -> None:
        super().__init__(config)
        self._drain = drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then as the base class has it. A second Ctrl-C ends the wait."""
        if self._drain is not None:
            draining = asyncio.ensure_future(self._drain())
            while not draining.done() and not self.force_exit:
                await asyncio.wait([draining], timeout=1.0)
                await self.on_tick(0)  # which tells the master that this process lives
            draining.cancel()
            await asyncio.wait([draining])
            if not draining.cancelled():
                draining.result()
        await super().shutdown(sockets)


def _checked() -> Settings:
    """The settings, once they, the agents' files and the prices are known to be good."""
    try:
        loaded = load_settings()
        load_agents(Path(loaded.agents_dir))
        load_prices(loaded.prices_file)
    except (SettingsError, AgentFileError, PricesError) as error:
        raise SystemExit(str(error)) from None
    return loaded


def on_starting(server: Any) -> None:
    """What is done once, before there are processes that answer. Not at a reload."""
    from services import import_vendors  # which looks for the folder's variable when imported

    import_vendors(_settings)
    if _metrics_folder is not None:
        _count_from_nothing(_metrics_folder)


def _count_from_nothing(folder: Path) -> None:
    """The files of the processes before would be added for ever."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.iterdir():
            if file.suffix in (".db", ".new"):
                file.unlink(missing_ok=True)
    except OSError as error:
        reason = f"{folder} cannot be written: {error.strerror}"
        raise SystemExit(f"DATA_DIR: {reason}; write a folder that belongs to us") from None


def child_exit(server: Any, worker: Any) -> None:
    """A process is gone; what it counted stays."""
    if _metrics_folder is not None:
        # Not above: its library looks for the folder's variable when it is imported.
        from calls.metrics import process_ended

        process_ended(_metrics_folder, worker.pid)


def when_ready(server: Any) -> None:
    """Say who is answered: gunicorn itself says only where it listens."""
    if _settings.local_mode:
        server.log.info(
            "No key to check webhooks with: local mode, only this machine is answered. "
            "docs/deploy.md says how to take real calls."
        )


_settings = _checked()
_metrics_folder = share_metrics(_settings)

wsgi_app = "server:app"
# Modules are imported once, by the master, so that a process that was killed is replaced before its
# callers notice. What they open is opened after the fork (server.Server).
preload_app = True
worker_class = Worker
logger_class = Logs
workers = _settings.web_workers
# Without signatures anybody who can reach the port could send webhooks: then nobody else can.
bind = f"{'127.0.0.1' if _settings.local_mode else '0.0.0.0'}:{_settings.port}"

# At SIGTERM live calls go on elsewhere, and webhooks in progress are answered, which takes at most
# 6 s, and a moment. Platforms kill 30 s after the signal.
graceful_timeout = max(20, _settings.live_drain_s + 12)
# A process whose event loop stands still for this long is replaced.
timeout = 30
# Longer than proxies keep an idle connection, so that they close it and not we under a request.
keepalive = 75

control_socket_disable = True
