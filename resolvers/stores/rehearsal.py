"""Statements like the hub's own, so that an engine loads the code it will need."""

import neo4j
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from resolvers.stores.addresses import StoreAddresses

STATEMENTS = [
    "CREATE CONSTRAINT rehearsal IF NOT EXISTS FOR (n:Rehearsal) REQUIRE n.code IS UNIQUE",
    "CREATE POINT INDEX rehearsal_point IF NOT EXISTS FOR (n:Rehearsal) ON (n.position)",
    "CREATE FULLTEXT INDEX rehearsal_text IF NOT EXISTS FOR (n:Rehearsal) ON EACH [n.name] "
    "OPTIONS {indexConfig: {`fulltext.analyzer`: 'cjk'}}",
    "CALL db.awaitIndexes(60)",
    "UNWIND range(1, 1000) AS i MERGE (n:Rehearsal {code: i}) "
    "SET n += {name: '天山 ' + i, position: point({longitude: 121.4, latitude: 31.2})} "
    "MERGE (m:Rehearsal {code: i / 10}) MERGE (n)-[:IN]->(m)",
    "MATCH (m:Rehearsal {code: 7}) RETURN {code: m.code, in: [(n)-[:IN]->(m) | n {.code, "
    ".name}], more: COLLECT { MATCH (n)-[:IN]->(m) WHERE n.code > 3 RETURN n.code "
    "ORDER BY n.code LIMIT 5 }} AS answer",
    "CALL db.index.fulltext.queryNodes('rehearsal_text', '天山') YIELD node, score "
    "RETURN node.code, score ORDER BY score DESC LIMIT 10",
    "MATCH (n:Rehearsal) WHERE point.withinBBox(n.position, point({longitude: 121, "
    "latitude: 31}), point({longitude: 122, latitude: 32})) RETURN count(*), avg(n.code)",
    "MATCH p = (:Rehearsal {code: 777})-[:IN*1..4]->(n) RETURN [x IN nodes(p) | x.code]",
]


async def rehearse_neo4j(at: StoreAddresses) -> None:
    """Write, index and read a little. Meant for a store that is thrown away."""
    sign_in = (at.neo4j_user, at.neo4j_password)
    async with (
        neo4j.AsyncGraphDatabase.driver(at.neo4j_url, auth=sign_in) as driver,
        driver.session() as session,
    ):
        for statement in STATEMENTS:
            await (await session.run(statement)).consume()


async def rehearse_kafka(at: StoreAddresses) -> None:
    """Make a topic and write to it in a transaction. Meant for a store that is thrown away."""
    admin = AIOKafkaAdminClient(**at.kafka_options())
    await admin.start()
    try:
        await admin.create_topics([NewTopic("rehearsal", 1, 1)])
    finally:
        await admin.close()
    producer = AIOKafkaProducer(**at.kafka_options(), transactional_id="rehearsal")
    await producer.start()
    try:
        async with producer.transaction():
            await producer.send_and_wait("rehearsal", b"1")
    finally:
        await producer.stop()
