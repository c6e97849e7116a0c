"""Departments."""

from schema.blocks import Domain, connection

DOMAIN = Domain("departments")


@DOMAIN.entity
class Department:
    """A department that owns, issues or shares data (部门)."""


@DOMAIN.extend("Subdistrict")
class SubdistrictDepartments:
    departments = connection("The offices that serve this subdistrict (街道办事处).")
