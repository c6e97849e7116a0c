"""From chunks of cells to batches of records, as a table of a mapping says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hub.district.profile import Profile
from hub.load.batch import Batch
from hub.load.cells import Cells, Columns, source_of
from hub.load.codes import check_for
from hub.load.errors import LoadError, RejectCode
from hub.load.faults import Faults
from hub.load.geometry import Boundary, read_boundary
from hub.load.locate import Locator
from hub.load.mapping import Rule, Table
from hub.load.rows import Chunk
from hub.load.seen import SeenKeys
from hub.load.values import Fault, converter
from resolvers.bulk import BulkRow
from resolvers.catalog import Edge, Entity, Field, ValueType
from resolvers.placement import Placement


class Reader:
    """Reads the chunks of one file. Raises LoadError if the mapping does not fit its header."""

    def __init__(
        self,
        table: Table,
        where: str,
        header: Sequence[str],
        profile: Profile | None,
        placement: Placement | None,
    ) -> None:
        self.table = table
        self.entity = table.entity
        self._header = list(header)
        self._where = where
        self._seen = SeenKeys()
        self._missing = frozenset(table.missing)
        pattern = profile.patterns.get(table.type) if profile else None
        self._check = check_for(self.entity.code, pattern)
        self._code = source_of(table.code, header, where, "code")
        self._flags = source_of(table.flags, header, where, "flags") if table.flags else None
        self._fields = [self._field(name, rule) for name, rule in table.fields.items()]
        self._edges = [self._edge(name, rule) for name, rule in table.edges.items()]
        self._locator = self._make_locator(placement)
        self._geometry = [
            self.entity.field_by_name[name] for name, rule in table.fields.items() if rule.geometry
        ]
        self._check_required()

    def _field(self, name: str, rule: Rule) -> tuple[Field, Rule, Any, Any] | None:
        field = self.entity.field_by_name[name]
        if field.type in (ValueType.POINT, ValueType.SHAPE):
            return None
        try:
            convert = converter(field, rule)
        except ValueError as error:
            raise LoadError(f"The values of {name} for {self._where}: {error}.") from error
        return field, rule, source_of(rule, self._header, self._where, name), convert

    def _edge(self, name: str, rule: Rule) -> tuple[Edge, Rule, Any]:
        edge = self.entity.edge_by_name[name]
        return edge, rule, source_of(rule, self._header, self._where, name)

    def _make_locator(self, placement: Placement | None) -> Locator | None:
        rule = next((r for r in self.table.fields.values() if r.longitude is not None), None)
        if rule is None:
            return None
        places = self.entity.located and "grid" not in self.table.edges
        return Locator(rule, self._header, self._where, self.table, placement if places else None)

    def _check_required(self) -> None:
        for field in self.entity.fields:
            if field.required and field.name not in self.table.fields:
                raise LoadError(f"The mapping for {self._where} lacks the field {field.name}.")
        if "name" not in self.table.fields:
            raise LoadError(f"The mapping for {self._where} lacks the field name.")
        for edge in self.entity.edges:
            if edge.required and edge.name not in self.table.edges:
                raise LoadError(f"The mapping for {self._where} lacks the edge {edge.name}.")

    def batches(self, chunks: Iterator[Chunk]) -> Iterator[Batch]:
        """A batch for each chunk."""
        for chunk in chunks:
            yield self.batch(chunk)

    def batch(self, chunk: Chunk) -> Batch:
        """The records of a chunk, and its rejects in the order of their lines."""
        batch = Batch(self.table.type, consumed=chunk.consumed)
        batch.rows = len(chunk) + len(chunk.rejects)
        if not len(chunk):
            batch.rejects = sorted(chunk.rejects)
            return batch
        columns = Columns(chunk, self._header, self._missing)
        faults = Faults(chunk.lines)
        flags = self._given_flags(columns)
        codes = self._codes(columns, faults, flags)
        fields = self._field_columns(columns, faults)
        edges = self._edge_columns(columns, faults)
        if self._geometry:
            fields += self._boundaries(chunk, faults, flags)
        if self._locator is not None:
            points, grids = self._locator.locate(columns, faults, flags)
            fields.append(("location", points))
            if grids is not None:
                edges.append(("grid", grids))
        self._reject_duplicates(codes, faults)
        batch.records = _rows(self.entity, codes, fields, edges, flags, chunk.lines, faults)
        batch.rejects = sorted([*chunk.rejects, *faults.rows.values()])
        return batch

    def _codes(self, columns: Columns, faults: Faults, flags: dict[int, list[str]]) -> Cells:
        codes = self._code(columns)
        column = self.table.code.column or "code"
        wrong, found = self._check(codes)
        for i, fault in wrong.items():
            if codes[i]:
                faults.add(i, column, codes[i], RejectCode.CODE_INVALID, f"the code {fault}")
            else:
                faults.add(i, column, "", RejectCode.MISSING_VALUE, "the key is required")
        for i, more in found.items():
            flags.setdefault(i, []).extend(more)
        return codes

    def _given_flags(self, columns: Columns) -> dict[int, list[str]]:
        if self._flags is None or self.table.flags is None:
            return {}
        separator = self.table.flags.separator
        cells = self._flags(columns)
        return {i: cell.split(separator) for i, cell in enumerate(cells) if cell}

    def _field_columns(self, columns: Columns, faults: Faults) -> list[tuple[str, list[Any]]]:
        found: list[tuple[str, list[Any]]] = []
        for each in self._fields:
            if each is None:
                continue
            field, rule, source, convert = each
            cells = source(columns)
            values = convert(cells)
            column = rule.column or field.name
            faults.values(column, cells, values)
            if field.required:
                faults.missing(column, field.name, values)
            found.append((field.prop, values))
        return found

    def _edge_columns(self, columns: Columns, faults: Faults) -> list[tuple[str, list[Any]]]:
        found: list[tuple[str, list[Any]]] = []
        for edge, rule, source in self._edges:
            cells = source(columns)
            values: list[Any]
            if edge.many:
                values = [sorted(set(c.split(rule.separator))) if c else None for c in cells]
            else:
                values = [cell or None for cell in cells]
            if edge.required:
                faults.missing(rule.column or edge.name, edge.name, values)
            found.append((edge.prop, values))
        return found

    def _boundaries(
        self, chunk: Chunk, faults: Faults, flags: dict[int, list[str]]
    ) -> list[tuple[str, list[Any]]]:
        read = [read_boundary(g, self.table.coordinates) for g in chunk.geometries or []]
        found: dict[str, list[Any]] = {field.prop: [] for field in self._geometry}
        for i, boundary in enumerate(read):
            if isinstance(boundary, Fault):
                faults.add(i, "geometry", "", RejectCode.POLYGON_INVALID, boundary)
                boundary = None
            if isinstance(boundary, Boundary) and boundary.flags:
                flags[i] = [*flags.get(i, []), *boundary.flags]
            for field in self._geometry:
                value: Any = None
                if boundary is not None:
                    shape = field.type is ValueType.SHAPE
                    value = boundary.geojson if shape else boundary.inside
                found[field.prop].append(value)
        return list(found.items())

    def _reject_duplicates(self, codes: Cells, faults: Faults) -> None:
        good = [i for i in range(len(codes)) if i not in faults.rows]
        column = self.table.code.column or "code"
        for i, again in zip(good, self._seen.add([codes[i] for i in good]), strict=True):
            if again:
                reason = "an earlier row of the file has the same key"
                faults.add(i, column, codes[i], RejectCode.DUPLICATE_KEY, reason)


def _rows(
    entity: Entity,
    codes: Cells,
    fields: list[tuple[str, list[Any]]],
    edges: list[tuple[str, list[Any]]],
    flags: dict[int, list[str]],
    lines: Sequence[int],
    faults: Faults,
) -> list[BulkRow]:
    """Rows for the change log of what is good; what is null is left out."""
    names = [name for name, _ in fields]
    field_rows = zip(*[values for _, values in fields], strict=True)
    keys = [name for name, _ in edges]
    edge_rows: Any = zip(*[values for _, values in edges], strict=True)
    if not edges:
        edge_rows = [()] * len(codes)
    bad = faults.rows
    made: list[BulkRow] = []
    for i, (code, line, values, ends) in enumerate(
        zip(codes, lines, field_rows, edge_rows, strict=True)
    ):
        if i in bad:
            continue
        document = {k: v for k, v in zip(names, values, strict=True) if v is not None}
        references = {k: v for k, v in zip(keys, ends, strict=True) if v is not None}
        noticed = tuple(flags[i]) if i in flags else ()
        made.append(BulkRow(entity, code, document, references, line, noticed))
    return made
