"""Makes the Flask application: settings, services, doors, pages, error pages."""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask, Response, abort, current_app, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response as WSGIResponse

from console.agents import agents_blueprint
from console.analytics import analytics_blueprint as analytics_pages
from console.calls import calls_blueprint as call_pages
from console.campaigns import campaign_pages
from console.do_not_call import do_not_call_pages
from console.home import home_blueprint
from console.interface import interface_blueprint
from console.messages import messages_pages
from console.pages import STATIC, add_frame, is_page, refusal, words_of
from console.people import people_blueprint
from console.phone import phone_blueprint
from console.profile import profile_blueprint
from console.recordings import recordings_blueprint as recordings_pages
from console.sign_in import sign_in_blueprint
from console.webhooks import webhooks_pages
from services import Services, build_services
from settings import Settings, load_settings
from storage.base import StorageError
from transports import gather
from transports.agents import agents_api
from transports.analytics import analytics_blueprint
from transports.api import calls_blueprint
from transports.asking_again import asking_again_blueprint
from transports.callbacks import callbacks_blueprint
from transports.campaign_leads import campaign_leads_blueprint
from transports.campaign_trial import campaign_trial_blueprint
from transports.campaigns import campaigns_blueprint
from transports.do_not_call import do_not_call_blueprint
from transports.ends import ends_blueprint
from transports.errors import ApiError
from transports.exports import exports_blueprint
from transports.gather import Gather, gather_blueprint
from transports.health import add_index, health_blueprint
from transports.imports import imports_blueprint
from transports.limits import number_limit
from transports.login import account_blueprint, login_blueprint
from transports.messages import message_webhooks, messages_blueprint
from transports.metrics import metrics_blueprint
from transports.openapi import add_interface
from transports.recordings import FOR_PEOPLE, call_logs_blueprint, recordings_blueprint
from transports.uploads import uploaded
from transports.webhooks import webhooks_blueprint

log = logging.getLogger(__name__)

# A caller's speech is a few kilobytes; the rest is room for what strangers try.
BODY_MOST_BYTES = 4 * 1024 * 1024

# What is no page is neither framed nor run nor kept; pages say for themselves what they may.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def create_app(settings: Settings | None = None, for_live: Settings | None = None) -> Flask:
    """The application of one process. It raises what `load_settings` and `build_services` do."""
    return app_of(build_services(settings or load_settings(), for_live))


def app_of(services: Services) -> Flask:
    """The application around services that exist already."""
    app = Flask("callwright", static_folder=STATIC, template_folder=STATIC.parent / "templates")
    # Addresses of static files change with the file.
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 365 * 24 * 3600
    # The form limit follows, or its default of 500 kB would refuse what the body limit allows.
    app.config["MAX_CONTENT_LENGTH"] = BODY_MOST_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = BODY_MOST_BYTES
    app.extensions["callwright"] = services
    door = Gather(services)
    limit = number_limit(services.settings)  # of rings, whichever route they come by
    app.register_blueprint(gather_blueprint(services, door))
    app.register_blueprint(callbacks_blueprint(services))
    app.register_blueprint(calls_blueprint(services, limit))
    app.register_blueprint(ends_blueprint(services))
    app.register_blueprint(recordings_blueprint(services))
    app.register_blueprint(call_logs_blueprint(services))
    app.register_blueprint(analytics_blueprint(services))
    app.register_blueprint(agents_api(services))
    app.register_blueprint(imports_blueprint(services))
    app.register_blueprint(exports_blueprint(services))
    app.register_blueprint(campaigns_blueprint(services))
    app.register_blueprint(campaign_leads_blueprint(services))
    app.register_blueprint(asking_again_blueprint(services))
    app.register_blueprint(campaign_trial_blueprint(services, limit))
    app.register_blueprint(do_not_call_blueprint(services))
    app.register_blueprint(messages_blueprint(services))
    app.register_blueprint(message_webhooks(services))
    app.register_blueprint(webhooks_blueprint(services))
    app.register_blueprint(webhooks_pages(services))
    app.register_blueprint(health_blueprint(services))
    app.register_blueprint(metrics_blueprint(services))
    app.register_blueprint(login_blueprint(services))
    app.register_blueprint(account_blueprint(services))
    app.register_blueprint(home_blueprint(services))
    app.register_blueprint(analytics_pages(services))
    app.register_blueprint(agents_blueprint(services))
    app.register_blueprint(sign_in_blueprint(services))
    app.register_blueprint(profile_blueprint(services))
    app.register_blueprint(people_blueprint(services))
    app.register_blueprint(phone_blueprint(services))
    app.register_blueprint(recordings_pages(services))
    app.register_blueprint(call_pages(services))
    app.register_blueprint(campaign_pages(services, uploaded))
    app.register_blueprint(do_not_call_pages(services, uploaded))
    app.register_blueprint(messages_pages(services))
    add_frame(app, services)
    add_index(app, services)
    interface = add_interface(app, services, is_page)
    app.register_blueprint(interface_blueprint(services, lambda: interface.document))
    app.before_request(_without_id)
    _add_error_pages(app, door)
    _add_headers(app, services.settings)
    return app


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: a terminal is for people."""


@contextmanager
def served(make: Callable[[int], Services]) -> Iterator[tuple[str, Services]]:
    """An application in this process, on a port of this machine that is free: its address.

    `make` is given the port; what it raises comes out here. For a demo and for tests: one process,
    and no sockets of calls.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        services = make(listener.getsockname()[1])
        app = app_of(services)
        server = make_server(
            "127.0.0.1", 0, app, threaded=True, request_handler=_Quiet, fd=listener.fileno()
        )
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}", services
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        services.close()


