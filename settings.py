"""Every setting: its variable, type, default and meaning. Bad values are refused at start."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from dotenv import dotenv_values

from setting_kinds import (
    address,
    address_with_options,
    beginning,
    countries,
    flag,
    keys,
    number,
    one_of,
    text,
)

T = TypeVar("T")

# Of prometheus_client: a folder in which several processes count together.
METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

# Models that may read what callers say, in the order in which they are asked. Agents' files name
# them; `providers.llm.REGISTRY` opens them.
MODEL_NAMES = ("gemini", "openai")
# The speech companies that can listen in live calls, as agents' files name them.
RECOGNISER_NAMES = ("deepgram", "elevenlabs")


class SettingsError(Exception):
    """One or more settings cannot be used; the message names each and says what to write."""


def _setting(read: Callable[[str], T], default: T, about: str, secret: bool = False) -> T:
    # A factory, because a dataclass takes no mapping as a plain default.
    value: Any = field(
        default_factory=lambda: default,
        metadata={"read": read, "default": default, "about": about, "secret": secret},
    )
    return value  # type: ignore[no-any-return]  # dataclass fields are declared as their value


@dataclass(frozen=True)
class Settings:
    """The settings of one process. The variable of `data_dir` is DATA_DIR, and so on."""

    port: int = _setting(number(1, 65535), 8000, "where the server listens")
    data_dir: str = _setting(text, "data", "folder of the database and of what is cached")
    public_base_url: str = _setting(
        address("https", "http"),
        "",
        "address under which the carrier reaches this server; without it, as webhooks are signed",
    )
    secret_key: str = _setting(text, "", "signs links and sessions; made on first run", True)
    session_hours: int = _setting(
        number(1, 24 * 365), 168, "hours after which a person has to sign in again"
    )
    api_token: str = _setting(
        text, "", "bearer token of the JSON routes; without it only loopback may call", True
    )
    mongodb_uri: str = _setting(
        address_with_options("mongodb", "mongodb+srv"),
        "",
        "keeps the calls in MongoDB; DATA_DIR then holds the journal that covers its absence",
        True,
    )
    redis_url: str = _setting(
        address_with_options("redis", "rediss"),
        "",
        "Redis: processes tell each other what is said in calls, and jobs go to `worker`s",
        True,
    )
    twilio_account_sid: str = _setting(text, "", "account that places calls")
    twilio_auth_token: str = _setting(
        text, "", "signs webhooks; without it only loopback may send them", True
    )
    twilio_shared_keys: Mapping[str, str] = _setting(
        keys, {}, "further webhook keys (HMAC_SHA256), key_id=secret", True
    )
    twilio_phone_number: str = _setting(text, "", "number that outbound calls come from")
    twilio_base_url: str = _setting(
        address("https", "http"), "", "another address of the carrier's REST interface"
    )
    gemini_api_key: str = _setting(text, "", "has a model read what callers say", True)
    gemini_model: str = _setting(text, "gemini-3.5-flash-lite", "which model that is")
    gemini_base_url: str = _setting(
        address("https", "http"), "", "another address of the model's REST interface"
    )
    gemini_thinking: str = _setting(
        one_of("minimal", "low", "medium", "high", "off", "default"),
        "minimal",
        "how much the model thinks before it answers; off: for models before Gemini 3",
    )
    openai_api_key: str = _setting(
        text, "", "a second model, or the first: anything that speaks OpenAI's interface", True
    )
    openai_model: str = _setting(text, "gpt-4.1-mini", "which model that is")
    openai_base_url: str = _setting(
        address("https", "http"), "", "address of another service, or of one on this machine"
    )
    call_summaries: bool = _setting(
        flag, True, "1: a model sums up each call that has ended, where there is one"
    )
    turn_deadline_ms: int = _setting(
        number(200, 10_000), 2500, "milliseconds a caller waits for a model before a filler"
    )
    turn_hard_limit_ms: int = _setting(
        number(200, 30_000), 6000, "the same before rules answer instead of the model"
    )
    speculations_most: int = _setting(
        number(0, 1000),
        32,
        "unfinished utterances read ahead of time at once by one process; 0: none",
    )
    elevenlabs_api_key: str = _setting(text, "", "has callers hear a synthetic voice", True)
    elevenlabs_voice_id: str = _setting(
        text, "JBFqnCBsd6RMkjVDRZzb", "the voice of agents whose file names none"
    )
    elevenlabs_model: str = _setting(
        text, "eleven_flash_v2_5", "the speech model of agents whose file names none"
    )
    elevenlabs_base_url: str = _setting(
        address("https", "http"), "", "another address of the voice's REST interface"
    )
    deepgram_api_key: str = _setting(
        text, "", "has live calls transcribed; its voice stands in for the first", True
    )
    deepgram_model: str = _setting(
        beginning("nova", "flux"), "nova-3", "which of its recognisers that is"
    )
    deepgram_voice: str = _setting(text, "aura-2-thalia-en", "its voice, when that has to speak")
    deepgram_base_url: str = _setting(
        address("https", "http", "wss", "ws"), "", "another address of both"
    )
    audio_format: str = _setting(
        one_of(
            "mp3_22050_32",
            "mp3_24000_48",
            "mp3_44100_32",
            "mp3_44100_64",
            "mp3_44100_96",
            "mp3_44100_128",
        ),
        "mp3_22050_32",
        "form of the clips; a telephone carries no more than the smallest",
    )
    clip_wait_ms: int = _setting(
        number(0, 3000),
        700,
        "milliseconds an answer waits for the first sound of a clip before the carrier's voice",
    )
    clip_days: int = _setting(
        number(1, 3650), 30, "days after which a clip that nobody heard is deleted"
    )
    clip_megabytes: int = _setting(
        number(10, 1_000_000), 2000, "size of all clips beyond which the oldest are deleted"
    )
    prewarm: bool = _setting(
        flag, True, "1: make the clips of all agents' sentences at start, in the background"
    )
    recordings_bucket: str = _setting(
        text, "", "keeps recordings in this S3 bucket instead of DATA_DIR"
    )
    s3_endpoint_url: str = _setting(
        address("https", "http"), "", "address of the S3 store, when it is not Amazon's"
    )
    s3_region: str = _setting(text, "", "its region")
    s3_access_key_id: str = _setting(
        text, "", "its key; without one, whatever the AWS tools on this machine use"
    )
    s3_secret_access_key: str = _setting(text, "", "the secret of that key", True)
    recording_megabytes: int = _setting(
        number(1, 4000), 500, "size beyond which a recording is not fetched"
    )
    recording_link_minutes: int = _setting(
        number(1, 10_080), 15, "minutes for which the link to a recording opens it"
    )
    recordings_leave_carrier: bool = _setting(
        flag, True, "1: a recording is deleted at the carrier once it is kept here"
    )
    prices_file: str = _setting(text, "", "YAML file of what things cost, instead of our own")
    dial_calls_per_second: int = _setting(
        number(1, 1000), 1, "calls that all campaigns begin a second; what the account allows"
    )
    dial_live_most: int = _setting(
        number(1, 50_000), 50, "calls of all campaigns that ring or go on at the same time"
    )
    start_call_countries: tuple[str, ...] = _setting(
        countries, ("IN",), "countries that /start-call may ring; the first reads local numbers"
    )
    start_call_limit: str = _setting(
        text, "3 per hour", "how often one number may be rung by /start-call"
    )
    message_limit: str = _setting(
        text, "10 per hour", "how often one number may be sent messages by POST /messages"
    )
    upload_megabytes: int = _setting(
        number(1, 10_000), 200, "size beyond which an uploaded table is refused"
    )
    agents_dir: str = _setting(text, "agents", "folder of the agents' YAML files")
    log_level: str = _setting(
        one_of("debug", "info", "warning", "error"), "info", "least level that is logged"
    )
    log_pii: bool = _setting(flag, False, "1: log what people said and their numbers")
    durability: str = _setting(
        one_of("process", "power"), "process", "power: a turn survives a power cut (slower)"
    )
    live_calls_most: int = _setting(
        number(0, 10_000), 300, "live calls of one process; those beyond it go in turns. 0: none"
    )
    live_lag_ms: int = _setting(
        number(10, 10_000), 150, "lag of the event loop at which new calls go in turns"
    )
    live_filler_ms: int = _setting(
        number(100, 10_000), 800, "milliseconds a live caller waits for a model before a filler"
    )
    live_drain_s: int = _setting(
        number(0, 600), 15, "seconds that live calls get to go on in turns when the server ends"
    )
    worker_threads: int = _setting(
        number(1, 256), 16, "jobs done at once by one worker, where REDIS_URL is set"
    )
    worker_back_s: int = _setting(
        number(30, 3600), 120, "seconds after which others do what a killed worker had taken"
    )
    web_threads: int = _setting(number(1, 1024), 64, "webhooks handled at once by one process")
    web_workers: int = _setting(number(1, 64), 1, "server processes")

    @property
    def local_mode(self) -> bool:
        """No way to check a signature: webhooks are taken from this machine only."""
        return not self.twilio_auth_token and not self.twilio_shared_keys

    @property
    def has_speech_key(self) -> bool:
        """Somebody is paid for hearing or speaking."""
        return bool(self.deepgram_api_key or self.elevenlabs_api_key)

    @property
    def rings_here(self) -> bool:
        """Calls are ordered at the port after the server's, where a phone of ours may wait."""
        return self.local_mode and not self.twilio_account_sid and not self.twilio_base_url

    @property
    def webhook_token(self) -> str:
        """What the carrier signs webhooks with; "" when it does not, or with shared keys only."""
        return self.twilio_auth_token


