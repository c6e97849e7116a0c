"""docker/: what can be checked of it without a Docker engine."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.settings import Settings

PROJECT = Path(__file__).resolve().parents[3]
DOCKER = PROJECT / "docker"
ENGINES = {"neo4j", "postgres", "kafka"}
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


def secret_names(service: dict[str, Any]) -> set[str]:
    return {
        each if isinstance(each, str) else each["source"] for each in service.get("secrets", [])
    }


def test_it_has_the_hub_and_the_official_engines() -> None:
    assert set(COMPOSE) <= {"name", "services", "networks", "volumes", "secrets"}
    assert set(SERVICES) == {"hub", *ENGINES}
    assert SERVICES["neo4j"]["image"] == "neo4j:5.26-community"
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert re.fullmatch(r"apache/kafka:4\.1\.\d+", SERVICES["kafka"]["image"])


@pytest.mark.parametrize("name", list(SERVICES))
def test_all_that_a_service_refers_to_is_there(name: str) -> None:
    service = SERVICES[name]
    assert secret_names(service) <= set(COMPOSE["secrets"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    for volume in service.get("volumes", []):
        source = volume.partition(":")[0]
        if source.startswith("."):
            assert (DOCKER / source).exists(), source
        else:
            assert source in COMPOSE["volumes"]
    for other, condition in service.get("depends_on", {}).items():
        assert other in SERVICES
        assert condition == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_each_engine_has_a_health_check_a_store_and_no_published_port(name: str) -> None:
    service = SERVICES[name]
    check = service["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)
    assert "ports" not in service
    assert service["volumes"]
    assert service["networks"] == ["stores"]
    assert COMPOSE["networks"]["stores"] == {"internal": True}


def test_only_the_hub_is_published_and_on_loopback() -> None:
    assert SERVICES["hub"]["ports"] == ["127.0.0.1:8000:8000"]
    assert set(SERVICES["hub"]["depends_on"]) == ENGINES


def test_no_password_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|AUTH|SECRET|JAAS", key):
                assert str(value).startswith("/run/secrets/"), key
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    assert "secrets/" in (DOCKER / ".gitignore").read_text().splitlines()


def test_what_the_hub_is_told_are_settings() -> None:
    told = {*SERVICES["hub"]["environment"], *map(str.upper, SERVICES["hub"]["secrets"])}
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    assert told <= known
    # Every engine is another's, so the hub starts none in its container.
    assert {"HUB_NEO4J_URL", "HUB_POSTGRES_URL", "HUB_KAFKA_SERVERS"} <= told


def test_make_secrets_makes_what_the_file_names_and_keeps_it(tmp_path: Path) -> None:
    script = tmp_path / "make-secrets"
    script.write_text((DOCKER / "make-secrets").read_text())
    for _ in range(2):
        subprocess.run(["sh", script], check=True, capture_output=True)
        made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
        before = locals().get("before", made)
        assert made == before
    assert set(COMPOSE["secrets"]) <= set(made)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert made["neo4j_auth"] == f"neo4j/{made['hub_neo4j_password']}"
    assert made["password_service"] in made["hub_postgres_url"]
    passwords = [text for name, text in made.items() if name.startswith("password_")]
    assert len(set(passwords)) == len(passwords) == 6
    assert all(re.fullmatch(r"[0-9a-f]{48}", each) for each in passwords)


def test_it_is_a_compose_file_by_the_specification() -> None:
    compose_spec = pytest.importorskip(
        "compose_spec", reason="the package compose-spec is not installed"
    )
    compose_spec.PyCompose.from_yaml((DOCKER / "compose.yaml").read_text()).validate()


def test_the_image_is_set_up_by_the_script_that_make_uses() -> None:
    """The Dockerfile does nothing to the project but run bin/setup."""
    text = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ")
    runs = [line.removeprefix("RUN ") for line in text.splitlines() if line.startswith("RUN ")]
    steps = [step.strip() for run in runs for step in run.split("&&")]
    ours = [step for step in steps if not step.startswith(("apt-get", "rm -rf", "useradd"))]
    assert [step.split()[0] for step in ours] == ["bin/setup", "install"]
    assert "bin/setup --service" in steps
    assert "bin/setup" in (PROJECT / "Makefile").read_text()
    assert os.access(PROJECT / "bin" / "setup", os.X_OK)


def test_the_dockerfile_is_sane() -> None:
    text = (DOCKER / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert all(re.search(r":[\w.-]+$", base) and "latest" not in base for base in bases)
    assert "USER cityhub" in lines
    assert not any(line.startswith("ADD ") for line in lines)
    assert not any("pip install" in line or "curl" in line for line in lines)
    assert text.count("apt-get update") == text.count("rm -rf /var/lib/apt/lists/*") == 2
    assert text.count("--no-install-recommends") == 2
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    assert {".git", ".venv", ".engines", "data", "docker/secrets"} <= set(ignored)
