"""Where the carrier reaches this server: as it was set, or as the carrier was seen to call it."""

from __future__ import annotations

import logging

from settings import Settings

log = logging.getLogger(__name__)


class PublicAddress:
    """One address without a slash at its end. For any number of threads.

    What was set counts. Without it, the address of a webhook that the carrier has signed does: the
    signature covers the address that it called, so whoever forges one cannot sign it. Before the
    first such webhook the address counts under which the holder of the token called.
    """

    def __init__(self, configured: str = "") -> None:
        self.configured = configured
        self._signed = ""
        self._hinted = ""

    @property
    def known(self) -> str:
        """The address; "" while there is none."""
        return self.configured or self._signed or self._hinted

    def learn(self, signed: str) -> None:
        """The carrier has signed a webhook to this address."""
        if signed != self._signed and not self.configured:
            self._signed = signed
            log.info("the carrier calls this server", extra={"address": signed})

    def hint(self, called: str) -> None:
        """Somebody who may order calls has called this address."""
        self._hinted = called


def open_address(settings: Settings) -> PublicAddress:
    """The address that the settings know, if they do."""
    # In local mode only this machine may send webhooks, whatever else its name is.
    here = f"http://127.0.0.1:{settings.port}"
    return PublicAddress(here if settings.local_mode else settings.public_base_url)
