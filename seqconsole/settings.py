"""What an operator may set: environment `SEQCONSOLE_*`, and profiles in a TOML file (DESIGN 8).

The command line wins over the environment, that over the profile, that over the file's top level.
"""

from __future__ import annotations

import getpass
import os
import re
import shlex
import socket
import tomllib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as UnreadableSetting

from seqconsole.gateway_settings import GowaSettings, HostedSettings, HostName, MetaSettings
from seqconsole.secrecy import Exposed, check_file, holds_secret, secret_in
from seqconsole.webhook_settings import WebhookSettings

PREFIX: Final = "SEQCONSOLE_"
SCHEMA: Final = "SEQCONSOLE_SCHEMA"
CONFIG_VARIABLE: Final = "SEQCONSOLE_CONFIG"
PROFILE_VARIABLE: Final = "SEQCONSOLE_PROFILE"
EMBEDDED: Final = "embedded"
"""As an address: the embedded PostgreSQL, database `main`; `embedded:demo` names another."""


_PROFILE: ContextVar[str | None] = ContextVar("profile", default=None)


class SettingsError(ValueError):
    """A setting that cannot be used, in one line and without its value."""


class Settings(BaseSettings):
    """The settings of one run.

    `database_url` None: libpq's own variables, else the embedded PostgreSQL. `country` is the
    code for national phone numbers, `timezone` the zone of naive timestamps: both are written into
    a database by `migrate` and only then. `gowa`, `meta`, `wablas` and `whacenter` are the hosts that
    workers send through, by name; `gowa_device_ids`: whether a device that no gowa host lists is known
    there by its id or its JID.
    `gateway_url` is the simulated gateway of a demo or test database.
    `receive` are the webhooks that are taken, by the name of their gateway.
    `listen`: a worker takes hints over a connection of its own; off behind PgBouncer.
    `metrics_token`, or the line of `metrics_token_file`: what who reads a worker's metrics must show.
    `on_alarm`: a command that workers run when there is a new alarm, its words as a shell would split them.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr | None = None
    operator_schema: str = Field("public", validation_alias=SCHEMA, min_length=1)
    read_only: bool = False
    country: str = Field("", pattern=r"^([1-9][0-9]{0,2})?$")
    timezone: str = ""
    gateway_url: str | None = None
    gowa: dict[HostName, GowaSettings] = Field(default_factory=dict)
    gowa_device_ids: Literal["uuid", "jid"] = "uuid"
    meta: dict[HostName, MetaSettings] = Field(default_factory=dict)
    wablas: dict[HostName, HostedSettings] = Field(default_factory=dict)
    whacenter: dict[HostName, HostedSettings] = Field(default_factory=dict)
    receive: dict[HostName, WebhookSettings] = Field(default_factory=dict)
    journal_directory: Path | None = None
    listen: bool = True
    on_alarm: SecretStr = SecretStr("")
    metrics_token: SecretStr | None = None
    metrics_token_file: Path | None = None
    who: str = Field(default_factory=lambda: operator_name(), min_length=1)

    @property
    def names_gateway(self) -> bool:
        """Whether any real gateway is set."""
        return bool(self.gowa or self.meta or self.wablas or self.whacenter)

    @property
    def bearer(self) -> str | None:
        """What who reads metrics must show. Raises Exposed where its file is open to others."""
        if self.metrics_token is not None:
            return self.metrics_token.get_secret_value()
        return None if self.metrics_token_file is None else secret_in(self.metrics_token_file)

    @field_validator("metrics_token")
    @classmethod
    def _is_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and re.fullmatch(r"[!-~]{16,512}", token.get_secret_value()) is None:
            raise ValueError("a token is 16 to 512 letters, digits and signs without blanks")
        return token

    @field_validator("on_alarm")
    @classmethod
    def _words(cls, command: SecretStr) -> SecretStr:
        try:
            shlex.split(command.get_secret_value())
        except ValueError:
            raise ValueError("a quote in the command is not closed") from None
        return command

    @property
    def on_alarm_words(self) -> list[str]:
        """The command and its arguments; empty: none."""
        return shlex.split(self.on_alarm.get_secret_value())

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone and zone not in available_timezones():
            raise ValueError("no such time zone; an example is Asia/Kuala_Lumpur")
        return ZoneInfo(zone).key if zone else ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The command line, then the environment, then the file."""
        return init_settings, env_settings, _FileSource(settings_cls, _file_values())


class _FileSource(InitSettingsSource):
    """The values of the settings file, named as in the file."""


def load(given: Mapping[str, Any], profile: str | None = None) -> Settings:
    """The settings, with what the command line gave. Raises SettingsError."""
    token = _PROFILE.set(profile or os.environ.get(PROFILE_VARIABLE) or None)
    try:
        return Settings(**{_alias(name): value for name, value in given.items()})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"]).lower() or "a setting"
        name = name.removeprefix(PREFIX.lower())
        raise SettingsError(
            f"setting {name}: {first['msg'].removeprefix('Value error, ')}"
        ) from None
    except UnreadableSetting as error:
        named = re.search(r'"(\w+)"', str(error))
        name = f"setting {named[1]}" if named else "a setting"
        raise SettingsError(f"{name} cannot be read: it must be JSON") from None
    finally:
        _PROFILE.reset(token)


def config_path() -> Path:
    """Where the settings file is looked for."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named).expanduser()
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path("~/.config").expanduser()) / "seqconsole/config.toml"


def operator_name() -> str:
    """Who acts, for the journal: the account and the machine."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = f"uid {os.getuid()}"
    return f"{account}@{socket.gethostname()}"


def state_home() -> Path:
    """Where this account keeps what must survive a run: journals, the demo's gateway log."""
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path("~/.local/state").expanduser()) / "seqconsole"


def _alias(name: str) -> str:
    return SCHEMA if name == "schema" else name


@dataclass(frozen=True, slots=True)
class FileLayers:
    """What the settings file says: at its top level, and in the profile that is chosen ("" for none)."""

    path: Path
    top: Mapping[str, Any]
    profile: str
    chosen: Mapping[str, Any]
    profiles: tuple[str, ...]


def file_layers(profile: str | None = None) -> FileLayers:
    """The settings file, with the profile named, else the one that it names. Raises SettingsError."""
    path = config_path()
    top = _content(path)
    profiles = top.pop("profiles", {})
    default = top.pop("profile", None)
    wanted = profile or default
    if wanted is None:
        return FileLayers(path, top, "", {}, tuple(profiles))
    if not isinstance(profiles, dict) or not isinstance(profiles.get(wanted), dict):
        raise SettingsError(f"{path} has no profile {wanted!r}")
    return FileLayers(path, top, wanted, profiles[wanted], tuple(profiles))


def _file_values() -> dict[str, Any]:
    """The file's top level, overlaid with the chosen profile."""
    layers = file_layers(_PROFILE.get())
    return {_alias(name): value for name, value in {**layers.top, **layers.chosen}.items()}


def _content(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        if holds_secret(values):
            check_file(path)
    except Exposed as error:
        raise SettingsError(str(error)) from None
    except FileNotFoundError:
        if os.environ.get(CONFIG_VARIABLE):
            raise SettingsError(f"{path} ({CONFIG_VARIABLE}) does not exist") from None
        return {}
    except tomllib.TOMLDecodeError as error:
        line = str(error).partition("(")[2].rstrip(")") or "somewhere"
        raise SettingsError(f"{path} is not valid TOML ({line})") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {type(error).__name__}") from None
    return values
