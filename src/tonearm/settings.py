"""The settings: one frozen model, read from the environment. Only `app` and `cli` import it.

Every setting is `TONEARM_NAME`; one that is secret can also be given as `TONEARM_NAME_FILE`, the path of a file that
holds it. `tonearm config` prints the table, with secrets left out.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tonearm.atproto.formats import is_at_identifier

PREFIX = "TONEARM_"

_PRIVATE_HOST = re.compile(r"(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?", re.IGNORECASE)
_KEY = re.compile(r"[0-9a-fA-F]{64}")

Port = Annotated[int, Field(ge=1, le=65535)]


class SettingsError(ValueError):
    """The settings contradict each other or cannot be read. The message names them."""


class Settings(BaseSettings):
    """How this server differs from the next."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: Port = Field(default=8070, description="The port to listen on.")
    public_url: str = Field(
        default="", description="The URL that clients reach the server by; http://HOST:PORT unless set."
    )
    data_dir: Path = Field(default=Path("data"), description="The folder of databases and keys; made when missing.")
    database_url: str = Field(
        default="",
        description="The database: sqlite:///PATH or postgresql://USER@HOST/NAME; data folder/index.db unless set.",
    )
    database_password: SecretStr | None = Field(
        default=None, description="The password for a PostgreSQL database_url that holds none."
    )
    pds_database_url: str = Field(
        default="",
        description="The built-in PDS's database; data folder/pds.db, or a PostgreSQL database_url, unless set.",
    )
    master_key: SecretStr | None = Field(
        default=None,
        description="The key that seals secrets, 64 hexadecimal digits; data folder/master.key unless set.",
    )
    new_master_key: SecretStr | None = Field(
        default=None,
        description="The key that `tonearm keys rotate` puts in the place of master_key; it makes one for a file.",
    )
    first_account: str = Field(
        default="on",
        pattern="^(on|off)$",
        description="Whether the first start makes an administrator's account: on or off.",
    )
    handle_domain: str = Field(
        default="",
        description="The domain below which local accounts get handles; the public host, or test without one.",
    )
    plc_url: str = Field(
        default="", description="The PLC directory that local identities are submitted to; none unless set."
    )
    handle_resolver_url: str = Field(
        default="",
        description="A server that resolves handles (a PDS, say) and is asked before DNS; none unless set.",
    )
    allowed_private_hosts: str = Field(
        default="",
        description="Hosts that may be asked although they are not public, by http too: HOST or HOST:PORT, by commas.",
    )
    oauth_permission_set: str = Field(
        default="off",
        pattern="^(on|off)$",
        description="Whether logins ask for the published permission set instead of single collections: on or off.",
    )
    login: str = Field(
        default="open",
        pattern="^(open|allow)$",
        description="Who may log in: open is anybody with an atproto identity, allow is TONEARM_ALLOWED_LOGINS.",
    )
    allowed_logins: str = Field(
        default="",
        description="Handles and DIDs that may log in with TONEARM_LOGIN=allow, by commas; accounts here always may.",
    )
    frontend_url: str = Field(
        default="", description="The origin of a Rocksky web client that logs in here; our own pages unless set."
    )
    rate_limit: int = Field(
        default=3000, ge=0, description="Requests for each account (address, when anonymous) in a window; 0: no limit."
    )
    rate_window_s: int = Field(default=300, ge=1, description="The length of the rate limit's window in seconds.")
    trusted_proxies: int = Field(
        default=0, ge=0, le=8, description="How many proxies in front are believed about X-Forwarded-For; 0: none."
    )
    body_limit_bytes: int = Field(default=1_048_576, ge=1024, description="The largest JSON body, decoded, in bytes.")
    outbox_linger_s: float = Field(
        default=0.2, ge=0, le=60, description="How long writes gather before they are sent to a repository, in seconds."
    )
    log_level: str = Field(
        default="info",
        pattern="^(debug|info|warning|error)$",
        description="What is logged: debug, info, warning or error.",
    )
    log_format: str = Field(default="text", pattern="^(text|json)$", description="How it is logged: text or json.")
    strict_errors: bool = Field(
        default=False,
        description="Answer an error that the method's lexicon does not declare as InternalServerError (tests).",
    )

    @model_validator(mode="after")
    def _no_contradictions(self) -> Self:
        for name in ("public_url", "frontend_url", "plc_url", "handle_resolver_url"):
            url = getattr(self, name)
            if url and not _is_origin(url):
                told = "must be http:// or https:// with a host, and nothing after it"
                raise ValueError(f"TONEARM_{name.upper()} {told}")
        for host in self.private_hosts:
            if not (_PRIVATE_HOST.fullmatch(host) and _is_origin(f"http://{host}")):
                raise ValueError(f"TONEARM_ALLOWED_PRIVATE_HOSTS must be HOST or HOST:PORT by commas, not {host!r}")
        if self.allowed_logins and self.login == "open":
            raise ValueError("TONEARM_ALLOWED_LOGINS is of no use while TONEARM_LOGIN is open: set it to allow")
        for name in sorted(self.allowed_identifiers):
            if not is_at_identifier(name):
                raise ValueError(f"TONEARM_ALLOWED_LOGINS holds {name!r}, which is neither a handle nor a DID")
        for name, url in (("DATABASE_URL", self.database_url), ("PDS_DATABASE_URL", self.pds_database_url)):
            if url and not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
                raise ValueError(f"TONEARM_{name} must begin with sqlite:/// or postgresql://")
        if self.database_password is not None:
            if not self.database_url.startswith("postgres"):
                raise ValueError("TONEARM_DATABASE_PASSWORD is of no use without a PostgreSQL TONEARM_DATABASE_URL")
            if urlsplit(self.database_url).password is not None:
                raise ValueError(
                    "TONEARM_DATABASE_URL holds a password, and TONEARM_DATABASE_PASSWORD is set: keep one"
                )
        for name, key in (("MASTER_KEY", self.master_key), ("NEW_MASTER_KEY", self.new_master_key)):
            if key is not None and not _KEY.fullmatch(key.get_secret_value()):
                raise ValueError(f"TONEARM_{name} must be 64 hexadecimal digits")
        return self

    @property
    def master_key_path(self) -> Path:
        """The file of the master key, where no setting gives the key."""
        return self.data_dir / "master.key"

    @property
    def url(self) -> str:
        """The public URL without a final slash."""
        return self.public_url.rstrip("/") or f"http://{_bracketed(self.host)}:{self.port}"

    @property
    def allowed_identifiers(self) -> frozenset[str]:
        """The handles (in lower case, without @) and DIDs that may log in."""
        names = (name.strip().removeprefix("@") for name in self.allowed_logins.split(","))
        return frozenset(name if name.startswith("did:") else name.lower() for name in names if name)

    @property
    def index_url(self) -> str:
        """The URL of the index's database, with its password."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'index.db'}"
        if self.database_password is None:
            return self.database_url
        parts = urlsplit(self.database_url)
        password = self.database_password.get_secret_value()
        user = parts.username or "postgres"
        place = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{user}:{_quoted(password)}@{place}").geturl()

    @property
    def pds_url(self) -> str:
        """The URL of the built-in PDS's database."""
        if self.pds_database_url:
            return self.pds_database_url
        if self.database_url.startswith("postgres"):
            return self.index_url
        return f"sqlite:///{self.data_dir / 'pds.db'}"

    @property
    def private_hosts(self) -> frozenset[str]:
        """The entries of `allowed_private_hosts`."""
        return frozenset(host.strip() for host in self.allowed_private_hosts.split(",") if host.strip())

    @property
    def configured_origins(self) -> frozenset[str]:
        """The origins of other servers that these settings name."""
        return frozenset(url.rstrip("/") for url in (self.plc_url, self.handle_resolver_url) if url)

    @property
    def local_handle_domain(self) -> str:
        """The domain of local handles, without a leading dot."""
        if self.handle_domain:
            return self.handle_domain.strip(".").lower()
        host = urlsplit(self.url).hostname or ""
        public = "." in host and not host.replace(".", "").isdigit() and not host.endswith((".local", ".localhost"))
        return host if public else "test"


def _is_origin(url: str) -> bool:
    """Whether this is a scheme, a host and perhaps a port, and no more."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc or port == 0
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not more


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _quoted(text: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - needed only with a password

    return quote(text, safe="")


def secret_names() -> list[str]:
    """The settings that are secrets, and so have a `_FILE` form."""
    return [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: a value is not allowed, two contradict each other, or a secret's file cannot be read.
    """
    values: dict[str, Any] = {}
    for name in secret_names():
        variable = PREFIX + name.upper()
        path = os.environ.get(variable + "_FILE")
        if not path:
            continue
        if os.environ.get(variable):
            raise SettingsError(f"{variable} and {variable}_FILE are both set: keep one of them")
        try:
            values[name] = Path(path).read_text().strip()
        except OSError as error:
            raise SettingsError(f"{variable}_FILE names {path}, which cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SettingsError(f"{variable}_FILE names {path}, which is no text") from error
    try:
        return Settings(**values)
    except ValidationError as error:
        problems = "; ".join(
            (f"{PREFIX}{str(e['loc'][0]).upper()}: " if e["loc"] else "") + e["msg"].removeprefix("Value error, ")
            for e in error.errors(include_input=False, include_url=False)
        )
        raise SettingsError(problems) from None
