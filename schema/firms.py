"""Firms."""

from schema.blocks import Domain, connection

DOMAIN = Domain("firms")


@DOMAIN.entity
class Firm:
    """A firm, known by its Unified Social Credit Code (市场主体)."""


@DOMAIN.extend("Grid")
class GridFirms:
    firms = connection("The firms registered in this grid (网格内市场主体).")
