"""Which subscriptions are one group: those that get the same bytes, wherever they begin."""

from typing import Any

import pytest
from graphql import parse

from resolvers.cursors import CursorKey
from resolvers.errors import Unauthenticated
from resolvers.execute import Executor, Services
from resolvers.model import CATALOG
from resolvers.rights import ANONYMOUS, Caller, rights_of
from resolvers.subscription import Subscribed
from schema.build import whole
from tests.contract.differential.comparison import parsed

FOLLOW = """subscription ($after: Cursor, $coalesce: Boolean!, $type: EventType!) {
  events(after: $after, coalesce: $coalesce, filter: {type: {eq: $type}}) { cursor event { id } }
}"""
KEY = CursorKey(b"a key for the tests")
EXECUTOR = Executor(whole()._schema, CATALOG, Services(None, None, None), KEY)  # type: ignore[arg-type]


def subscribed(caller: str = "li", **given: Any) -> Subscribed:
    variables = {"coalesce": False, "type": "GARBAGE_PILE"} | given
    rights = rights_of(Caller(caller), CATALOG)
    return EXECUTOR.subscribe(parsed(parse(FOLLOW)), None, variables, rights)


def test_the_same_of_two_callers_is_one_group() -> None:
    assert subscribed("li").group == subscribed("wang", after="somewhere").group


def test_another_filter_or_way_to_read_is_another_group() -> None:
    first = subscribed()
    assert subscribed(type="BIN_OVERFLOW").group != first.group
    second = subscribed(coalesce=True)
    assert second.group != first.group
    assert (first.coalesce, second.coalesce) == (False, True)


def test_a_stranger_has_no_group() -> None:
    with pytest.raises(Unauthenticated):
        EXECUTOR.subscribe(
            parsed(parse(FOLLOW)),
            None,
            {"coalesce": False, "type": "BIN_OVERFLOW"},
            rights_of(ANONYMOUS, CATALOG),
        )
