"""What the pages of campaigns have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, Protocol

from flask import Response, abort, request, url_for

from campaigns.campaign import Campaign
from console.pages import sent_to
from services import Services
from storage.leads import Lead


class Sent(Protocol):
    """A file of a request."""

    @property
    def name(self) -> str:
        """As the sender calls it."""

    @property
    def size_bytes(self) -> int:
        """Of the file."""

    def open(self) -> BinaryIO:
        """From its first byte."""


def campaign_of(services: Services, campaign_id: str) -> Campaign:
    """The campaign of an address; 404 when there is none."""
    found = services.campaigns.get(campaign_id)
    if found is None:
        abort(404, "There is no such campaign.")
    return found


def after_upload(address: str) -> Response:
    """To a page, when a file was sent by a form, or by the script of one."""
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": address})
    return sent_to(address)


def file_answer(chunks: Iterable[bytes], content_type: str, name: str) -> Response:
    """A file to be kept under a name of ours, sent while it is made."""
    answer = Response(chunks, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def to_campaign(campaign_id: str) -> Response:
    """To the page of a campaign."""
    return sent_to(url_for("console-campaigns.campaign", campaign_id=campaign_id))


def to_preview(campaign_id: str) -> Response:
    """To what its people would hear, and when."""
    return sent_to(url_for("console-campaigns.preview", campaign_id=campaign_id))


def to_lead(lead: Lead) -> Response:
    """To one of them."""
    campaign_id, lead_id = lead.campaign_id, lead.lead_id
    return sent_to(url_for("console-campaigns.lead", campaign_id=campaign_id, lead_id=lead_id))