def services_of(app: Flask) -> Services:
    """The services that an application of `create_app` works with."""
    services = app.extensions["callwright"]
    assert isinstance(services, Services)
    return services


def _add_error_pages(app: Flask, door: Gather) -> None:
    def on_call() -> bool:
        # Only a webhook that was verified gets a call document.
        return request.blueprint == gather.NAME and "webhook" in g

    @app.errorhandler(ApiError)
    def refused(error: ApiError) -> Response:
        if is_page(request.endpoint) or (request.endpoint == FOR_PEOPLE and _wants_page()):
            return refusal(error.status, str(error))
        return error.response()

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response | WSGIResponse:
        return _http_answer(error)

    @app.errorhandler(StorageError)
    def storage_error(error: StorageError) -> Response:
        log.error("storage failed", exc_info=error, extra={"path": request.path})
        if on_call():
            return door.fault()
        message = "The storage cannot be reached or written now."
        if is_page(request.endpoint):
            return refusal(503, message)
        return ApiError(503, "storage_unavailable", message).response()

    # The last net: whatever is wrong with us, a caller hears something and a program gets JSON.
    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        log.error("request failed", exc_info=error, extra={"path": request.path})
        if on_call():
            return door.fault()
        message = "Something is broken here; it is in the log."
        if is_page(request.endpoint):
            return refusal(500, message)
        return ApiError(500, "internal", message).response()


def _http_answer(error: HTTPException) -> Response | WSGIResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # a redirect is no error
    if is_page(request.endpoint) or (not request.endpoint and _wants_page()):
        return refusal(status, words_of(error))
    message = error.description or error.name
    code = (error.name or "error").lower().replace(" ", "_")
    answer = ApiError(status, code, message).response()
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _without_id() -> None:
    if "//" in request.path and request.url_rule is None and _has_empty_id():
        abort(404)


def _has_empty_id() -> bool:
    """Whether an id is missing between two slashes: without one, the address means another."""
    merged = re.sub("/{2,}", "/", request.path)
    try:
        _, ids = current_app.url_map.bind("").match(merged, request.method)
    except HTTPException:
        return False
    return bool(ids)


def _wants_page() -> bool:
    """Whether a person with a browser asks, to whom JSON is no answer."""
    return "text/html" in request.headers.get("Accept", "")


def _add_headers(app: Flask, settings: Settings) -> None:
    fixed = dict(_HEADERS)
    if settings.public_base_url.startswith("https:"):
        fixed["Strict-Transport-Security"] = "max-age=31536000"
    pairs = tuple((name, name.lower(), value) for name, value in fixed.items())

    @app.after_request
    def add(answer: Response) -> Response:
        headers = answer.headers
        present = {name.lower() for name, _ in headers}
        for name, key, value in pairs:
            if key not in present:
                headers.add(name, value)
        return answer
