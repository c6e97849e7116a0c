"""Total orders of rows, and the predicates by which a page continues after a cursor."""

from __future__ import annotations

from dataclasses import dataclass

from resolvers.catalog import Field
from resolvers.errors import BadInput
from resolvers.ordering import cursor_value
from resolvers.params import Params
from resolvers.row_types import RowType
from resolvers.selection import Template
from resolvers.sql import typed


@dataclass(frozen=True)
class RowOrder:
    """A total order with the name that its cursors carry. It always ends in the id, which goes the
    way of the key before it, so that one index gives the whole order."""

    list_name: str
    keys: tuple[tuple[Field, bool], ...]
    """Each field, and whether it descends. None of them is ever null."""

    def by(self, var: str, backward: bool) -> str:
        """The ORDER BY terms."""
        return ", ".join(
            f"{var}.{field.prop}" + (" desc" if descending != backward else "")
            for field, descending in self.keys
        )

    def beyond(self, var: str, cursor: Template, params: Params, before: bool) -> str:
        """That `var` comes strictly after the cursor's place (before it, if so asked)."""
        count = len(self.keys)
        values = [
            typed(params.add(cursor, cursor_value(self.list_name, i, count)), field)
            for i, (field, _) in enumerate(self.keys)
        ]
        columns = [f"{var}.{field.prop}" for field, _ in self.keys]
        signs = ["<" if descending != before else ">" for _, descending in self.keys]
        if len(set(signs)) == 1:
            return f"({', '.join(columns)}) {signs[0]} ({', '.join(values)})"
        ways = []
        for at, sign in enumerate(signs):
            same = [f"{columns[i]} = {values[i]}" for i in range(at)]
            ways.append(" and ".join([*same, f"{columns[at]} {sign} {values[at]}"]))
        return f"({' or '.join(f'({way})' for way in ways)})"


def row_order_of(row: RowType, field: str, given: Template) -> RowOrder:
    """The order that `orderBy` asks for, else the newest first; it ends in the id.

    Raises BadInput for an item without one field: validation lets a variable through that is null.
    """
    keys: list[tuple[Field, bool]] = []
    for each in given or ():
        if len(each) != 1 or None in each.values():
            raise BadInput("orderBy: each item names exactly one field and its direction")
        for name, direction in each.items():
            declared = row.field_by_name[name]
            if all(key is not declared for key, _ in keys):
                keys.append((declared, direction == "DESC"))
    if not keys:
        keys.append((row.field_by_name[row.newest], True))
    keys.append((row.field_by_name["id"], keys[-1][1]))
    text = ",".join(("-" if descending else "") + key.prop for key, descending in keys)
    return RowOrder(f"{field}:{text}", tuple(keys))
