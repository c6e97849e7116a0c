"""Codes by their standards, and by a district's own patterns."""

import re

import pytest

from resolvers.codes import ISSUER_6_DIGITS, Codes, licence_check_character
from resolvers.errors import CodeInvalid
from resolvers.model import CATALOG
from tests.small_district import firm_code, licence_code

LICENCE = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
SHORT = "1.2.156.3005.2.11100000000013338W011.370202.20230000403.001"


@pytest.mark.parametrize(
    ("type_name", "code"),
    [
        ("Province", "37"),
        ("District", "370202"),
        ("Grid", "370202001001001"),
        ("Firm", firm_code(7)),
        ("Licence", LICENCE),
        ("Licence", licence_code(3, firm_code(3))),
        ("Camera", "37020200001320000001"),
        ("Venue", "V 1-甲"),
    ],
)
def test_good_codes(type_name: str, code: str) -> None:
    assert Codes().check(CATALOG[type_name], code) == ()


@pytest.mark.parametrize(
    ("type_name", "code"),
    [
        ("Province", "3"),
        ("District", "37020２"),
        ("Firm", firm_code(7)[:-1] + ("0" if firm_code(7)[-1] != "0" else "1")),
        ("Firm", firm_code(7).replace("9", " 9", 1)),
        ("Licence", LICENCE[:-1] + "V"),
        ("Licence", LICENCE + ".1"),
        ("Camera", "37020200009990000001"),
        ("Venue", ""),
        ("Venue", " V"),
        ("Venue", "V\n1"),
        ("Venue", "V" * 65),
    ],
)
def test_bad_codes(type_name: str, code: str) -> None:
    with pytest.raises(CodeInvalid) as caught:
        Codes().check(CATALOG[type_name], code)
    assert caught.value.details["field"] == "code"


def test_issuer_of_six_digits_is_flagged() -> None:
    code = f"{SHORT}.{licence_check_character(SHORT)}"
    assert Codes().check(CATALOG["Licence"], code) == (ISSUER_6_DIGITS,)


def test_a_district_overrides_a_scheme() -> None:
    """With two districts, a pattern of one leaves the other its scheme."""
    own = {"District": re.compile("SF"), "Venue": re.compile(r"SF-\d+")}
    alone = Codes([own])
    assert alone.check(CATALOG["District"], "SF") == ()
    with pytest.raises(CodeInvalid, match="SF"):
        alone.check(CATALOG["District"], "370202")
    both = Codes([own, {"Venue": re.compile(r"V\d+")}])
    assert both.check(CATALOG["District"], "370202") == ()
    assert both.check(CATALOG["Venue"], "V1") == both.check(CATALOG["Venue"], "SF-1") == ()
    with pytest.raises(CodeInvalid):
        both.check(CATALOG["Venue"], "X1")
