"""Neo4j Community as a child process (facts measured: design.md)."""

import os
import shutil
import subprocess
from pathlib import Path

from hub.engines.errors import EngineError
from hub.engines.files import write_private
from hub.engines.java import JavaEngine, find_java
from hub.engines.ports import port_of
from hub.engines.secrets import secret
from resolvers.stores.addresses import StoreAddresses
from resolvers.stores.probes import Answer, probe_neo4j

OPENED = [  # packages of the JDK that Neo4j reaches into (its own neo4j.conf opens the same)
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
]
USER_LOG = """\
<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="ERROR">
  <Appenders>
    <Console name="out"><PatternLayout pattern="%d{ISO8601} %-5level %m%n%throwable"/></Console>
  </Appenders>
  <Loggers><Root level="INFO"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
"""
MAIN = "org.neo4j.server.CommunityEntryPoint"


class Neo4j(JavaEngine):
    """The graph as it stands now. Listens on loopback only and calls nobody."""

    name = "neo4j"
    title = "Neo4j"
    external_setting = "neo4j_url"
    port_names = ("neo4j",)

    @property
    def port(self) -> int:
        """Where it listens for Bolt."""
        return port_of(self.folder, "neo4j", self.settings.neo4j_port)

    @property
    def password(self) -> str:
        """The generated password of the user neo4j."""
        return secret(self.folder, "neo4j-password")

    @property
    def signature(self) -> frozenset[str]:
        return frozenset((MAIN, f"--home-dir={self.home}"))

    async def probe(self, at: StoreAddresses) -> Answer:
        return await probe_neo4j(at)

    def prepare(self) -> None:
        write_private(self.home / "conf" / "neo4j.conf", self._configuration())
        write_private(self.home / "conf" / "user-logs.xml", USER_LOG)
        if not (self.home / "data" / "databases").exists():
            self._set_password()

    @property
    def heap(self) -> str:
        return self.settings.neo4j_heap

    def program(self) -> list[str]:
        home = self.home
        return [*OPENED, MAIN, f"--home-dir={home}", f"--config-dir={home / 'conf'}"]

    def _configuration(self) -> str:
        settings = self.settings
        values = {
            "server.default_listen_address": "127.0.0.1",
            "server.bolt.listen_address": f"127.0.0.1:{self.port}",
            "server.bolt.advertised_address": f"127.0.0.1:{self.port}",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "dbms.security.auth_enabled": "true",
            "dbms.security.allow_csv_import_from_file_urls": "false",
            "dbms.usage_report.enabled": "false",
            "server.logs.user.config": str(self.home / "conf" / "user-logs.xml"),
            "server.memory.heap.initial_size": settings.neo4j_heap,
            "server.memory.heap.max_size": settings.neo4j_heap,
            "server.memory.pagecache.size": settings.neo4j_pagecache,
            "db.memory.transaction.max": settings.neo4j_transaction_memory,
            "db.transaction.timeout": settings.neo4j_transaction_timeout,
            "db.tx_log.preallocate": "false",
            "db.tx_log.rotation.retention_policy": "256M size",
            "db.tx_log.rotation.size": "64M",
            "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
        }
        return "".join(f"{key}={value}\n" for key, value in values.items())

    def _set_password(self) -> None:
        """Give the user neo4j its password before the first start, through Neo4j's own command."""
        shutil.rmtree(self.home / "data", ignore_errors=True)
        arguments = self.home / "conf" / "arguments"
        jars = self.class_path
        # In a file of ours, so that the password never stands in the list of processes.
        write_private(
            arguments,
            f'-XX:TieredStopAtLevel=1\n-cp "{jars}"\norg.neo4j.cli.AdminTool\n'
            f'dbms set-initial-password "{self.password}"\n',
        )
        environment = {"NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}
        try:
            subprocess.run(
                [find_java(self.settings), f"@{arguments}"],
                env=os.environ | environment,
                check=True,
                capture_output=True,
                text=True,
            )
        except subprocess.CalledProcessError as error:
            told = (error.stderr or error.stdout or "").strip().splitlines()[-3:]
            raise EngineError(
                f"Neo4j's first password could not be set: {' '.join(told)}",
                f"Check that {self.home} can be written and has space.",
            ) from error
        finally:
            Path(arguments).unlink(missing_ok=True)
