"""What stands before a server in the world: something that ends TLS for its name, and passes the rest on.

The certificate is made for the name and trusted by nobody; browsers under test are told to take it, and where the name
is (`switches`).
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

CHUNK_BYTES = 65_536


@dataclass(frozen=True)
class TlsFront:
    """A running front: `https://NAME` for a browser that is run with `switches`."""

    name: str
    port: int

    @property
    def url(self) -> str:
        return f"https://{self.name}"

    @property
    def switches(self) -> tuple[str, ...]:
        return (f"--host-resolver-rules=MAP {self.name}:443 127.0.0.1:{self.port}", "--ignore-certificate-errors")


@asynccontextmanager
async def tls_front(folder: Path, name: str, upstream_port: int) -> AsyncIterator[TlsFront]:
    """Answer `https://NAME` with what a server on a port of this machine says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", upstream_port)
            await asyncio.gather(_pass_on(reader, up_writer), _pass_on(up_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=_context(folder, name))
    try:
        yield TlsFront(name, server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def _context(folder: Path, name: str) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "front.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
