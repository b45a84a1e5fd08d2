"""What the command `celery` runs: `celery -A worker worker` does jobs, `celery -A worker beat`
says when rounds are due. Both need REDIS_URL; without it the web process does all of this itself.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from agents.loader import AgentFileError
from calls.prices import PricesError
from jobs.worker_process import (
    BEGINS,
    ENDED,
    ENDS,
    SETS_UP_LOGS,
    app_of_worker,
    take_on,
    tell_no_others,
    when,
)
from logs import set_up_logs
from services import Services, build_services
from settings import Settings, SettingsError, load_settings
from storage.base import StorageError

_running: list[Services] = []


def _checked() -> Settings:
    try:
        loaded = load_settings()
    except SettingsError as error:
        sys.exit(str(error))
    if not loaded.redis_url:
        sys.exit(
            "REDIS_URL is not set: there is nothing to do here, as the web process does all jobs "
            "itself. Set it for every process, or start only the web process (docs/jobs.md)."
        )
    return loaded


def _begin() -> None:
    try:
        # Clips are made where they are heard: by the web processes.
        services = build_services(replace(settings, prewarm=False))
    except (AgentFileError, PricesError, StorageError) as error:
        sys.exit(str(error))
    _running.append(services)
    assert services.rounds is not None
    take_on(app, services.jobs, services.rounds)


def _halt() -> None:
    for services in _running:
        if services.rounds is not None:
            services.rounds.halt()


def _end() -> None:
    for services in _running:
        services.close()


def _set_up_logs() -> None:
    set_up_logs(settings.log_level, settings.log_pii)


settings = _checked()
app = app_of_worker(settings.redis_url, settings.worker_threads, settings.worker_back_s)
tell_no_others()
when(SETS_UP_LOGS, _set_up_logs)
when(BEGINS, _begin)
when(ENDS, _halt)
when(ENDED, _end)
