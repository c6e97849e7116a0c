"""`_entities(representations:)`: records by their keys, for a gateway (Apollo Federation 2).

One statement answers all representations of an operation, whatever their number: each type's
distinct codes are one parameter. What the statement finds is put in the representations' order by
the generated function; a code that is not there gives null in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from graphql import GraphQLUnionType

from resolvers.assemble import literal
from resolvers.cypher import ObjectWriter
from resolvers.errors import BadInput, TooComplex
from resolvers.params import Binding
from resolvers.plan import Page, Written
from resolvers.selection import Selected

Places = list[tuple[str, str]]
"""The type and code of each representation, in order."""


@cache
def read_places(types: tuple[str, ...], maximum: int) -> Callable[[Any, Binding], Places]:
    """The conversion of `representations`: which record each stands for.

    It raises TooComplex for more than `maximum`, and BadInput, naming the place, for one that is
    no object, is of a type this subgraph does not resolve, or lacks its key.
    """
    known = frozenset(types)

    def places(value: Any, binding: Binding) -> Places:
        binding.rights.check_entities()
        if len(value) > maximum:
            raise TooComplex(
                f"at most {maximum:,} representations at a time, not {len(value):,}: "
                "ask for smaller pages",
                limit=maximum,
            )
        return [_place(known, at, each) for at, each in enumerate(value)]

    return places


def _place(known: frozenset[str], at: int, given: Any) -> tuple[str, str]:
    name = given.get("__typename") if isinstance(given, dict) else None
    if not isinstance(name, str):
        told = f"representations[{at}] must be an object with a '__typename' and the key 'code'"
        raise BadInput(told)
    if name not in known:
        told = f"representations[{at}]: this subgraph resolves no type {name[:100]!r}"
        raise BadInput(told)
    code = given.get("code")
    if not isinstance(code, str):
        raise BadInput(f"representations[{at}]: a {name} is found by its key 'code', a text")
    return name, code


@cache
def codes_of(
    name: str, types: tuple[str, ...], maximum: int
) -> Callable[[Any, Binding], list[str]]:
    """The conversion of `representations` to the distinct codes of one type, in order.

    A type that no representation is of needs no right: gateways ask all types for `__typename`.
    """
    read = read_places(types, maximum)

    def codes(value: Any, binding: Binding) -> list[str]:
        places = read(value, binding)
        found = list(dict.fromkeys(code for kind, code in places if kind == name))
        if found:
            binding.rights.check_read(((name, "code"),))
        return found

    return codes


def entities(writer: ObjectWriter, each: Selected) -> Written:
    """`_entities`: each type's records as (code, values), put in order by the function."""
    w = writer.w
    union = w.collector.schema.type_map["_Entity"]
    assert isinstance(union, GraphQLUnionType)
    types = tuple(kind.name for kind in union.types)
    given = each.args["representations"]
    maximum = w.limits.max_representations
    places = w.params.add(given, read_places(types, maximum))
    lists: list[str] = []
    found: list[str] = []
    outer = w.pages
    for kind in union.types:
        fields = w.collector.below(each, kind)
        if not fields:
            continue
        entity = w.catalog[kind.name]
        codes = w.params.add(given, codes_of(kind.name, types, maximum))
        var, code = w.fresh(), w.fresh("k")
        w.pages = []
        made = writer.object(entity, var, fields)
        outer.append(Page(codes[1:], tuple(w.pages)))
        found.append(
            f"{literal(entity.name)}: {{x[0]: {made.function}(x[1], c) for x in v[{len(lists)}]}}"
        )
        lists.append(
            f"COLLECT {{ UNWIND {codes} AS {code} MATCH ({var}:{entity.name} {{code: {code}}}) "
            f"RETURN [{code}, {made.expression}] }}"
        )
    w.pages = outer
    return Written(
        f"[{', '.join(lists)}]",
        w.source.function(
            f"found = {{{', '.join(found)}}}",
            f"places = c.values[{places[1:]!r}]",
            "return [found[t].get(k) if t in found else {} for t, k in places]",
        ),
    )
