"""Where the stores are and who the hub is to them."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StoreAddresses:
    """Addresses and sign-ins of the stores. Passwords are kept out of the repr.

    The PostgreSQL addresses are of one database as three roles: the service's (every day), the
    owner's (migrations) and the auditor's.
    """

    neo4j_url: str
    neo4j_user: str
    neo4j_password: str = field(repr=False)
    postgres_service_dsn: str = field(repr=False)
    postgres_owner_dsn: str = field(repr=False)
    postgres_auditor_dsn: str = field(repr=False)
    kafka_servers: str
    kafka_user: str | None = None
    kafka_password: str | None = field(default=None, repr=False)
    kafka_tls: bool = False

    def kafka_options(self) -> dict[str, Any]:
        """Keyword arguments every aiokafka client needs to reach this Kafka."""
        options: dict[str, Any] = {"bootstrap_servers": self.kafka_servers}
        transport = "SSL" if self.kafka_tls else "PLAINTEXT"
        if self.kafka_user is None:
            options["security_protocol"] = transport
            return options
        options["security_protocol"] = f"SASL_{transport}"
        options["sasl_mechanism"] = "PLAIN"
        options["sasl_plain_username"] = self.kafka_user
        options["sasl_plain_password"] = self.kafka_password or ""
        return options
