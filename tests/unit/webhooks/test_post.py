"""Requests go to the address that was checked, under the name that was given."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.webhooks.names import Names
from hub.webhooks.post import Post
from hub.webhooks.target import Target

NAME = "receiver.example"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for the name, its own authority, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, secret


@asynccontextmanager
async def answering(
    answer: bytes, heads: list[str], context: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """A port where each request gets these bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            writer.write(answer)
            await writer.drain()
            await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


def resolving(log: list[str], *addresses: str) -> Names:
    async def resolve(host: str, port: int) -> Sequence[str]:
        log.append(host)
        return addresses

    return Names(private=True, resolve=resolve)


async def test_the_name_is_looked_up_once_and_kept_for_tls_and_host(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*pair)
    seen: list[str | None] = []
    server.sni_callback = lambda _, name, __: seen.append(name)  # type: ignore[assignment]
    heads: list[str] = []
    log: list[str] = []
    async with answering(b"HTTP/1.1 204 No\r\n\r\n", heads, server) as port:
        names = resolving(log, "127.0.0.1")
        trusting = ssl.create_default_context(cafile=str(pair[0]))
        post = Post(Target("https", NAME, port, "/a?b"), names, trusting)

        def no_name(host: object, *args: object, **kwargs: object) -> object:
            assert host in ("127.0.0.1", b"127.0.0.1", None), f"{host!r} was looked up again"
            return real(host, *args, **kwargs)  # type: ignore[arg-type]

        real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", no_name)
        outcome = await post.send(b"{}", {"webhook-id": "1"})
        await post.close()
        other = Post(Target("https", "other.example", port, "/"), names, trusting)
        refused = await other.send(b"{}", {})
        await other.close()
        names.close()
    assert outcome.delivered, outcome
    assert heads[0].startswith(f"POST /a?b HTTP/1.1\r\nHost: {NAME}:{port}\r\n")
    assert seen[0] == NAME
    assert log == [NAME, "other.example"]
    assert refused.error == "TLS failed: the certificate is not valid for the host"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 100_000, None),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nnot",
            None,
        ),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "302"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "HTTP 500"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", "no answer within"),
    ],
)
async def test_answers(answer: bytes, error: str | None) -> None:
    async with answering(answer, []) as port:
        names = resolving([], "127.0.0.1")
        post = Post(Target("http", NAME, port, "/"), names, httpx.create_ssl_context(), seconds=1)
        outcome = await post.send(b"{}", {})
        await post.close()
        names.close()
    if error is None:
        assert outcome.delivered, outcome
    else:
        assert error in (outcome.error or ""), outcome


async def test_the_next_address_is_tried_where_one_takes_no_connection() -> None:
    heads: list[str] = []
    async with answering(b"HTTP/1.1 204 No\r\n\r\n", heads) as port:
        names = resolving([], "127.0.0.2", "127.0.0.1")
        post = Post(Target("http", NAME, port, "/"), names, httpx.create_ssl_context())
        outcome = await post.send(b"{}", {})
        await post.close()
        names.close()
    assert outcome.delivered, outcome
    assert len(heads) == 1
