"""Webhooks' secrets: made, kept encrypted, and signed with as Standard Webhooks says."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX = "whsec_"
NONCE = 12


class SecretRefused(Exception):
    """A secret no webhook can have; the text says what was expected."""


class SecretLost(Exception):
    """A kept secret that this hub's key does not open."""


def new_secret() -> str:
    """A secret of 32 random bytes, as it is shown."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def secret_bytes(text: str) -> bytes:
    """The bytes of a secret as it is shown. Raises SecretRefused."""
    try:
        found = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not text.startswith(PREFIX) or not 24 <= len(found) <= 64:
        raise SecretRefused(
            "the secret must be 'whsec_' and 24 to 64 bytes in base64; leave it out to get one"
        )
    return found


class Cipher:
    """Encrypts secrets, each for the one webhook it belongs to."""

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)

    def seal(self, secret: bytes, webhook: str) -> bytes:
        """A secret as it is kept: nonce, ciphertext and tag."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._aes.encrypt(nonce, secret, webhook.encode())

    def open(self, kept: bytes, webhook: str) -> bytes:
        """The secret. Raises SecretLost."""
        try:
            return self._aes.decrypt(kept[:NONCE], kept[NONCE:], webhook.encode())
        except InvalidTag:
            raise SecretLost(
                "the webhook's secret was kept under another key (keys/webhook.key): restore that "
                "from a backup, or give the webhook a new secret"
            ) from None


def signed_headers(keys: Iterable[bytes], message_id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers that prove who sent a body; `at` is in seconds since 1970."""
    told = f"{message_id}.{at}.".encode() + body
    signatures = [
        "v1," + base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
        for key in keys
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signatures),
    }
