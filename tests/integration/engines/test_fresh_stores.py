"""The fixtures others build on."""

import asyncpg
import neo4j

from resolvers.stores.addresses import StoreAddresses
from tests.stores_for_tests import empty_graph


async def test_a_module_has_a_database_of_its_own(fresh_stores: StoreAddresses) -> None:
    for dsn in (
        fresh_stores.postgres_owner_dsn,
        fresh_stores.postgres_service_dsn,
        fresh_stores.postgres_auditor_dsn,
    ):
        connection = await asyncpg.connect(dsn)
        database = await connection.fetchval("SELECT current_database()")
        await connection.close()
        assert database == "t_tests_integration_engines_test_fresh_stores"


async def test_the_owner_may_make_tables_and_extensions_and_the_service_may_not(
    fresh_stores: StoreAddresses,
) -> None:
    owner = await asyncpg.connect(fresh_stores.postgres_owner_dsn)
    for extension in ("pg_trgm", "ltree", "btree_gist"):
        await owner.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    await owner.execute("CREATE TABLE mine (n int)")
    service = await asyncpg.connect(fresh_stores.postgres_service_dsn)
    for statement in ("SELECT * FROM mine", "CREATE TABLE theirs (n int)"):
        try:
            await service.execute(statement)
        except asyncpg.InsufficientPrivilegeError:
            continue
        raise AssertionError(f"the service may {statement}")
    await service.close()
    await owner.close()


async def test_an_emptied_graph_is_empty(fresh_stores: StoreAddresses) -> None:
    sign_in = (fresh_stores.neo4j_user, fresh_stores.neo4j_password)
    async with neo4j.AsyncGraphDatabase.driver(fresh_stores.neo4j_url, auth=sign_in) as driver:
        await driver.execute_query("CREATE CONSTRAINT c FOR (n:N) REQUIRE n.code IS UNIQUE")
        await driver.execute_query("UNWIND range(1, 12000) AS i CREATE (:N {code: i})-[:R]->(:M)")
        await empty_graph(fresh_stores)
        counted = await driver.execute_query("MATCH (n) RETURN count(n) AS n")
        assert counted.records[0]["n"] == 0
        constraints = await driver.execute_query("SHOW CONSTRAINTS")
        assert constraints.records == []
