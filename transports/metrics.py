"""GET /metrics: what was counted, for Prometheus, which can send a bearer token."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request

from access.scopes import Scope
from calls.metrics import OPENMETRICS, MetricsAway
from services import Services
from transports.described import Operation, Tag, Text, described
from transports.errors import ApiError
from transports.guard import api_blueprint

NAME = "metrics"

METRICS = Operation(
    summary="What was counted over all calls, for Prometheus",
    tag=Tag.SERVICE,
    answers={200: Text(("text/plain", OPENMETRICS.partition(";")[0]))},
    errors={503: ("metrics_unavailable",)},
)

log = logging.getLogger(__name__)


def metrics_blueprint(services: Services) -> Blueprint:
    """/metrics, behind the token. Of all processes of this server, whichever answers."""
    blueprint = api_blueprint(NAME, services, Scope.ANALYTICS_READ)

    @blueprint.get("/metrics")
    @described(METRICS)
    def metrics() -> Response:
        try:
            body, kind = services.metrics.exposition(request.headers.get("Accept", ""))
        except MetricsAway as error:
            log.exception("metrics cannot be shown")
            message = "What the processes have counted cannot be read now."
            raise ApiError(503, "metrics_unavailable", message) from error
        return Response(body, content_type=kind)

    return blueprint
