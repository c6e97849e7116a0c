"""Licences and their kinds."""

from schema.blocks import Domain, connection

DOMAIN = Domain("licences")


@DOMAIN.entity
class LicenceKind:
    """One of the kinds of licence that departments issue (证照类型)."""

    licences = connection("The licences of this kind (该类证照).")


@DOMAIN.entity
class Licence:
    """A licence or certificate, checked online so that nobody brings paper (证照)."""


@DOMAIN.extend("Grid")
class GridLicences:
    licences = connection("The licences that cover venues in this grid (网格内证照).")


@DOMAIN.extend("Venue")
class VenueLicences:
    licences = connection("The licences that cover this venue (场所证照).")


@DOMAIN.extend("Firm")
class FirmLicences:
    licences = connection("The licences this firm holds (持有证照).")


@DOMAIN.extend("Department")
class DepartmentLicences:
    licences = connection("The licences this department issued (发放证照).")
    licenceKinds = connection("The kinds of licence this department issues (发证类型).")
