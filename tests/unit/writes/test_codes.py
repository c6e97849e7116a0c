"""Codes by their standards, and by a district's own patterns."""

import re

import pytest

from hub.district.profile import load_profile
from resolvers.codes import ISSUER_6_DIGITS, Codes, check_parent, licence_check_character
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


@pytest.mark.parametrize("type_name", ["Grid", "Firm", "Licence", "Camera", "District"])
def test_full_width_digits_are_no_digits(type_name: str) -> None:
    good = {
        "Grid": "370202001001001",
        "Firm": firm_code(7),
        "Licence": LICENCE,
        "Camera": "37020200001320000001",
        "District": "370202",
    }[type_name]
    wide = good.translate({ord("0") + i: ord("０") + i for i in range(10)})
    for code in (wide, good.replace("0", "０", 1), good[:-1] + "１", good[:-1] + "²"):
        with pytest.raises(CodeInvalid) as caught:
            Codes().check(CATALOG[type_name], code)
        assert "substring" not in caught.value.message


def test_a_districts_digits_are_ascii() -> None:
    codes = Codes([load_profile("shinan").patterns])
    assert codes.check(CATALOG["Venue"], "370202V0000001") == ()
    for name, code in [("Venue", "370202V000000１"), ("LicenceKind", "０１")]:
        with pytest.raises(CodeInvalid):
            codes.check(CATALOG[name], code)


@pytest.mark.parametrize(
    ("type_name", "code", "edge", "parent", "fits"),
    [
        ("Grid", "370202001001001", "community", "370202001001", True),
        ("Grid", "370202001001001", "community", "370202001002", False),
        ("Community", "370202001001", "subdistrict", "370202002", False),
        ("Subdistrict", "370202001", "district", "370203", False),
        ("Subdistrict", "370202001", "district", "06075", True),
        ("Community", "06075-mission", "subdistrict", "06075-0", True),
        ("District", "370202", "city", "3703", True),
        ("Grid", "370202001001001", "community", None, True),
        ("Venue", "370202001001001", "grid", "370202001001002", True),
    ],
)
def test_a_division_begins_with_its_parent(
    type_name: str, code: str, edge: str, parent: str | None, fits: bool
) -> None:
    if fits:
        return check_parent(CATALOG[type_name], code, {edge: parent})
    with pytest.raises(CodeInvalid, match="must begin with"):
        check_parent(CATALOG[type_name], code, {edge: parent})
    return None
