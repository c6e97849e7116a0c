"""Change sets become few statements, targets before sources."""

from datetime import UTC, datetime

from resolvers.document import CREATED, RETIRED, UPDATED, Change, ChangeSet
from resolvers.model import CATALOG
from resolvers.stores.graph_writer import GraphWriter, type_order

MOMENT = datetime(2024, 5, 1, 12, 0, 0, 250, tzinfo=UTC)


def venue(version: int, operation: str, name: str = "n", **edges: str) -> Change:
    fields = {"name": name, "source": "t", "flags": [], "kind": "SHOP", "floor_area": 80}
    return Change("Venue", "V1", version, operation, fields, dict(edges))


def test_targets_come_first() -> None:
    order = type_order(CATALOG)
    assert sorted(order) == sorted(entity.name for entity in CATALOG)
    for entity in CATALOG:
        for edge in entity.edges:
            assert order.index(edge.target) < order.index(entity.name)


def test_a_new_record_with_its_references() -> None:
    [statement] = GraphWriter(CATALOG).statements(
        [ChangeSet(1, MOMENT, [venue(1, CREATED, grid="G", operator="F")])]
    )
    assert statement.text == (
        "UNWIND $rows AS r MATCH (t0:Grid {code: r[1]}) MATCH (t1:Firm {code: r[2]}) "
        "CREATE (n:Record:Venue), (n)-[:IN]->(t0), (n)-[:OPERATED_BY]->(t1) SET n = r[0]"
    )
    assert statement.rows == [
        [
            {
                "name": "n",
                "source": "t",
                "flags": [],
                "kind": "SHOP",
                "floor_area": 80.0,
                "code": "V1",
                "search_text": "v1\nn",
                "version": 1,
                "recorded_at": "2024-05-01T12:00:00.000250Z",
            },
            "G",
            "F",
        ]
    ]
    assert isinstance(statement.rows[0][0]["floor_area"], float)
    assert (statement.nodes_created, statement.relationships_created) == (1, 2)


def test_only_the_last_of_several_changes_is_written() -> None:
    """A record made, changed and retired in one go is created once, as it stands at the end."""
    sets = [
        ChangeSet(1, MOMENT, [venue(1, CREATED, "a", grid="G")]),
        ChangeSet(2, MOMENT, [venue(2, UPDATED, "b")]),
        ChangeSet(3, MOMENT, [venue(3, RETIRED, "b")]),
    ]
    [statement] = GraphWriter(CATALOG).statements(sets)
    assert statement.text == "UNWIND $rows AS r CREATE (n:Record:Venue) SET n = r[0]"
    assert statement.rows[0][0]["version"] == 3
    assert statement.rows[0][0]["retired_at"] == "2024-05-01T12:00:00.000250Z"


def test_a_changed_record_gets_its_references_anew() -> None:
    replace, relate = GraphWriter(CATALOG).statements(
        [ChangeSet(5, MOMENT, [venue(2, UPDATED, grid="G")])]
    )
    assert replace.text == (
        "UNWIND $rows AS r MATCH (n:Venue {code: r[0].code}) SET n = r[0] WITH n "
        "OPTIONAL MATCH (n)-[e:IN|LOCATED_IN|OPERATED_BY]->() DELETE e RETURN count(DISTINCT n)"
    )
    assert relate.rows == [["V1", "G"]]
    assert relate.relationships_created == 1
