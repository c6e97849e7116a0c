"""Normalised text has the same length, and finds traditional and full-width forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.model import CATALOG
from resolvers.search_text import SEPARATOR, normalise, search_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("門店", "门店"),
        ("ＡＢＣ１２３", "abc123"),
        ("天山\u3000路", "天山 路"),
        ("İI", "ii"),
        ("a\nb", "a b"),
    ],
)
def test_examples(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text())
def test_one_for_one_and_stable(text: str) -> None:
    once = normalise(text)
    assert len(once) == len(text)
    assert SEPARATOR not in once
    assert normalise(once) == once


def test_of_a_record() -> None:
    found = search_text(CATALOG["Venue"], {"code": "V1", "name": "門店", "status": "OPEN"})
    assert found == "v1\n门店"
