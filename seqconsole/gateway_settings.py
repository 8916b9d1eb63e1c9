"""The settings of gateway hosts, one model a kind. Credentials have a type that never shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

HostName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
NameThere = Annotated[str, Field(min_length=1, max_length=128)]


class HostSettings(BaseModel):
    """What every kind has. `ca_file`: certificates to trust instead of the system's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    plain_http: bool = False
    ca_file: Path | None = None


class GowaSettings(HostSettings):
    """One gowa host. `devices`: our device -> its id or JID there; None: it takes all others."""

    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    devices: dict[UUID, NameThere] | None = None

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        given = bool(self.password.get_secret_value())
        if given and self.password_file is not None:
            raise ValueError("give password or password_file, not both")
        if (given or self.password_file is not None) and not self.username:
            raise ValueError("a password needs a username")
        return self


class MetaSettings(HostSettings):
    """One account of the Cloud API. `devices`: our device -> its phone number id; None: it takes all
    devices of the platform that no account lists, with `user_devices.jid` as that id.
    """

    url: str = "https://graph.facebook.com"
    version: str = "v23.0"
    token: SecretStr = SecretStr("")
    token_file: Path | None = None
    devices: dict[UUID, NameThere] | None = None

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if bool(self.token.get_secret_value()) == (self.token_file is not None):
            raise ValueError("give token or token_file, one of them")
        return self


class HostedSettings(HostSettings):
    """One Wablas or WhaCenter host. `tokens`: our device -> its token; None: it takes all devices of
    the platform that no host lists, with `user_devices.jid` as their token.
    """

    tokens: dict[UUID, SecretStr] | None = None
