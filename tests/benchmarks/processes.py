"""Servers under test: started as child processes on loopback, waited for, and ended by their own process id."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.http_client import fetch
from tests.benchmarks.rounds import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

HOST = "127.0.0.1"
_POLL_S = 0.005


class ServerFailedError(Exception):
    """A server ended, or did not answer in time; the message carries the end of its log."""


def peak_resident_mb(pid: int) -> float:
    """Return the largest resident set of a process since its program began, in MB.

    Not `ru_maxrss`, which counts the parent's memory at the fork too.
    """
    return _status_kib(pid, "VmHWM") * 1024 / 1e6


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, its process id, and the seconds from its start to its first answer."""

    name: str
    port: int
    pid: int
    started_in_s: float
    log: Path

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the process while the block runs, so that what it has left to do costs the other side nothing."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def cpu_s(self) -> float:
        """Return the processor time that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def settled(self, *, quiet_s: float = 2.0, limit_s: float = 180) -> None:
        """Wait until the process has been idle for `quiet_s`: work left over from its start is not the load's fault.

        Raises:
            ServerFailedError: it was still busy after `limit_s`.
        """
        deadline = time.perf_counter() + limit_s
        while time.perf_counter() < deadline:
            before = self.cpu_s()
            await asyncio.sleep(quiet_s)
            if self.cpu_s() - before < 0.05 * quiet_s:
                return
        raise ServerFailedError(f"{self.name} was still busy {limit_s:.0f} s after its start")

    def resident_mb(self) -> float:
        """Return the resident set of the process now, in MB of 10^6 bytes."""
        return _status_kib(self.pid, "VmRSS") * 1024 / 1e6

    def peak_resident_mb(self) -> float:
        """Return the largest resident set that the process has had, in MB."""
        return peak_resident_mb(self.pid)


@contextlib.asynccontextmanager
async def running(
    name: str, argv: Sequence[str], *, env: Mapping[str, str], port: int, ready: str, log: Path, limit_s: float = 60
) -> AsyncIterator[Server]:
    """Start a server, wait until GET `ready` answers 200, and end it when the block ends.

    Raises:
        ServerFailedError: it ended by itself or did not answer within `limit_s`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        started = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=ROOT,
            env={**os.environ, **env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            await _answering(name, process, port, ready, log, started + limit_s)
            yield Server(name, port, process.pid, time.perf_counter() - started, log)
        finally:
            await _end(process)


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


async def command(argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a command to its end and return what it printed.

    Raises:
        ServerFailedError: it is missing, or its exit status is not 0; with the last lines of its output.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except FileNotFoundError as error:
        raise ServerFailedError(f"{argv[0]} is not installed") from error
    output = (await process.communicate())[0].decode(errors="replace")
    if process.returncode:
        raise ServerFailedError(f"{argv[0]} ended with {process.returncode}: {_tail(output)}")
    return output


async def _answering(
    name: str, process: asyncio.subprocess.Process, port: int, ready: str, log: Path, deadline: float
) -> None:
    while time.perf_counter() < deadline:
        if process.returncode is not None:
            break
        with contextlib.suppress(OSError, EOFError):
            if (await fetch(HOST, port, ready)).status == 200:
                return
        await asyncio.sleep(_POLL_S)
    raise ServerFailedError(f"{name} did not answer: {_end_of(log)}")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()


def _status_kib(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise ServerFailedError(f"this system does not tell {field} of a process")


def _end_of(log: Path) -> str:
    return _tail(log.read_text(encoding="utf-8", errors="replace"))


def _tail(text: str) -> str:
    return " | ".join(text.strip().splitlines()[-6:])[-800:]
