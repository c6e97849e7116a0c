"""Every setting of the hub, in one described table.

A setting `x` is read from the environment variable `HUB_X`. Passwords that no variable gives are
generated into files of mode 0600 in the data folder.
"""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent
SECRETS = Path("/run/secrets")
"""In a container: a file `hub_x` here gives the setting `x`."""


class Settings(BaseSettings):
    """What can be set; each field's description is its documentation (a test holds that)."""

    model_config = SettingsConfigDict(
        env_prefix="HUB_", frozen=True, secrets_dir=SECRETS if SECRETS.is_dir() else None
    )

    # Where things are
    data: Path = Field(
        default=PROJECT / "data" / "demo",
        description="Data folder: the engines' stores, logs, passwords and evidence.",
    )
    engines: Path = Field(
        default=PROJECT / ".engines",
        description="Folder of the engines' software, filled at set-up.",
    )

    # The service
    host: str = Field(default="127.0.0.1", description="Address the service listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port the service listens on.")
    log_level: str = Field(
        default="info", description="Least severity that is logged: debug, info, warning or error."
    )
    otlp_endpoint: str | None = Field(
        default=None,
        description="OTLP/HTTP address that traces are sent to; none are made while empty.",
    )

    # Requests: limits, documents, waiting
    max_body_bytes: int = Field(
        default=1_000_000,
        ge=1_000,
        description="Largest request body, in bytes; larger ones get 413.",
    )
    max_document_bytes: int = Field(
        default=100_000, ge=100, description="Longest GraphQL document, in bytes of UTF-8."
    )
    max_tokens: int = Field(
        default=10_000,
        ge=10,
        description="Most tokens (names, braces, values …) in a GraphQL document.",
    )
    max_depth: int = Field(
        default=16, ge=1, description="Deepest nesting of fields in an operation, fragments spread."
    )
    max_root_fields: int = Field(
        default=20,
        ge=1,
        description="Most fields at the top of an operation, aliases counted each.",
    )
    max_aliases: int = Field(
        default=200, ge=0, description="Most aliased fields in an operation, fragments spread."
    )
    max_fields: int = Field(
        default=2_000, ge=1, description="Most fields in an operation, fragments spread."
    )
    default_page: int = Field(
        default=50,
        ge=1,
        description="Records of a list where the request gives neither first nor last.",
    )
    max_page: int = Field(default=1_000, ge=1, description="Most records of a list in one page.")
    max_nodes: int = Field(
        default=100_000,
        ge=1,
        description="Most records an operation may answer with, by its page sizes.",
    )
    document_cache: int = Field(
        default=1_000,
        ge=1,
        description="GraphQL documents kept parsed and validated, least used out.",
    )
    request_seconds: float = Field(
        default=30, gt=0, description="Time an operation may take before it gets DEADLINE_EXCEEDED."
    )
    introspection: bool = Field(
        default=True, description="Whether the schema can be asked for by introspection."
    )
    reference_executor: bool = Field(
        default=False,
        description="Whether a request may ask, by X-Hub-Executor: reference, to be answered by "
        "graphql-core's executor in place of the compiler; for tests.",
    )
    max_representations: int = Field(
        default=20_000,
        ge=1,
        description="Most records that a gateway may ask a subgraph for in one request.",
    )
    shutdown_seconds: int = Field(
        default=20, ge=0, description="Time running requests have to end after SIGTERM."
    )
    probe_seconds: float = Field(
        default=2, gt=0, description="Time a store has to answer /ready before it counts as down."
    )

    districts: str = Field(
        default="shinan",
        description="Districts served, by commas: names of shipped ones or paths of district.yaml. "
        "Records that mutations make must have codes of one of their patterns; empty: any.",
    )

    # Streams: subscriptions over WebSocket, SSE and multipart
    max_connections: int = Field(
        default=20_000,
        ge=10,
        description="Most sockets one process holds open, of any kind; further ones get 503.",
    )
    max_streams: int = Field(
        default=12_000,
        ge=1,
        description="Most WebSocket connections and streaming responses of one process; further "
        "ones get 503 (OVERLOADED).",
    )
    max_streams_per_caller: int = Field(
        default=200,
        ge=1,
        description="Most of them for one caller, by the token's subject or, without a token, by "
        "address; further ones get 429 or close code 1013 (TOO_MANY_STREAMS).",
    )
    max_new_streams: int = Field(
        default=2_000,
        ge=1,
        description="Most WebSocket connections of one process that have not sent connection_init "
        "yet; further ones get 503 (OVERLOADED).",
    )
    max_new_streams_per_address: int = Field(
        default=500,
        ge=1,
        description="Most of them from one address; those of the gateway are not counted.",
    )
    max_subscriptions: int = Field(
        default=100,
        ge=1,
        description="Most operations under way on one WebSocket connection; further ones get the "
        "error TOO_MANY_STREAMS.",
    )
    stream_groups_per_caller: int = Field(
        default=2_000,
        ge=1,
        description="Most different subscriptions (operation and variables) of one caller; further "
        "ones get TOO_MANY_STREAMS. Equal ones count once.",
    )
    stream_broad_per_caller: int = Field(
        default=200,
        ge=1,
        description="Most of them that name no camera, grid, venue or firm, and so must be tried "
        "on many events.",
    )
    stream_init_seconds: float = Field(
        default=5,
        gt=0,
        description="Time a WebSocket client has to send connection_init (close code 4408).",
    )
    stream_init_bytes: int = Field(
        default=8_192,
        ge=1_024,
        description="Largest message on a WebSocket before connection_init was accepted (close "
        "code 1009).",
    )
    stream_message_bytes: int = Field(
        default=262_144,
        ge=1_024,
        description="Largest message on a WebSocket afterwards (close code 1009).",
    )
    stream_ping_seconds: float = Field(
        default=20,
        gt=0,
        description="Time between pings on a WebSocket; a client that answers none of two is cut.",
    )
    stream_buffer_bytes: int = Field(
        default=262_144,
        ge=4_096,
        description="Bytes that may wait for a slow reader, per connection.",
    )
    stream_lag_seconds: float = Field(
        default=30,
        gt=0,
        description="Time a reader's buffer may stay full before its stream ends (close code 4413, "
        "READER_TOO_SLOW).",
    )
    stream_lag_events: int = Field(
        default=100_000,
        ge=1,
        description="Events that a slow reader may be behind before its stream ends.",
    )
    stream_log_events: int = Field(
        default=20_000, ge=10, description="Latest events kept in memory to resume streams from."
    )
    stream_log_bytes: int = Field(
        default=64_000_000, ge=10_000, description="Bytes of messages that they may take."
    )
    stream_replays: int = Field(
        default=4, ge=1, description="Reads of stored events for resumed streams at a time."
    )
    stream_store_seconds: float = Field(
        default=30,
        gt=0,
        description="Time a store may be away before the streams that need it end "
        "(STORE_UNAVAILABLE, with their cursor).",
    )
    heartbeat_seconds: float = Field(
        default=15,
        gt=0,
        description="Time without a message after which a stream gets its cursor as a heartbeat.",
    )

    # The federation: one subgraph per domain, and partners'
    subgraph: str | None = Field(
        default=None,
        description="The one domain to serve, as a subgraph; empty: the whole API (hub serve "
        "--subgraph).",
    )
    subgraph_url: str = Field(
        default="http://127.0.0.1:{port}/graphql",
        description="Address of the hub's own subgraphs; {name} is the domain, {port} its port.",
    )
    subgraph_port: int = Field(
        default=4001,
        ge=1,
        le=65535,
        description="Port of the first domain's subgraph; each further one has the next.",
    )
    gateway_port: int = Field(
        default=4000, ge=1, le=65535, description="Port the gateway listens on (make federated)."
    )
    gateway_key: SecretStr | None = Field(
        default=None,
        description="Secret by which the gateway shows itself to the subgraphs; a generated one, "
        "kept with the hub's keys, when empty.",
    )
    partner_bytes: int = Field(
        default=8_000_000,
        ge=1_000,
        description="Largest answer of a partner's subgraph, in bytes after decompression.",
    )
    partner_seconds: float = Field(
        default=2, gt=0, description="Time a partner's subgraph has for each request."
    )

    # Detections over HTTP (POST /ingest/events)
    ingest_entries: int = Field(
        default=1_000, ge=1, description="Most CloudEvents in one request to /ingest/events."
    )
    ingest_seconds: float = Field(
        default=10,
        gt=0,
        description="Time Kafka has to keep what came by /ingest/events before it gets 503.",
    )

    # Events
    topic_prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]{0,100}$",
        description="Stands before the name of every topic, group and transactional id, so that "
        "several hubs can share a Kafka.",
    )
    review_seconds: float = Field(
        default=10,
        gt=0,
        description="Time that reviewEvent waits for its verdict to be stored before it answers "
        "ACCEPTED.",
    )
    event_partitions: int = Field(
        default=6,
        ge=1,
        le=1_000,
        description="Partitions of the topics of events when they are made; at most so many "
        "processes share the work of hub ingest.",
    )
    event_batch: int = Field(
        default=2_000,
        ge=1,
        le=100_000,
        description="Most detections and reviews that ingest takes in one transaction.",
    )
    event_session_seconds: float = Field(
        default=10,
        ge=6,
        description="Time after which the partitions of an ingest process that is not heard of go "
        "to the others.",
    )
    event_silent_minutes: float = Field(
        default=30,
        gt=0,
        description="Time without an observation after which ingest closes an open event.",
    )
    event_memory_hours: float = Field(
        default=24,
        ge=0,
        description="Time ingest remembers a closed event; later it asks PostgreSQL.",
    )
    event_memory: int = Field(
        default=50_000,
        ge=0,
        description="Most closed events that ingest remembers of each partition, once PostgreSQL "
        "has them.",
    )

    # Webhooks
    webhooks_per_caller: int = Field(
        default=20, ge=0, description="Most webhooks of one caller (TOO_MANY_WEBHOOKS)."
    )
    webhook_private: bool = Field(
        default=False,
        description="Whether webhooks may lead to http, any port and private addresses; for "
        "receivers in the hub's own network, and tests.",
    )
    webhook_hours: float = Field(
        default=72,
        gt=0,
        description="Time in which a delivery that fails is tried again, before it is parked.",
    )
    webhook_overlap_hours: float = Field(
        default=24,
        ge=0,
        description="Time after a change of a webhook's secret in which both sign.",
    )
    webhook_waiting: int = Field(
        default=10_000,
        ge=1,
        description="Deliveries that may wait for one webhook; with more it stays where it is, so "
        "that nothing is lost.",
    )
    webhook_pause_minutes: float = Field(
        default=60,
        gt=0,
        description="Time without a delivery after which a webhook with so many waiting pauses.",
    )
    webhook_log_days: int = Field(
        default=14,
        ge=1,
        description="Time that ended deliveries, parked ones too, are kept in the log.",
    )

    # Callers
    issuer: str = Field(
        default="city-hub",
        description="Name (iss) the built-in issuer signs tokens with and accepts.",
    )
    audience: str = Field(
        default="city-hub", description="Audience (aud) a token must be made for."
    )
    token_leeway_seconds: int = Field(
        default=30, ge=0, description="Difference between clocks that a token's times may show."
    )
    max_token_bytes: int = Field(
        default=4_096,
        ge=256,
        description="Longest token that is looked at; longer ones are refused.",
    )

    # Engines that are already there: nothing is started for one whose address is given
    neo4j_url: str | None = Field(
        default=None,
        description="Address (bolt:// or neo4j://) of a Neo4j to use; none is started then.",
    )
    neo4j_user: str = Field(default="neo4j", description="User at HUB_NEO4J_URL.")
    neo4j_password: SecretStr | None = Field(default=None, description="Password at HUB_NEO4J_URL.")
    postgres_url: str | None = Field(
        default=None,
        description="Address (postgresql://user:password@host/database) of a PostgreSQL to use, "
        "as the service's role; none is started then.",
    )
    postgres_owner_url: str | None = Field(
        default=None,
        description="The same PostgreSQL as the role that owns the tables (migrations); "
        "HUB_POSTGRES_URL when empty.",
    )
    postgres_auditor_url: str | None = Field(
        default=None,
        description="The same PostgreSQL as the auditor's role; HUB_POSTGRES_URL when empty.",
    )
    kafka_servers: str | None = Field(
        default=None,
        description="Bootstrap servers (host:port, …) of a Kafka to use; none is started then.",
    )
    kafka_user: str | None = Field(
        default=None, description="User at HUB_KAFKA_SERVERS (SASL PLAIN); no sign-in while empty."
    )
    kafka_password: SecretStr | None = Field(
        default=None, description="Password at HUB_KAFKA_SERVERS."
    )
    kafka_tls: bool = Field(
        default=False, description="Whether HUB_KAFKA_SERVERS is reached over TLS."
    )

    # Engines that the hub starts (all on loopback)
    neo4j_port: int = Field(
        default=17687,
        ge=0,
        le=65535,
        description="Port of the started Neo4j; 0: a free one, remembered.",
    )
    neo4j_heap: str = Field(default="1g", description="Java heap of the started Neo4j, such as 1g.")
    neo4j_pagecache: str = Field(
        default="512m", description="Page cache of the started Neo4j; best as large as its store."
    )
    neo4j_transaction_timeout: str = Field(
        default="120s", description="Time after which the started Neo4j ends a transaction."
    )
    neo4j_transaction_memory: str = Field(
        default="512m", description="Memory that one transaction of the started Neo4j may take."
    )
    postgres_port: int = Field(
        default=15432,
        ge=0,
        le=65535,
        description="Port of the started PostgreSQL; 0: a free one, remembered.",
    )
    postgres_buffers: str = Field(
        default="256MB", description="shared_buffers of the started PostgreSQL."
    )
    postgres_connections: int = Field(
        default=100, ge=10, description="Connections the started PostgreSQL takes."
    )
    kafka_port: int = Field(
        default=19092,
        ge=0,
        le=65535,
        description="Port of the started Kafka; 0: a free one, remembered.",
    )
    kafka_controller_port: int = Field(
        default=19093,
        ge=0,
        le=65535,
        description="Port of the started Kafka's controller; 0: a free one, remembered.",
    )
    kafka_heap: str = Field(default="256m", description="Java heap of the started Kafka.")
    java: Path | None = Field(
        default=None, description="The java program to run; JAVA_HOME's or the path's when empty."
    )
    maven: str = Field(
        default="mvn", description="The Maven program that fetches the engines at set-up."
    )
    engine_user: str | None = Field(
        default=None,
        description="User that PostgreSQL runs as where the hub runs as root (it refuses root); "
        "when empty, the system user cityhub, made if need be.",
    )
    engine_start_seconds: float = Field(
        default=60, gt=0, description="Time an engine has to answer after its start."
    )
    engine_stop_seconds: float = Field(
        default=30, gt=0, description="Time an engine has to stop before it is killed."
    )
