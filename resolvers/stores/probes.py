"""Does a store answer? One small question to each, with a bound on the time it may take."""

import asyncio
import logging
from dataclasses import dataclass

import asyncpg
import neo4j
from aiokafka.admin import AIOKafkaAdminClient

from resolvers.stores.addresses import StoreAddresses

# They warn of each failed attempt; the answer tells it once.
for _driver in ("neo4j", "aiokafka"):
    logging.getLogger(_driver).addHandler(logging.NullHandler())
logging.getLogger("aiokafka").addFilter(
    lambda said: not said.getMessage().startswith("Unable connect")
)
# It also warns of each sign-in without TLS; the started Kafka is on loopback.
logging.getLogger("aiokafka.conn").addFilter(lambda said: "in the clear" not in said.getMessage())


@dataclass(frozen=True, slots=True)
class Answer:
    """What a store said: its version where it tells one, or why it did not answer."""

    store: str
    address: str
    answers: bool
    version: str | None = None
    error: str | None = None
    refused: bool = False
    """It is there but does not let us in (a wrong password), so waiting does not help."""


async def probe_neo4j(at: StoreAddresses, seconds: float = 5) -> Answer:
    """Sign in to Neo4j and run one statement on the graph's database."""
    version: str | None = None
    try:
        async with (
            asyncio.timeout(seconds),
            neo4j.AsyncGraphDatabase.driver(
                at.neo4j_url,
                auth=(at.neo4j_user, at.neo4j_password),
                connection_timeout=seconds,
                max_transaction_retry_time=0,
                telemetry_disabled=True,
            ) as driver,
            driver.session() as session,
        ):
            result = await session.run("RETURN 1")
            summary = await result.consume()
            version = str(summary.server.agent).removeprefix("Neo4j/")
    except (neo4j.exceptions.AuthError, neo4j.exceptions.ConfigurationError) as error:
        return Answer("neo4j", at.neo4j_url, False, None, _reason(error), refused=True)
    except (neo4j.exceptions.Neo4jError, neo4j.exceptions.DriverError, OSError) as error:
        return Answer("neo4j", at.neo4j_url, False, None, _reason(error))
    return Answer("neo4j", at.neo4j_url, True, version)


async def probe_postgres(at: StoreAddresses, seconds: float = 5) -> Answer:
    """Sign in to PostgreSQL as the service and ask its version."""
    address = at.postgres_service_dsn.rpartition("@")[2]
    try:
        async with asyncio.timeout(seconds):
            connection = await asyncpg.connect(at.postgres_service_dsn, timeout=seconds)
            try:
                version = str(await connection.fetchval("SHOW server_version")).split()[0]
            finally:
                await connection.close(timeout=seconds)
    except (
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
    ) as error:
        return Answer("postgres", address, False, None, _reason(error), refused=True)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        return Answer("postgres", address, False, None, _reason(error))
    return Answer("postgres", address, True, version)


async def probe_kafka(at: StoreAddresses, seconds: float = 5) -> Answer:
    """Ask Kafka for its brokers and its controller. It tells no version."""
    try:
        async with asyncio.timeout(seconds):
            client = AIOKafkaAdminClient(
                **at.kafka_options(), request_timeout_ms=int(seconds * 1000)
            )
            try:
                await client.start()
                cluster = await client.describe_cluster()
            finally:
                await client.close()
    # aiokafka raises plain Exceptions of its own tree, and some of asyncio's.
    except Exception as error:
        refused = "Authentication" in type(error).__name__
        return Answer("kafka", at.kafka_servers, False, None, _reason(error), refused=refused)
    ready = bool(cluster.get("brokers")) and cluster.get("controller_id", -1) >= 0
    error_text = None if ready else "no broker has joined yet"
    return Answer("kafka", at.kafka_servers, ready, None, error_text)


def _reason(error: BaseException) -> str:
    text = str(error).splitlines()[0] if str(error) else ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
