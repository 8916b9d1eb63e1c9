"""What an operator sets for webhooks: which gateway sends them, and the secret they are signed with."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

from seqconsole.secrecy import secret_in

SHORTEST: Final = 16
"""Characters of a secret: what gateways come with ("secret") is refused."""


class WebhookSettings(BaseModel):
    """The webhooks of one gateway, by the name that the gateway has in the settings.

    `secret` (or the file that holds it) signs the body; `token` answers Meta's question whether the
    address is ours.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["gowa", "meta"]
    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None
    token: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if bool(self.secret.get_secret_value()) == (self.secret_file is not None):
            raise ValueError("give secret or secret_file, one of them")
        if self.kind == "meta" and not self.token.get_secret_value():
            raise ValueError(
                "meta needs a token: the word that you give Meta to verify the address"
            )
        return self

    def read_secret(self) -> bytes:
        """The secret. Raises ValueError for a file that others can read, and for a short secret."""
        secret = self.secret.get_secret_value()
        if self.secret_file is not None:
            secret = secret_in(self.secret_file)
        if len(secret) < SHORTEST:
            raise ValueError(f"the secret needs at least {SHORTEST} characters")
        return secret.encode()
