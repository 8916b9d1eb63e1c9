"""Where each setting came from, for `seqconsole config`. No secret is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import SecretStr

from engine.store.address import SECRETS, from_environment, secrets_in, without_secrets
from engine.store.errors import StoreError
from seqconsole.gateway_settings import HostSettings
from seqconsole.settings import EMBEDDED, PREFIX, FileLayers, Settings
from seqconsole.webhook_settings import WebhookSettings

DEFAULT: Final = "default"
HIDDEN: Final = "(hidden)"
GATEWAYS: Final = ("gowa", "meta", "wablas", "whacenter")
"""Settings that are hosts by name."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One setting: its name in the file, its value without secrets, and what set it."""

    name: str
    value: str
    source: str


def origins(
    settings: Settings, given: Mapping[str, Any], layers: FileLayers, variables: Mapping[str, str]
) -> list[Origin]:
    """Each setting in force. `given` is what the command line said, `variables` the environment."""
    found = []
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if name in GATEWAYS:
            found += _hosts(name, value, layers, variables)
            continue
        if name == "receive":
            found += _webhooks(value, layers, variables)
            continue
        source = _source(name, given, layers, variables)
        if name == "database_url":
            found.append(_database(settings, source, variables))
        else:
            found.append(Origin(name, _shown(value), source))
    return found


def _source(
    name: str, given: Mapping[str, Any], layers: FileLayers, variables: Mapping[str, str]
) -> str:
    option = "schema" if name == "operator_schema" else name
    variable = f"{PREFIX}{option.upper()}"
    if option in given:
        return "command line"
    if variable in {each.upper() for each in variables}:
        return f"environment {variable}"
    return _file_source(option, layers) or DEFAULT


def _file_source(name: str, layers: FileLayers) -> str:
    if name in layers.chosen:
        return f"profile {layers.profile}, {layers.path}"
    return str(layers.path) if name in layers.top else ""


def _database(settings: Settings, source: str, variables: Mapping[str, str]) -> Origin:
    if settings.database_url is None:
        address = from_environment(variables)
        if address is not None:
            return Origin("database_url", address, "environment, libpq's own variables")
        return Origin("database_url", f"{EMBEDDED}: main", DEFAULT)
    address = settings.database_url.get_secret_value().strip()
    if address.partition(":")[0] == EMBEDDED:
        return Origin("database_url", address, source)
    try:
        secrets = secrets_in(address) & SECRETS
        shown = without_secrets(address)
    except StoreError:
        return Origin("database_url", "cannot be read", source)
    return Origin(
        "database_url", shown + (f" {sorted(secrets)[0]}={HIDDEN}" if secrets else ""), source
    )


def _hosts(
    kind: str,
    hosts: Mapping[str, HostSettings],
    layers: FileLayers,
    variables: Mapping[str, str],
) -> list[Origin]:
    named = {each.upper() for each in variables}
    found = []
    for host, settings in hosts.items():
        prefix = f"{PREFIX}{kind.upper()}__{host.upper()}__"
        for name in type(settings).model_fields:
            variable = f"{prefix}{name.upper()}"
            if any(each == variable or each.startswith(f"{variable}__") for each in named):
                source = f"environment {variable}"
            else:
                source = _host_source(kind, host, name, layers)
            shown = _of_host(name, getattr(settings, name))
            found.append(Origin(f"{kind}.{host}.{name}", shown, source))
    return found


def _webhooks(
    webhooks: Mapping[str, WebhookSettings], layers: FileLayers, variables: Mapping[str, str]
) -> list[Origin]:
    named = {each.upper() for each in variables}
    found = []
    for hook, settings in webhooks.items():
        for name in WebhookSettings.model_fields:
            value = getattr(settings, name)
            variable = f"{PREFIX}RECEIVE__{hook.upper()}__{name.upper()}"
            source = _host_source("receive", hook, name, layers)
            if variable in named:
                source = f"environment {variable}"
            if isinstance(value, SecretStr):
                value = HIDDEN if value.get_secret_value() else ""
            found.append(Origin(f"receive.{hook}.{name}", _shown(value), source))
    return found


def _of_host(name: str, value: Any) -> str:
    if name in ("devices", "tokens"):
        return "all others" if value is None else f"{len(value)} mapped"
    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else ""
    return _shown(value)


def _host_source(kind: str, host: str, name: str, layers: FileLayers) -> str:
    for values, source in (
        (layers.chosen, f"profile {layers.profile}, {layers.path}"),
        (layers.top, str(layers.path)),
    ):
        hosts = values.get(kind)
        if isinstance(hosts, Mapping) and name in (hosts.get(host) or {}):
            return source
    return DEFAULT


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
