"""Celery's way to Redis, which bears that Redis dies while jobs are being done.

Kombu 5.7 closes a connection twice when it is lost; the second time it would give back what was
being done over a connection that is gone, and the worker ends of that.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis


class QoS(redis.QoS):
    """What a worker has taken and not finished."""

    def restore_unacked_once(self, stderr: Any = None) -> None:
        """Give it back as the worker ends; over a connection that is gone nobody can."""
        if self._is_gone():
            if self._delivered is not None:
                self._delivered.clear()
            return
        super().restore_unacked_once(stderr)

    def restore_visible(self, start: int = 0, num: int = 10, interval: int = 10) -> None:
        """Hand out again what dead workers had taken: every time that this is asked, which is every
        ten seconds; kombu would do it every tenth time."""
        super().restore_visible(start, num, interval=1)

    def ack(self, delivery_tag: str) -> None:
        """Say that it is done; over a connection that is gone nobody is told: it comes again."""
        if not self._is_gone():
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """As `ack`."""
        if not self._is_gone():
            super().reject(delivery_tag, requeue)

    def _is_gone(self) -> bool:
        transport = self.channel.connection
        return transport is None or transport.client is None


class Channel(redis.Channel):
    """As kombu's; one client for all messages, where kombu makes three for each."""

    QoS = QoS
    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous)  # type: ignore[misc]
        if self._kept is None:
            self._kept = super()._create_client(asynchronous)  # type: ignore[misc]
        return self._kept

    def _disconnect_pools(self) -> None:
        self._kept = None
        super()._disconnect_pools()  # type: ignore[misc]


class Transport(redis.Transport):
    """As kombu's."""

    Channel = Channel


def use() -> None:
    """Have all apps of this process go to Redis this way."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = "jobs.redis_broker:Transport"
