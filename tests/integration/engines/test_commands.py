"""`hub up`, `hub status` and `hub down` as a person or a script uses them."""

import json
import stat
from pathlib import Path

from hub.engines import addresses
from hub.engines.process import ProcessNote
from hub.settings import Settings
from tests.engines_for_tests import hub, note_of, settings_for_tests


def test_status_tells_machines_everything(victims: Path) -> None:
    told = json.loads(hub(victims, "status", "--json").stdout)
    assert told["data"] == str(victims)
    assert [each["name"] for each in told["engines"]] == ["neo4j", "postgres", "kafka"]
    versions = {each["name"]: each["version"] for each in told["engines"]}
    assert versions == {"neo4j": "5.26.30", "postgres": "18.6", "kafka": "4.1.2"}
    for each in told["engines"]:
        assert each["state"] == "running"
        assert each["pid"] > 0
        assert each["sizeBytes"] > 10_000
        assert Path(each["log"]).exists()
        assert "127.0.0.1" in each["address"]
        assert each["error"] is None


def test_status_tells_people_and_ends_with_zero(victims: Path) -> None:
    told = hub(victims, "status")
    assert told.returncode == 0
    for word in ("Neo4j", "PostgreSQL", "Kafka", "running", "5.26.30", "neo4j.log"):
        assert word in told.stdout


def test_up_again_starts_nothing(victims: Path) -> None:
    before = note_of(victims, "neo4j")
    assert json.loads(hub(victims, "up", "--json").stdout)["started"] == []
    assert note_of(victims, "neo4j") == before


def test_one_engine_is_stopped_and_started_alone(victims: Path) -> None:
    assert json.loads(hub(victims, "down", "postgres", "--json").stdout)["stopped"] == ["postgres"]
    told = hub(victims, "status", "--json")
    assert told.returncode == 3
    states = {each["name"]: each["state"] for each in json.loads(told.stdout)["engines"]}
    assert states == {"neo4j": "running", "postgres": "stopped", "kafka": "running"}
    assert json.loads(hub(victims, "up", "postgres", "--json").stdout)["started"] == ["postgres"]


def test_an_unknown_engine_is_refused(victims: Path) -> None:
    told = hub(victims, "up", "mongo")
    assert told.returncode == 2
    assert "mongo is none of neo4j, postgres, kafka" in told.stderr


def test_nothing_listens_beyond_loopback_and_nothing_is_open_to_others(victims: Path) -> None:
    configuration = (victims / "neo4j" / "conf" / "neo4j.conf").read_text()
    assert "dbms.usage_report.enabled=false" in configuration
    for name in ("secrets", "neo4j", "kafka", "postgres", "logs", "run"):
        assert stat.S_IMODE((victims / name).stat().st_mode) == 0o700, name
    for secret in (victims / "secrets").iterdir():
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600, secret
    listening = []
    for engine in ("neo4j", "postgres", "kafka"):
        pid = int(str(note_of(victims, engine)["pid"]))
        inodes = {
            link.readlink().name
            for link in Path(f"/proc/{pid}/fd").iterdir()
            if link.is_symlink() and "socket:" in str(link.readlink())
        }
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                    listening.append(fields[1].rpartition(":")[0])
    assert len(listening) >= 4
    assert {each[-8:] for each in listening} == {"0100007F"}  # 127.0.0.1


def test_two_data_folders_run_side_by_side(victims: Path, engines: Settings) -> None:
    """The session's engines and these run at once, on ports and with passwords of their own."""
    ours, theirs = addresses(settings_for_tests(victims)), addresses(engines)
    assert ours.neo4j_url != theirs.neo4j_url
    assert ours.kafka_servers != theirs.kafka_servers
    assert ours.postgres_service_dsn != theirs.postgres_service_dsn
    assert ours.neo4j_password != theirs.neo4j_password
    for folder in (victims, engines.data):
        told = json.loads(hub(folder, "status", "--json").stdout)
        assert {each["state"] for each in told["engines"]} == {"running"}


def test_a_note_that_names_another_process_is_not_believed(victims: Path) -> None:
    """A reused process number, or a lost note: the engine is found by its arguments."""
    true = note_of(victims, "kafka")
    path = victims / "run" / "kafka.json"
    other = ProcessNote.of(1)
    assert other is not None
    stale = {"pid": 1, "boot": other.boot, "started": "1"}
    path.write_text(json.dumps(stale))
    assert json.loads(hub(victims, "up", "--json").stdout)["started"] == []
    assert note_of(victims, "kafka") == true
    path.unlink()
    told = json.loads(hub(victims, "status", "--json").stdout)["engines"][2]
    assert (told["state"], told["pid"]) == ("running", true["pid"])


def test_loosened_permissions_are_closed_again(victims: Path) -> None:
    hub(victims, "down", "postgres")
    (victims / "secrets" / "neo4j-password").chmod(0o644)
    (victims / "postgres" / "data").chmod(0o755)
    again = hub(victims, "up")
    assert again.returncode == 0, again.stderr
    assert stat.S_IMODE((victims / "secrets" / "neo4j-password").stat().st_mode) == 0o600
    assert stat.S_IMODE((victims / "postgres" / "data").stat().st_mode) == 0o700


def test_down_from_another_shell_stops_all(victims: Path) -> None:
    assert json.loads(hub(victims, "down", "--json").stdout)["stopped"] == [
        "neo4j",
        "postgres",
        "kafka",
    ]
    assert "No engine was running" in hub(victims, "down").stdout
    again = hub(victims, "up")
    assert again.returncode == 0, again.stderr
    logs = {log.name for log in (victims / "logs").iterdir()}
    assert {"neo4j.log", "neo4j.log.1", "kafka.log", "postgres.log"} <= logs
