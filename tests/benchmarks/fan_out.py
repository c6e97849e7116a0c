"""Fan-out: one topic, many subscribers in 50 groups; the hub beside what one writes without it."""

from __future__ import annotations

import asyncio
import signal
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.benchmarks.event_stage import FIELDS, GROUPS, MATCHED, Server, Subscribers, Topic
from tests.benchmarks.event_stage import subscribers as subscribing
from tests.benchmarks.report import PROJECT

NODE = PROJECT / "tests" / "clients" / "plain_graphql_ws.mjs"
ROUNDS = 3
SECONDS = 6.0
"""How long a round is to take, about."""
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 400, 800)
"""Events a second of the rounds at a steady rate: as many of them as a server can follow."""
STEP_SECONDS = 4.0
FOLLOWED_MS = 1_000
"""A server follows a rate if nothing is missing and the 99th percentile of latency is below."""
MOST_BURST = 1_200


async def fan_out(topic: Topic, count: int) -> dict[str, Any]:
    """The figures of each server with `count` subscribers, and the hub's as ratios to theirs."""
    found: dict[str, Any] = {
        "subscribers": count,
        "groups": "50: 40 by grid, 3 by community, 7 by type; each event is for three of them",
        "deliveries_per_event": count * MATCHED // len(GROUPS),
    }
    for name in ("strawberry", "graphql_ws", "hub"):
        with server(topic, name) as started:
            found[name] = await _one(topic, started, count)
        print(name, found[name], flush=True)
        await asyncio.sleep(2)
    hub = found["hub"]
    for name in ("strawberry", "graphql_ws"):
        found[f"ratio_{name}"] = {
            each: _ratio(hub, found[name], each)
            for each in ("deliveries_per_s", "deliveries_per_cpu_s", "followed_per_s")
        }
    return found


@contextmanager
def server(topic: Topic, name: str) -> Iterator[Server]:
    """One of the servers, by name."""
    if name == "hub":
        with topic.hub() as started:
            yield started
    else:
        plain = [sys.executable, "-m", "tests.benchmarks.plain_strawberry"]
        node = ["node", "--expose-gc", str(NODE)]
        with topic.peer(name, plain if name == "strawberry" else node) as started:
            yield started


def asked(name: str) -> list[dict[str, Any]]:
    """The subscriptions of the 50 groups, as a server takes them."""
    if name == "hub":
        query = f"subscription($f: EventFilter) {{ events(filter: $f) {{ {FIELDS} }} }}"
        return [{"query": query, "variables": {"f": _filter(each)}} for each in GROUPS]
    made = []
    for each in GROUPS:
        ((argument, value),) = each.items()
        query = f"subscription($v: String) {{ events({argument}: $v) {{ {FIELDS} }} }}"
        made.append({"query": query, "variables": {"v": value}})
    return made


def _filter(group: dict[str, str]) -> dict[str, Any]:
    ((name, value),) = group.items()
    return {"within": [value]} if name == "within" else {name: {"eq": value}}


async def _one(topic: Topic, started: Server, count: int) -> dict[str, Any]:
    async with subscribing() as clients:
        warm = 100
        await clients.open(started, asked(started.name), warm)
        await _burst(topic, started, clients, 5, warm)
        before = await _collected(started)
        opened = await clients.open(started, asked(started.name), count - warm)
        await asyncio.sleep(3)
        after = await _collected(started)
        found = {
            "opened": warm + opened["opened"],
            "opened_per_s": round(opened["opened"] / opened["seconds"]),
            "bytes_per_connection": round((after - before) / max(1, opened["opened"])),
        }
        open_now = found["opened"]
        rounds: list[dict[str, Any]] = [await _burst(topic, started, clients, 10, open_now)]
        for _ in range(ROUNDS):
            sized = rounds[-1]["deliveries_per_s"] * SECONDS * len(GROUPS) / MATCHED / open_now
            events = int(min(max(sized, 10), MOST_BURST))
            rounds.append(await _burst(topic, started, clients, events, open_now))
        best = max(rounds[1:], key=lambda each: each["deliveries_per_s"])
        found |= best
        rates = [each["deliveries_per_s"] for each in rounds[1:]]
        found["deliveries_per_s_median"] = statistics.median(rates)
        found["steady"] = steady = await _steps(topic, started, clients, open_now)
        found["followed_per_s"] = max(
            (each["deliveries_per_s"] for each in steady if each["followed"]), default=0
        )
        return found


async def _steps(
    topic: Topic, started: Server, clients: Subscribers, count: int
) -> list[dict[str, Any]]:
    """Faster and faster, until the server cannot follow, twice."""
    steps: list[dict[str, Any]] = []
    for rate in STEPS:
        for _ in range(2):
            told = await _steady(topic, started, clients, rate, count)
            told["followed"] = not told["missing"] and told["p99_ms"] < FOLLOWED_MS
            if told["followed"]:
                break
        steps.append({"events_per_s": rate, **told})
        if not told["followed"]:
            break
    return steps


async def _burst(
    topic: Topic, started: Server, clients: Subscribers, events: int, count: int
) -> dict[str, Any]:
    """Deliveries a second while more waits than can be delivered: from the first event's append
    to the last delivery."""
    await clients.ask("count")
    expected = events * count * MATCHED // len(GROUPS)
    used, began = started.used(), time.monotonic_ns()
    await topic.burst(events)
    told = await clients.ask("wait", messages=expected, seconds=60)
    told["seconds"] = (told["last"] - began) / 1e9
    return _told(told, started.used() - used, expected)


async def _steady(
    topic: Topic, started: Server, clients: Subscribers, rate: int, count: int
) -> dict[str, Any]:
    """Latency, and processor time, at a rate that the server can follow."""
    await asyncio.sleep(2)
    await clients.ask("count")
    used = started.used()
    events = await topic.steady(rate, STEP_SECONDS)
    expected = events * count * MATCHED // len(GROUPS)
    told = await clients.ask("wait", messages=expected, seconds=60)
    found = _told(told, started.used() - used, expected)
    times = ("p50_ms", "p99_ms", "longest_ms")
    return found | {name: round(told[name] or 1e6, 1) for name in times}


def _told(told: dict[str, Any], used: float, expected: int) -> dict[str, Any]:
    messages, seconds = told["messages"], max(told["seconds"], 1e-3)
    return {
        "deliveries": messages,
        "missing": expected - messages,
        "deliveries_per_s": round(messages / seconds),
        "deliveries_per_cpu_s": round(messages / max(used, 1e-3)),
        "cpu_s_per_100000": round(used / max(messages, 1) * 100_000, 2),
        "server_busy": round(used / seconds, 2),
        "client_busy": round(told["cpu_seconds"] / seconds, 2),
        "client_ceiling_per_s": round(messages / max(told["cpu_seconds"], 1e-3)),
    }


async def _collected(started: Server) -> int:
    """Resident bytes; the others collect their garbage first when they are told to."""
    if started.name != "hub":
        started.process.send_signal(signal.SIGUSR2)
        await asyncio.sleep(1)
    return started.memory()


def _ratio(hub: dict[str, Any], other: dict[str, Any], name: str) -> float:
    return round(float(hub[name] / max(other[name], 1)), 1)
