"""docker/: what can be checked of it without a Docker engine."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.settings import Settings
from schema.build import DOMAINS
from tests.unit.docker.resolved import DOCKER, PROJECT, resolved

ENGINES = {"neo4j", "postgres", "kafka"}
SUBGRAPHS = {domain.name for domain in DOMAINS}
FORMS: dict[str, dict[str, Any]] = {
    name: resolved(name) for name in ("compose.yaml", "federation.yaml")
}
FEDERATION = FORMS["federation.yaml"]["services"]
SERVICES = [(form, name) for form, file in FORMS.items() for name in file["services"]]
HARDENED = {
    "read_only": True,
    "tmpfs": ["/tmp"],
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
}


def secret_names(service: dict[str, Any]) -> set[str]:
    return {
        each if isinstance(each, str) else each["source"] for each in service.get("secrets", [])
    }


def test_each_form_has_the_official_engines_and_what_answers() -> None:
    assert set(FORMS["compose.yaml"]["services"]) == {"hub", "ingest", *ENGINES}
    assert set(FEDERATION) == {"gateway", "ingest", *SUBGRAPHS, *ENGINES}
    for file in FORMS.values():
        assert set(file) == {"name", "services", "networks", "volumes", "secrets"}
        assert file["services"]["neo4j"]["image"] == "neo4j:5.26-community"
        assert file["services"]["postgres"]["image"] == "postgres:18"
        assert re.fullmatch(r"apache/kafka:4\.1\.\d+", file["services"]["kafka"]["image"])


@pytest.mark.parametrize(("form", "name"), SERVICES)
def test_all_that_a_service_refers_to_is_there(form: str, name: str) -> None:
    file = FORMS[form]
    service = file["services"][name]
    assert secret_names(service) <= set(file["secrets"])
    assert set(service["networks"]) <= set(file["networks"])
    for volume in service.get("volumes", []):
        source = volume.partition(":")[0]
        if source.startswith("."):
            assert (DOCKER / source).exists(), source
        else:
            assert source in file["volumes"]
    for other, condition in service.get("depends_on", {}).items():
        assert other in file["services"]
        assert condition == {"condition": "service_healthy"}
    if "build" in service:
        assert (DOCKER / service["build"]["context"]).resolve() == PROJECT
        assert (PROJECT / service["build"]["dockerfile"]).exists()
        stages = re.findall(r"^FROM .* AS (\w+)$", (DOCKER / "Dockerfile").read_text(), re.M)
        assert service["build"]["target"] in stages
        assert {key: service[key] for key in HARDENED} == HARDENED


@pytest.mark.parametrize("form", list(FORMS))
@pytest.mark.parametrize("name", sorted(ENGINES))
def test_each_engine_has_a_health_check_a_store_and_no_published_port(form: str, name: str) -> None:
    file = FORMS[form]
    service = file["services"][name]
    check = service["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)
    assert service["volumes"]
    assert service["networks"] == ["stores"]
    assert file["networks"]["stores"] == {"internal": True}


def test_one_port_is_published_and_on_loopback() -> None:
    published = {
        (form, name): FORMS[form]["services"][name]["ports"]
        for form, name in SERVICES
        if "ports" in FORMS[form]["services"][name]
    }
    assert published == {
        ("compose.yaml", "hub"): ["127.0.0.1:8000:8000"],
        ("federation.yaml", "gateway"): ["127.0.0.1:4000:4000"],
    }


@pytest.mark.parametrize("name", sorted(SUBGRAPHS))
def test_each_subgraph_has_a_container_at_the_address_that_the_supergraph_names(name: str) -> None:
    service = FEDERATION[name]
    assert service["command"] == ["serve", "--subgraph", name, "--port", "8000"]
    url = service["environment"]["HUB_SUBGRAPH_URL"].format(name=name)
    assert url == f"http://{name}:8000/graphql"
    assert set(service["networks"]) == {"front", "stores"}
    assert "hub-data:/data" in service["volumes"], "the keys that sign tokens and cursors"
    assert set(service["depends_on"]) == (ENGINES if name == "directory" else {"directory"})


def test_the_gateway_has_its_own_secret_and_no_other_key() -> None:
    gateway = FEDERATION["gateway"]
    assert secret_names(gateway) == {"hub_gateway_key"}
    assert all("hub_gateway_key" in FEDERATION[name]["secrets"] for name in SUBGRAPHS)
    assert gateway["volumes"] == ["gateway-data:/kept"]
    assert gateway["networks"] == ["front"]
    assert gateway["environment"] == {"HUB_GATEWAY_DIRECTORY": "http://directory:8000"}
    config = (PROJECT / "hub" / "gateway" / "gateway.config.mjs").read_text()
    assert "/run/secrets/hub_gateway_key" in config
    image = (DOCKER / "Dockerfile").read_text()
    told = {*gateway["environment"], *re.findall(r"HUB_GATEWAY_\w+", image)}
    assert all(f"process.env.{name}" in config for name in told)


def test_no_password_stands_in_the_files() -> None:
    for form, name in SERVICES:
        for key, value in FORMS[form]["services"][name].get("environment", {}).items():
            if re.search(r"PASSWORD|AUTH|SECRET|JAAS|KEY", key):
                assert str(value).startswith("/run/secrets/"), key
    for file in FORMS.values():
        for name, secret in file["secrets"].items():
            assert secret == {"file": f"./secrets/{name}"}
    assert "secrets/" in (DOCKER / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("form", list(FORMS))
def test_what_the_hub_is_told_are_settings(form: str) -> None:
    for service in FORMS[form]["services"].values():
        if service.get("image") != "city-hub":
            continue
        told = {*service["environment"], *map(str.upper, service["secrets"])}
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
    assert all(set(file["secrets"]) <= set(made) for file in FORMS.values())
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert made["neo4j_auth"] == f"neo4j/{made['hub_neo4j_password']}"
    assert made["password_service"] in made["hub_postgres_url"]
    passwords = [text for name, text in made.items() if name.startswith("password_")]
    assert len(set(passwords)) == len(passwords) == 6
    assert made["hub_gateway_key"] not in passwords
    secrets = [*passwords, made["hub_gateway_key"]]
    assert all(re.fullmatch(r"[0-9a-f]{48}", each) for each in secrets)


@pytest.mark.parametrize("form", list(FORMS))
def test_it_is_a_compose_file_by_the_specification(form: str) -> None:
    """As it is written, and with what it includes and extends put in place."""
    compose_spec = pytest.importorskip(
        "compose_spec", reason="the package compose-spec is not installed"
    )
    for part in (form, "engines.yaml", "service.yaml"):
        compose_spec.PyCompose.from_yaml((DOCKER / part).read_text())
    compose_spec.PyCompose.from_yaml(yaml.safe_dump(FORMS[form])).validate()


def test_the_image_is_set_up_by_the_script_that_make_uses() -> None:
    """The Dockerfile does nothing to the project but run bin/setup."""
    text = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ")
    runs = [line.removeprefix("RUN ") for line in text.splitlines() if line.startswith("RUN ")]
    steps = [step.strip() for run in runs for step in run.split("&&")]
    ours = [step for step in steps if not step.startswith(("apt-get", "rm -rf", "useradd"))]
    assert [step.split()[0] for step in ours] == ["bin/setup", "mv", "install", "install"]
    assert "bin/setup --service" in steps
    assert "bin/setup" in (PROJECT / "Makefile").read_text()
    assert os.access(PROJECT / "bin" / "setup", os.X_OK)


def test_the_dockerfile_is_sane() -> None:
    text = (DOCKER / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    stages = [line.split()[1::2] for line in lines if line.startswith("FROM ")]
    named = {name for _, *names in stages for name in names}
    bases = [base for base, *_ in stages if base not in named]
    assert all(re.search(r":[\w.-]+$", base) and "latest" not in base for base in bases)
    assert lines.count("USER cityhub") == sum(line.startswith("ENTRYPOINT") for line in lines) == 2
    assert sum(line.startswith("HEALTHCHECK") for line in lines) == 2
    assert not any(line.startswith("ADD ") for line in lines)
    assert not any("pip install" in line or "curl" in line for line in lines)
    assert text.count("apt-get update") == text.count("rm -rf /var/lib/apt/lists/*") == 2
    assert text.count("--no-install-recommends") == 2
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    assert {".git", ".venv", ".engines", "data", "docker/secrets"} <= set(ignored)
