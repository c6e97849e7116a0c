"""How many records of each type a scale has."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Scale:
    """Counts per type; provinces to communities are given by the district itself."""

    name: str
    total: int
    grids: int
    departments: int
    licence_kinds: int
    buildings: int
    venues: int
    firms: int
    cameras: int
    catalogued: int

    def licences(self, divisions: int) -> int:
        """What is left for licences, given the count of divisions above the grid."""
        counted = divisions + self.grids + self.departments + self.licence_kinds
        counted += self.buildings + self.venues + self.firms + self.cameras
        return self.total - counted

    def as_dict(self) -> dict[str, int | str]:
        return asdict(self)


SCALES = {
    "tiny": Scale("tiny", 3_000, 100, 25, 33, 300, 600, 700, 60, 40),
    "demo": Scale("demo", 60_000, 200, 25, 33, 4_000, 12_000, 15_000, 680, 400),
    "full": Scale("full", 1_600_000, 1_600, 25, 33, 48_000, 240_000, 400_000, 17_000, 10_000),
}
"""`demo` for a laptop, `full` as the district's press gave it (1.6 million base records, 17,000
cameras of which 10,000 catalogued), `tiny` for tests."""
