"""Places: divisions, grids and buildings."""

from schema.blocks import Domain, connection

DOMAIN = Domain("places")


@DOMAIN.entity
class Province:
    """A province or municipality (省、直辖市)."""

    cities = connection("Its cities (下辖市).")


@DOMAIN.entity
class City:
    """A city at prefecture level (地级市)."""

    districts = connection("Its districts (下辖区县).")


@DOMAIN.entity
class District:
    """A district: what one hub is the memory of (区)."""

    subdistricts = connection("Its subdistricts (下辖街道).")


@DOMAIN.entity
class Subdistrict:
    """A subdistrict (街道)."""

    communities = connection("Its communities (下辖社区).")


@DOMAIN.entity
class Community:
    """A community (社区)."""

    grids = connection("Its grids (下辖网格).")


@DOMAIN.entity
class Grid:
    """A grid: the unit of grid work; grids tile their community without gap or overlap (网格)."""

    buildings = connection("The buildings in this grid (网格内楼栋).")


@DOMAIN.entity
class Building:
    """A building (楼栋)."""
