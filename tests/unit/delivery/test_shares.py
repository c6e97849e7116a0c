"""What one caller may follow at once."""

import pytest

from hub.delivery.shares import Shares
from resolvers.errors import TooManyStreams

NARROW = (("camera", "1"),)
BROAD = (("type", "GARBAGE_PILE"),)


def test_each_caller_has_a_share_of_its_own() -> None:
    shares = Shares(3, 1)
    shares.take("li", BROAD)
    with pytest.raises(TooManyStreams, match="BROAD"):
        shares.take("li", ())
    shares.take("li", NARROW)
    shares.take("li", NARROW)
    with pytest.raises(TooManyStreams, match="GROUPS"):
        shares.take("li", NARROW)
    shares.take("wang", BROAD)
    shares.give_back("li", BROAD)
    shares.take("li", ())


def test_what_was_given_back_leaves_nothing() -> None:
    shares = Shares(3, 1)
    for _ in range(100):
        shares.take("li", ())
        shares.give_back("li", ())
    shares.take(None, ())
    shares.give_back(None, ())
    assert not shares._all
    assert not shares._broad
