"""Venues: places of business and assembly."""

from schema.blocks import Domain, connection

DOMAIN = Domain("venues")


@DOMAIN.entity
class Venue:
    """A venue: one of the nine kinds of small venue, or a larger one (九小场所及较大场所)."""


@DOMAIN.extend("Grid")
class GridVenues:
    venues = connection("The venues in this grid (网格内场所).")


@DOMAIN.extend("Building")
class BuildingVenues:
    venues = connection("The venues in this building (楼内场所).")


@DOMAIN.extend("Firm")
class FirmVenues:
    venues = connection("The venues it runs (经营场所).")
