"""Which engines there are, and where the hub finds their stores."""

from hub.engines.engine import Engine
from hub.engines.folder import DataFolder
from hub.engines.kafka import USER as KAFKA_USER
from hub.engines.kafka import Kafka
from hub.engines.neo4j import Neo4j
from hub.engines.postgres import Postgres
from hub.settings import Settings
from resolvers.stores.addresses import StoreAddresses

NAMES = ("neo4j", "postgres", "kafka")


def engines_of(settings: Settings) -> dict[str, Engine]:
    """The three engines, by name."""
    folder = DataFolder(settings.data)
    return {kind.name: kind(settings, folder) for kind in (Neo4j, Postgres, Kafka)}


def addresses(settings: Settings) -> StoreAddresses:
    """Where the stores are, started ones and those that settings point at."""
    folder = DataFolder(settings.data)
    neo4j, postgres, kafka = (
        Neo4j(settings, folder),
        Postgres(settings, folder),
        Kafka(settings, folder),
    )
    given = settings.postgres_url
    return StoreAddresses(
        neo4j_url=settings.neo4j_url or f"bolt://127.0.0.1:{neo4j.port}",
        neo4j_user=settings.neo4j_user if neo4j.external else "neo4j",
        neo4j_password=(
            (settings.neo4j_password.get_secret_value() if settings.neo4j_password else "")
            if neo4j.external
            else neo4j.password
        ),
        postgres_service_dsn=given or postgres.dsn("hub_service"),
        postgres_owner_dsn=(settings.postgres_owner_url or given or postgres.dsn("hub_owner")),
        postgres_auditor_dsn=(
            settings.postgres_auditor_url or given or postgres.dsn("hub_auditor")
        ),
        kafka_servers=settings.kafka_servers or f"127.0.0.1:{kafka.port}",
        kafka_user=settings.kafka_user if kafka.external else KAFKA_USER,
        kafka_password=(
            (settings.kafka_password.get_secret_value() if settings.kafka_password else None)
            if kafka.external
            else kafka.password
        ),
        kafka_tls=settings.kafka_tls and kafka.external,
    )
