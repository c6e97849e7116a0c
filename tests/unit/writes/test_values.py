"""Values that a record may have by their form, but not by their sense."""

from typing import Any

import pytest

from resolvers.changes import Request, check_texts
from resolvers.errors import BadInput
from resolvers.model import CATALOG
from resolvers.rights import Caller
from resolvers.validation import rules_of


@pytest.mark.parametrize(
    ("type_name", "prop", "good", "bad"),
    [
        ("Building", "floors", (0, 200), (-1, 201)),
        ("Building", "built_year", (1000, 2100), (0, 999, 2101)),
        ("Camera", "heading", (0, 359.5, 360), (-0.5, 360.5)),
        ("Venue", "floor_area", (0, 1e6), (-1,)),
        ("Firm", "registered_capital", (0, 1e9), (-0.01,)),
        ("LicenceKind", "validity_months", (0, 60), (-1,)),
    ],
)
def test_bounds(type_name: str, prop: str, good: tuple[Any, ...], bad: tuple[Any, ...]) -> None:
    rules = rules_of(CATALOG)[type_name]
    for value in good:
        assert rules.clean({prop: value}, {}) == ({prop: value}, {})
    for value in bad:
        with pytest.raises(BadInput, match="must be at"):
            rules.clean({prop: value}, {})


@pytest.mark.parametrize("reason", ["", " ", "\n\t", "\u3000"])
def test_a_record_is_not_retired_for_a_blank_reason(reason: str) -> None:
    request = Request("retire", CATALOG["Venue"], "V1", {}, {}, 1, reason, None, Caller())
    with pytest.raises(BadInput, match="reason"):
        check_texts(request)
