"""Back-off, signatures, secrets and slots."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from hub.webhooks.retrying import LONGEST, LONGEST_ASKED, pause_after, retry_after
from hub.webhooks.secrets import (
    Cipher,
    SecretLost,
    SecretRefused,
    new_secret,
    secret_bytes,
    signed_headers,
)
from hub.webhooks.slots import Slots

CLIENTS = Path(__file__).parents[2] / "clients"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_pauses_double_up_to_an_hour() -> None:
    whole = [pause_after(n, chance=1.0) for n in range(1, 16)]
    assert whole[:5] == [1, 2, 4, 8, 16]
    assert whole[-1] == LONGEST
    assert [pause_after(n, chance=0.0) for n in range(1, 16)] == [each / 2 for each in whole]
    assert pause_after(100_000) <= LONGEST
    days = sum(pause_after(n, chance=0.5) for n in range(1, 110)) / 86400
    assert days > 3


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0),
        (" 120 ", 120),
        ("9" * 400, LONGEST_ASKED),
        ("-1", None),
        ("1.5", None),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 01 Mar 2099 11:00:00 GMT", LONGEST_ASKED),
        ("soon", None),
        ("²", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_signatures_verify_with_both_secrets() -> None:
    first, second = new_secret(), new_secret()
    body = '{"名": 1}'.encode()
    now = int(datetime.now(UTC).timestamp())
    headers = signed_headers([secret_bytes(first), secret_bytes(second)], "msg_1", now, body)
    for secret in (first, second):
        assert Webhook(secret).verify(body, headers) == {"名": 1}


@pytest.mark.skipif(
    shutil.which("node") is None or not (CLIENTS / "node_modules" / "standardwebhooks").exists(),
    reason="no Node, or its packages are not installed: run bin/setup",
)
def test_signatures_verify_in_javascript() -> None:
    first, second, other = new_secret(), new_secret(), new_secret()
    body = '{"名": 1}'
    now = int(datetime.now(UTC).timestamp())
    keys = [secret_bytes(first), secret_bytes(second)]
    headers = signed_headers(keys, "msg_1", now, body.encode())

    def verified(secret: str) -> str | None:
        given = {"secret": secret, "headers": headers, "body": body}
        done = subprocess.run(
            ["node", str(CLIENTS / "webhook.mjs")],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.stdout if done.returncode == 0 else None

    assert json.loads(verified(first) or "null") == {"名": 1}
    assert json.loads(verified(second) or "null") == {"名": 1}
    assert verified(other) is None


@pytest.mark.parametrize(
    "text", ["", "whsec_", "whsec_QUJD", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=", "whsec_é" * 9]
)
def test_bad_secrets(text: str) -> None:
    with pytest.raises(SecretRefused):
        secret_bytes(text)


def test_secrets_are_kept_for_one_webhook() -> None:
    cipher = Cipher(b"k" * 32)
    kept = cipher.seal(b"secret", "wh_1")
    assert b"secret" not in kept
    assert cipher.seal(b"secret", "wh_1") != kept
    assert cipher.open(kept, "wh_1") == b"secret"
    for other, name in ((cipher, "wh_2"), (Cipher(b"l" * 32), "wh_1")):
        with pytest.raises(SecretLost):
            other.open(kept, name)


def test_half_of_the_slots_are_for_webhooks_without_one() -> None:
    slots, wake = Slots(4), asyncio.Event()
    assert slots.take(0, wake)
    assert slots.take(1, wake)
    assert not slots.take(2, wake)
    assert slots.take(0, wake)
    assert slots.take(0, wake)
    assert not slots.take(0, wake)
    assert not wake.is_set()
    slots.give()
    assert wake.is_set()
    assert slots.take(0, wake)
