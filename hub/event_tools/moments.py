"""Instants as a person gives them at the command line."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub.district.profile import load_profile
from hub.settings import Settings

DAYS = re.compile(r"(\d{1,5})d")


def moment(text: str, zone: ZoneInfo) -> datetime:
    """A date (its midnight in `zone`) or an instant; without an offset it is in `zone`.

    Raises ValueError.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no date such as 2026-01-31, nor an instant such as "
            "2026-01-31T08:00:00+08:00"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def days(text: str) -> timedelta:
    """A number of days, such as 180d. Raises ValueError."""
    match = DAYS.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a number of days such as 180d")
    return timedelta(days=int(match[1]))


def zone_of(settings: Settings) -> ZoneInfo:
    """The time zone of the first district served; UTC where none is."""
    names = [name.strip() for name in settings.districts.split(",") if name.strip()]
    return ZoneInfo(load_profile(names[0]).time_zone if names else "UTC")
