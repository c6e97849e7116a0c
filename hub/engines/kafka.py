"""Apache Kafka (KRaft, one node that is broker and controller) as a child process."""

import base64
import shutil
import subprocess
import uuid

from hub.engines.errors import EngineError
from hub.engines.files import write_private
from hub.engines.java import JavaEngine, find_java
from hub.engines.ports import port_of
from hub.engines.secrets import secret
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.probes import Answer, probe_kafka

USER = "hub"
LOGGING = """\
Configuration:
  status: error
  Appenders:
    Console: {name: out, PatternLayout: {pattern: "%d{ISO8601} %p %c{1} %m%n"}}
  Loggers:
    Root: {level: info, AppenderRef: {ref: out}}
    Logger:
      - {name: org.apache.kafka.common.config.AbstractConfig, level: warn}
      - {name: kafka.server.KafkaConfig, level: warn}
"""


class Kafka(JavaEngine):
    """Detections, events and graph changes. Listens on loopback only; clients sign in."""

    name = "kafka"
    title = "Kafka"
    external_setting = "kafka_servers"
    port_names = ("kafka", "kafka_controller")

    @property
    def port(self) -> int:
        """Where it listens for clients."""
        return port_of(self.folder, "kafka", self.settings.kafka_port)

    @property
    def controller_port(self) -> int:
        """Where its controller listens."""
        setting = self.settings.kafka_controller_port
        return port_of(self.folder, "kafka_controller", setting)

    @property
    def password(self) -> str:
        """The generated password of the user `hub`."""
        return secret(self.folder, "kafka-password")

    @property
    def signature(self) -> frozenset[str]:
        return frozenset(("kafka.Kafka", str(self.home / "server.properties")))

    async def probe(self, at: StoreAddresses) -> Answer:
        return await probe_kafka(at)

    def prepare(self) -> None:
        write_private(self.home / "server.properties", self._configuration())
        write_private(self.home / "log4j2.yaml", LOGGING)
        if not (self.home / "data" / "meta.properties").exists():
            self._format()

    @property
    def heap(self) -> str:
        return self.settings.kafka_heap

    def program(self) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self.home / 'log4j2.yaml'}"
        return [logging, "kafka.Kafka", str(self.home / "server.properties")]

    def _configuration(self) -> str:
        clients = f"CLIENTS://127.0.0.1:{self.port}"
        sign_in = (
            "org.apache.kafka.common.security.plain.PlainLoginModule required "
            f'username="{USER}" password="{self.password}" user_{USER}="{self.password}";'
        )
        values: dict[str, str | int] = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "listeners": f"{clients},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": clients,
            "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
            "inter.broker.listener.name": "CLIENTS",
            "controller.listener.names": "CONTROLLER",
            "sasl.enabled.mechanisms": "PLAIN",
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "sasl.mechanism.controller.protocol": "PLAIN",
            "listener.name.clients.plain.sasl.jaas.config": sign_in,
            "listener.name.controller.plain.sasl.jaas.config": sign_in,
            "log.dirs": str(self.home / "data"),
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": 0,
            # One node: nothing is copied, and the inner topics stay small.
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 8,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 8,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "share.coordinator.state.topic.num.partitions": 1,
            # After kill -9 the node may join again only when its last session has run out.
            "broker.session.timeout.ms": 4000,
            "broker.heartbeat.interval.ms": 1000,
        }
        return "".join(f"{key}={value}\n" for key, value in values.items())

    def _format(self) -> None:
        """Make the empty store; one half made by an interrupted start goes first."""
        shutil.rmtree(self.home / "data", ignore_errors=True)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        jars = self.class_path
        configuration = str(self.home / "server.properties")
        command = [
            *(find_java(self.settings), "-XX:TieredStopAtLevel=1", "-cp", jars),
            f"-Dlog4j2.configurationFile={self.home / 'log4j2.yaml'}",
            *("kafka.tools.StorageTool", "format", f"--cluster-id={cluster}"),
            *("--config", configuration),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            told = (done.stderr or done.stdout).strip().splitlines()[-3:]
            raise EngineError(
                f"Kafka's store could not be made: {' '.join(told)}",
                f"Check that {self.home} can be written and has space.",
            )
