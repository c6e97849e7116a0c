"""The unprivileged user that PostgreSQL runs as, since it refuses to run as root."""

import functools
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hub.engines.errors import EngineError
from hub.settings import Settings

NAME = "cityhub"


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the system, by number."""

    uid: int
    gid: int

    def reaches(self, path: Path) -> bool:
        """Whether this user may enter the folder, through all the folders above it."""
        test = shutil.which("test") or "/usr/bin/test"
        done = subprocess.run(
            [test, "-x", str(path)], user=self.uid, group=self.gid, extra_groups=[], cwd="/"
        )
        return done.returncode == 0

    def take(self, path: Path) -> None:
        """Own a folder with all that is in it."""
        for folder, _, names in os.walk(path):
            for each in (Path(folder), *(Path(folder) / name for name in names)):
                os.chown(each, self.uid, self.gid, follow_symlinks=False)


def account(settings: Settings) -> Account | None:
    """The user for PostgreSQL; None where the hub itself is no root and stays who it is.

    HUB_ENGINE_USER if set, else the system user cityhub, which is made on first use; where that
    cannot be made, nobody. Raises EngineError if the set user does not exist or is root.
    """
    return _account(settings.engine_user) if os.geteuid() == 0 else None


@functools.cache
def _account(wanted: str | None) -> Account:
    for name in (wanted,) if wanted else (NAME, None, "nobody"):
        if name is None:
            _make()
            name = NAME
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid != 0:
            return Account(found.pw_uid, found.pw_gid)
    raise EngineError(
        f"PostgreSQL does not run as root, and there is no user {wanted or NAME} to run it as.",
        "Make one (useradd --system cityhub) or name one in HUB_ENGINE_USER.",
    )


def _make() -> None:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:" + os.environ.get("PATH", ""))
    if program is None:
        return
    subprocess.run(
        [
            *(program, "--system", "--user-group", "--no-create-home"),
            *("--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"),
            *("--comment", "City Hub's PostgreSQL", NAME),
        ],
        capture_output=True,
        check=False,
    )
