"""The hub's own keys: files of mode 0600 in the data folder's `keys/`, made at first need."""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from joserfc.jwk import OKPKey

from hub.errors import HubError


class Keys:
    """The keys in one folder. Several processes that start at once agree on the same keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def issuer(self) -> OKPKey:
        """The Ed25519 key tokens are signed with (RFC 8037), named by its thumbprint."""
        text = self._read_or_make("issuer.jwk", _new_issuer_key)
        try:
            return OKPKey.import_key(json.loads(text))
        except ValueError as error:
            raise HubError(
                f"{self.folder / 'issuer.jwk'} does not hold a key", "restore it from a backup"
            ) from error

    @cached_property
    def cursor(self) -> bytes:
        """The 32 bytes page cursors are signed with."""
        return bytes.fromhex(self._read_or_make("cursor.key", _new_secret).decode("ascii"))

    @cached_property
    def gateway(self) -> str:
        """The secret by which the hub's own gateway shows itself to the subgraphs."""
        return self._read_or_make("gateway.key", _new_secret).decode("ascii").strip()

    @cached_property
    def webhook(self) -> bytes:
        """The 32 bytes that webhooks' secrets are kept under."""
        return bytes.fromhex(self._read_or_make("webhook.key", _new_secret).decode("ascii"))

    def _read_or_make(self, name: str, make: Callable[[], bytes]) -> bytes:
        path = self.folder / name
        if not path.exists():
            self._write_once(path, make())
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise HubError(f"others may read the key {path} (mode {mode:o})", f"chmod 600 {path}")
        return path.read_bytes()

    def _write_once(self, path: Path, content: bytes) -> None:
        """Write the whole file or nothing; what another process wrote meanwhile stands."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                return
        finally:
            draft.unlink()


def _new_issuer_key() -> bytes:
    key = OKPKey.generate_key("Ed25519")
    return json.dumps({**key.as_dict(private=True), "kid": key.thumbprint()}).encode("ascii")


def _new_secret() -> bytes:
    return secrets.token_bytes(32).hex().encode("ascii")
