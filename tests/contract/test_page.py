"""The page at `/` in a real browser: it works, and asks no other host for anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from hub.graphiql_page import DIST
from tests.contract.service import Service

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREENSHOT = Path(__file__).resolve().parents[2] / "build" / "screenshots" / "graphiql.png"

pytestmark = [
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="no Chromium: install Debian's package 'chromium'"
    ),
    pytest.mark.skipif(
        not (DIST / "index.html").exists(), reason="the page is not built: run bin/setup"
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield browser
        browser.close()


def test_the_page_runs_a_query_and_stays_at_home(browser: Browser, tiny: Service) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
    asked: list[Request] = []
    troubles: list[str] = []
    page.on("request", lambda request: asked.append(request))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    page.goto(tiny.url)
    expect(page).to_have_title("City Hub")
    expect(page.get_by_text("anonymous: places only")).to_be_visible()
    expect(page.locator(".graphiql-editor-tool").first).to_contain_text("370202V0000001")
    write(page, 'query Hello { hello(name: "天山") whoami { subject } }')
    expect(page.locator(".graphiql-tabs")).to_contain_text("Hello")
    run(page)
    answer = page.locator(".result-window")
    expect(answer).to_contain_text("hello 天山")
    expect(answer).to_contain_text("null")

    page.get_by_label("Token").fill(tiny.token("li", roles=["steward"]))
    expect(page.get_by_text("li · steward · until")).to_be_visible()
    run(page)
    expect(answer).to_contain_text('"li"')
    page.reload()
    expect(page.get_by_text("li · steward · until")).to_be_visible()

    SCREENSHOT.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SCREENSHOT))
    elsewhere = [request.url for request in asked if not at_home(request.url, tiny)]
    assert elsewhere == []
    assert troubles == []
    assert len(asked) > 5
    page.close()


def test_the_policy_holds_a_page_that_would_ask_elsewhere(browser: Browser, tiny: Service) -> None:
    page = browser.new_page()
    page.goto(tiny.url)
    refused = page.evaluate(
        "fetch('https://elsewhere.invalid/').then(() => 'answered', (error) => error.name)"
    )
    assert refused == "TypeError"
    script = page.evaluate(
        """new Promise((resolve) => {
            addEventListener("securitypolicyviolation", (e) => resolve(e.effectiveDirective));
            const script = document.createElement("script");
            script.src = "https://elsewhere.invalid/x.js";
            document.head.append(script);
        })"""
    )
    assert script == "script-src-elem"
    page.close()


def test_headers(tiny: Service) -> None:
    answer = httpx.get(tiny.url)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert httpx.get(f"{tiny.url}/graphiql/../settings.py").status_code == 404
    assert httpx.get(f"{tiny.url}/graphiql/%2e%2e/package.json").status_code == 404


def write(page: Page, query: str) -> None:
    page.locator(".graphiql-query-editor .monaco-editor").first.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(query.removesuffix("}"))  # the editor closes the first brace


def run(page: Page) -> None:
    page.locator(".graphiql-query-editor textarea").first.focus()
    page.keyboard.press("Control+Enter")


def at_home(url: str, service: Service) -> bool:
    return url.startswith((service.url + "/", "data:", "blob:"))
