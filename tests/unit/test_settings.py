"""The table of settings."""

import pytest

from hub.settings import Settings


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_described(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description, f"HUB_{name.upper()} has no description"
    assert description[0].isupper() or description.startswith("shared_buffers"), description
    assert description.endswith("."), f"HUB_{name.upper()}: a description is a sentence"


def test_every_setting_has_a_default() -> None:
    """A hub starts with nothing set."""
    assert [name for name, field in Settings.model_fields.items() if field.is_required()] == []


def test_passwords_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_NEO4J_PASSWORD", "xyzzy")
    settings = Settings()
    assert settings.neo4j_password is not None
    assert settings.neo4j_password.get_secret_value() == "xyzzy"
    assert "xyzzy" not in repr(settings)
