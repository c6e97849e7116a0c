"""kill -9 of an engine, then `hub up`: all that was acknowledged is there."""

import json
import os
import signal
import time
from pathlib import Path

import asyncpg
import neo4j
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from hub.engines import addresses
from resolvers.stores.addresses import StoreAddresses
from tests.engines_for_tests import hub, note_of, settings_for_tests


async def write_neo4j(at: StoreAddresses) -> None:
    driver = neo4j.AsyncGraphDatabase.driver(at.neo4j_url, auth=(at.neo4j_user, at.neo4j_password))
    async with driver:
        await driver.execute_query("UNWIND range(1, 1000) AS i CREATE (:Kept {i: i})")


async def count_neo4j(at: StoreAddresses) -> int:
    driver = neo4j.AsyncGraphDatabase.driver(at.neo4j_url, auth=(at.neo4j_user, at.neo4j_password))
    async with driver:
        found = await driver.execute_query("MATCH (n:Kept) RETURN count(n) AS n")
        return int(found.records[0]["n"])


async def write_postgres(at: StoreAddresses) -> None:
    connection = await asyncpg.connect(at.postgres_owner_dsn)
    await connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS i")
    await connection.close()


async def count_postgres(at: StoreAddresses) -> int:
    connection = await asyncpg.connect(at.postgres_owner_dsn)
    counted = await connection.fetchval("SELECT count(*) FROM kept")
    await connection.close()
    return int(counted)


async def write_kafka(at: StoreAddresses) -> None:
    admin = AIOKafkaAdminClient(**at.kafka_options())
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()
    producer = AIOKafkaProducer(**at.kafka_options(), enable_idempotence=True)
    await producer.start()
    for sent in [await producer.send("kept", b"%d" % i) for i in range(1000)]:
        await sent
    await producer.stop()


async def count_kafka(at: StoreAddresses) -> int:
    consumer = AIOKafkaConsumer("kept", **at.kafka_options(), auto_offset_reset="earliest")
    await consumer.start()
    count = 0
    while count < 1000:
        found = await consumer.getmany(timeout_ms=10_000)
        if not found:
            break
        count += sum(len(records) for records in found.values())
    await consumer.stop()
    return count


STORES = {
    "neo4j": (write_neo4j, count_neo4j),
    "postgres": (write_postgres, count_postgres),
    "kafka": (write_kafka, count_kafka),
}


@pytest.mark.parametrize("engine", list(STORES))
async def test_what_was_acknowledged_survives_a_kill(victims: Path, engine: str) -> None:
    write, count = STORES[engine]
    at = addresses(settings_for_tests(victims))
    await write(at)

    os.kill(int(str(note_of(victims, engine)["pid"])), signal.SIGKILL)
    states = {
        each["name"]: each["state"]
        for each in json.loads(hub(victims, "status", "--json").stdout)["engines"]
    }
    assert states == dict.fromkeys(STORES, "running") | {engine: "stopped"}

    begin = time.monotonic()
    again = hub(victims, "up", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["started"] == [engine]
    kept = await count(at)
    seconds = time.monotonic() - begin
    print(f"{engine}: {kept} of 1000 there, {seconds:.1f} s after kill -9")
    assert kept == 1000