def variables() -> list[tuple[str, str, str, bool]]:
    """Every variable with its default, its meaning and whether it is a secret."""
    return [
        (
            one.name.upper(),
            _shown(one.metadata["default"]),
            one.metadata["about"],
            one.metadata["secret"],
        )
        for one in fields(Settings)
    ]


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """The settings of this process: environment first, then `env_file`."""
    from_file = dotenv_values(env_file) if env_file and env_file.is_file() else {}
    return read_settings({**{k: v for k, v in from_file.items() if v is not None}, **os.environ})


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from variables; an empty one counts as absent. SettingsError names every bad one."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for one in fields(Settings):
        raw = environ.get(one.name.upper(), "").strip()
        if not raw:
            continue
        try:
            values[one.name] = one.metadata["read"](raw)
        except ValueError as error:
            shown = "" if one.metadata["secret"] else f" (it is {raw!r})"
            problems.append(f"{one.name.upper()}: {error}{shown}")
    if problems:
        raise SettingsError("These settings cannot be used:\n  " + "\n  ".join(problems))
    return Settings(**values)


def share_metrics(settings: Settings) -> Path | None:
    """Have the processes of one server count together; the folder, or None with one process.

    For the parent of those processes, before anything imports prometheus_client: that reads the
    variable when it is imported, and then counts in files that `shared_metrics` names.
    """
    # By port: another server may be taking over the same DATA_DIR.
    folder = (Path(settings.data_dir) / "metrics" / str(settings.port)).absolute()
    os.environ.pop(METRICS_VARIABLE.lower(), None)  # an older name of the same
    if settings.web_workers == 1:
        os.environ.pop(METRICS_VARIABLE, None)
        return None
    os.environ[METRICS_VARIABLE] = str(folder)
    return folder


def shared_metrics() -> Path | None:
    """Where this process counts together with others; None when it counts alone."""
    folder = os.environ.get(METRICS_VARIABLE)
    return Path(folder) if folder else None


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return str(int(default))
    if isinstance(default, tuple):
        return ",".join(default)
    return "" if isinstance(default, Mapping) else str(default)
