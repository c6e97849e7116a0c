"""Coordinates of Chinese sources against known values, and there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.load.datum import (
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    to_wgs84,
    wgs84_to_gcj02,
)

KNOWN = [
    # WGS 84, GCJ-02, BD-09, computed with geocoordinates-rs 0.14.2
    (
        (120.3826, 36.0671),
        (120.38773308004247, 36.06737622755961),
        (120.39421305020812, 36.073416833348574),
    ),
    (
        (116.404, 39.915),
        (116.41024449916938, 39.91640428150164),
        (116.41662724378733, 39.922699552216216),
    ),
]
"""Qingdao and Beijing."""


@pytest.mark.parametrize(("wgs", "gcj", "bd"), KNOWN)
def test_known_values(
    wgs: tuple[float, float], gcj: tuple[float, float], bd: tuple[float, float]
) -> None:
    assert wgs84_to_gcj02(np.array([wgs])) == pytest.approx(np.array([gcj]), abs=1e-12)
    assert gcj02_to_bd09(np.array([gcj])) == pytest.approx(np.array([bd]), abs=1e-12)
    assert to_wgs84(np.array([gcj]), "gcj02") == pytest.approx(np.array([wgs]), abs=1e-9)
    assert to_wgs84(np.array([bd]), "bd09") == pytest.approx(np.array([wgs]), abs=1e-9)


@given(st.lists(st.tuples(st.floats(74, 135), st.floats(4, 53)), min_size=1, max_size=50))
def test_there_and_back_is_exact(points: list[tuple[float, float]]) -> None:
    wgs = np.array(points)
    gcj = wgs84_to_gcj02(wgs)
    assert np.abs(gcj02_to_wgs84(gcj) - wgs).max() < 1e-9
    assert np.abs(bd09_to_gcj02(gcj02_to_bd09(gcj)) - gcj).max() < 1e-9
    assert np.abs(to_wgs84(gcj02_to_bd09(gcj), "bd09") - wgs).max() < 1e-9


def test_wgs84_and_cgcs2000_stay_as_they_are() -> None:
    points = np.array([[120.0, 36.0], [np.nan, 1.0]])
    for datum in ("wgs84", "cgcs2000"):
        assert to_wgs84(points, datum) is points


def test_gcj02_shifts_nothing_outside_china() -> None:
    here = np.array([[-122.4, 37.7], [2.35, 48.85]])
    assert (wgs84_to_gcj02(here) == here).all()
    assert (gcj02_to_wgs84(here) == here).all()


def test_an_unknown_datum_is_refused() -> None:
    with pytest.raises(ValueError, match="'wgs85' is not one of wgs84"):
        to_wgs84(np.zeros((1, 2)), "wgs85")
