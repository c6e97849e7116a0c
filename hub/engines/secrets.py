"""Generated passwords and keys: files of mode 0600 in the data folder."""

import os
import secrets as randomness

from hub.engines.errors import EngineError
from hub.engines.files import write_once
from hub.engines.folder import DataFolder


def secret(folder: DataFolder, name: str) -> str:
    """The secret of this name, generated (32 random bytes, URL-safe text) on first use.

    A file that others could read is closed again. Raises EngineError if it is another user's.
    """
    path = folder.sub("secrets") / name
    if not path.exists():
        write_once(path, randomness.token_hex(32) + "\n")
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise EngineError(
            f"{path} belongs to another user (uid {found.st_uid}).",
            "Run hub as the user who made the data folder, or set HUB_DATA to another one.",
        )
    if found.st_mode & 0o077:
        path.chmod(0o600)
    text = path.read_text().strip()
    if not text:
        raise EngineError(f"{path} is empty.", "Put the password back, or start a new data folder.")
    return text
