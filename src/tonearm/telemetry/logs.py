"""Setting up logs: a line a message, as text for people or JSON for machines."""

from __future__ import annotations

import json
import logging
import sys
import time


def set_up_logs(level: str, form: str) -> None:
    """Send the logs of the whole process to standard error. `form` is `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())


class TextFormatter(logging.Formatter):
    """`2026-11-21T08:30:00.123Z info tonearm.app: Tonearm 0.1.0 serves on http://127.0.0.1:8070`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        """The time in UTC, to the millisecond."""
        del datefmt
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{record.msecs:03.0f}Z"


class JsonFormatter(TextFormatter):
    """One object a line: `time`, `level`, `logger`, `message`, and `exception` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record as JSON."""
        told = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)
