"""What an operator may change about the runtime. The application fills it from its settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class XrpcOptions:
    """Limits and switches of the runtime.

    Attributes:
        body_limit_bytes: the largest JSON body, counted after decoding.
        stream_limit_bytes: the largest streamed body (blobs, CAR files), counted after decoding.
        body_limits_bytes: other limits for single methods, by NSID.
        body_timeout_s: how long a whole JSON body may take, and how long a streamed one may pause.
        thread_parse_bytes: JSON bodies from this size on are parsed in a worker thread, two at a time.
        rate_limit: calls that one account (or one address, when anonymous) may make in a window; 0 is no limit.
        rate_window_s: the length of that window.
        rate_keys: how many callers are counted at once; beyond it the oldest windows are forgotten.
        trusted_proxies: how many proxies in front of the server append to `X-Forwarded-For`; with 0 the header is
            what anybody may write, and is ignored.
        strict_errors: answer an error name that the method does not declare as InternalServerError. On in tests
            and development, so that a contract breach is seen; off in production, where the caller is helped more
            by the error. Logged either way.
        heartbeat_s: how often an event stream pings its subscriber; an unanswered ping ends the stream.
        send_timeout_s: how long a subscriber may block the stream before it is closed as ConsumerTooSlow.
        subscriptions: open event streams at once, all methods together.
        subscriptions_per_address: open event streams at once from one client address.
    """

    body_limit_bytes: int = MIB
    stream_limit_bytes: int = 50 * MIB
    body_limits_bytes: Mapping[str, int] = field(default_factory=dict)
    body_timeout_s: float = 30.0
    thread_parse_bytes: int = 256 * 1024
    rate_limit: int = 3000
    rate_window_s: int = 300
    rate_keys: int = 100_000
    trusted_proxies: int = 0
    strict_errors: bool = False
    heartbeat_s: float = 30.0
    send_timeout_s: float = 30.0
    subscriptions: int = 1000
    subscriptions_per_address: int = 100
