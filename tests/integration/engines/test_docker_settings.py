"""What docker/ hands to the official images, tried on engines of the same versions."""

import os
import re
import signal
import subprocess
from pathlib import Path

import asyncpg
import pytest

from hub.engines.folder import DataFolder
from hub.engines.kafka import Kafka
from hub.engines.ports import choose
from hub.engines.postgres import Postgres
from hub.engines.start import start
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.probes import probe_kafka
from tests.engines_for_tests import hub, note_of, settings_for_tests

DOCKER = Path(__file__).resolve().parents[3] / "docker"


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The passwords that docker/make-secrets makes."""
    script = tmp_path / "make-secrets"
    script.write_text((DOCKER / "make-secrets").read_text())
    subprocess.run(["sh", script], check=True, capture_output=True)
    return tmp_path / "secrets"


async def test_kafka_starts_with_the_settings_of_its_container(data: Path, secrets: Path) -> None:
    """Only host, ports and folder differ from what the container reads."""
    clients, controller = choose(set()), choose(set())
    text = (secrets / "kafka_server.properties").read_text()
    text = text.replace("kafka:", "127.0.0.1:").replace("//:", "//127.0.0.1:")
    text = text.replace(":9092", f":{clients}").replace(":9093", f":{controller}")
    text = re.sub(r"log\.dirs=.*", f"log.dirs={data / 'kafka' / 'data'}", text)

    class FromDocker(Kafka):
        def _configuration(self) -> str:
            return text

    settings = settings_for_tests(data, kafka_port=clients, kafka_controller_port=controller)
    password = (secrets / "hub_kafka_password").read_text()
    DataFolder(data).sub("secrets")
    (data / "secrets" / "kafka-password").write_text(password)
    (data / "secrets" / "kafka-password").chmod(0o600)
    await start(FromDocker(settings, DataFolder(data)), [], lambda name, told: None)
    at = StoreAddresses("", "", "", "", "", "", f"127.0.0.1:{clients}", "hub", password)
    assert (await probe_kafka(at)).answers
    wrong = StoreAddresses("", "", "", "", "", "", f"127.0.0.1:{clients}", "hub", "wrong")
    assert not (await probe_kafka(wrong)).answers
    hub(data, "down")


async def test_the_roles_of_the_postgres_container(data: Path, secrets: Path) -> None:
    started = hub(data, "up", "postgres")
    assert started.returncode == 0, started.stderr
    settings = settings_for_tests(data)
    engine = Postgres(settings, DataFolder(data))
    psql = engine._program("psql")
    pid = int(str(note_of(data, "postgres")["pid"]))
    access = data / "postgres" / "data" / "pg_hba.conf"
    environment = os.environ | {
        "PATH": f"{psql.parent}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(engine.port),
        "POSTGRES_USER": "postgres",
        "SECRETS": str(secrets),
    }

    def run(*command: str) -> None:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    access.write_text("host all all 127.0.0.1/32 trust\n")  # as inside the container
    os.kill(pid, signal.SIGHUP)
    superuser = ("psql", "--username=postgres", "--dbname=postgres", "--command")
    run(*superuser, "DROP DATABASE hub")
    run(*superuser, "DROP ROLE hub_owner, hub_service, hub_auditor")
    run("sh", str(DOCKER / "roles.sh"))
    access.write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    os.kill(pid, signal.SIGHUP)

    for role in ("", "_owner", "_auditor"):
        dsn = (secrets / f"hub_postgres{role}_url").read_text()
        connection = await asyncpg.connect(dsn.replace("postgres:5432", f"127.0.0.1:{engine.port}"))
        assert await connection.fetchval("SELECT current_database()") == "hub"
        await connection.close()
    hub(data, "down")
