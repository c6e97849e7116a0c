"""Shared value types, filters and scalars, stated once and identical in every subgraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NewType

from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition, scalar

from resolvers.catalog import Choices, ValueType
from schema.blocks import Fields as Fields

if TYPE_CHECKING:
    from schema.registry import Registry

Date = NewType("Date", str)
DateTime = NewType("DateTime", str)
GeoJSON = NewType("GeoJSON", dict)  # type: ignore[type-arg]
JSON = NewType("JSON", object)
Cursor = NewType("Cursor", str)
LogPosition = NewType("LogPosition", str)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError(f"expected text, got {value!r}")
    return value


def _date(value: Any) -> str:
    from datetime import date

    try:
        return date.fromisoformat(_text(value)).isoformat()
    except ValueError:
        raise GraphQLError(f"expected a date as YYYY-MM-DD, got {value!r}") from None


def _instant(value: Any) -> str:
    from datetime import UTC, datetime

    try:
        at = datetime.fromisoformat(_text(value))
    except ValueError:
        raise GraphQLError(f"expected an instant as RFC 3339, got {value!r}") from None
    if at.tzinfo is None:
        raise GraphQLError(f"{value!r} has no offset: write 2026-01-31T08:00:00+08:00 or …Z")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _as_it_is(value: Any) -> Any:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Date: scalar(
        name="Date",
        description="A calendar date in the district's time zone, `YYYY-MM-DD`.",
        serialize=_as_it_is,
        parse_value=_date,
    ),
    DateTime: scalar(
        name="DateTime",
        description="An instant, RFC 3339, answered in UTC.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=_as_it_is,
        parse_value=_instant,
    ),
    GeoJSON: scalar(
        name="GeoJSON",
        description="A geometry as GeoJSON (RFC 7946), WGS 84, longitude first.",
        serialize=_as_it_is,
        parse_value=_as_it_is,
    ),
    JSON: scalar(
        name="JSON",
        description="Any JSON value.",
        serialize=_as_it_is,
        parse_value=_as_it_is,
    ),
    Cursor: scalar(
        name="Cursor",
        description="A place in a list: opaque, signed, good for that list and order only.",
        serialize=_as_it_is,
        parse_value=_text,
    ),
    LogPosition: scalar(
        name="LogPosition",
        description="A position in the change log: a whole number, written as text.",
        serialize=str,
        parse_value=_text,
    ),
}

GRAPHQL_TYPE = {
    ValueType.TEXT: "String",
    ValueType.INT: "Int",
    ValueType.FLOAT: "Float",
    ValueType.BOOL: "Boolean",
    ValueType.DATE: "Date",
    ValueType.INSTANT: "DateTime",
    ValueType.POINT: "Position",
    ValueType.SHAPE: "GeoJSON",
    ValueType.TEXTS: "[String!]",
}
"""How the schema writes each kind of value."""

FILTER_TYPE = {
    ValueType.TEXT: "StringFilter",
    ValueType.INT: "IntFilter",
    ValueType.FLOAT: "FloatFilter",
    ValueType.BOOL: "BooleanFilter",
    ValueType.DATE: "DateFilter",
    ValueType.INSTANT: "DateTimeFilter",
    ValueType.POINT: "PositionFilter",
    ValueType.TEXTS: "TextsFilter",
}
"""Which filter each kind of value has; shapes have none."""

IS_NULL = ("Boolean", "True: has no value; false: has one.")


def _range(kind: str) -> Fields:
    return {
        "eq": (kind, "Equal."),
        "in": (f"[{kind}!]", "Any of these."),
        "gt": (kind, "Greater, or later."),
        "gte": (kind, "Greater, later or equal."),
        "lt": (kind, "Less, or earlier."),
        "lte": (kind, "Less, earlier or equal."),
        "isNull": IS_NULL,
    }


OBJECTS: dict[str, tuple[str, Fields]] = {
    "Position": (
        "A position on earth, WGS 84 (位置).",
        {"longitude": ("Float!", "Degrees east."), "latitude": ("Float!", "Degrees north.")},
    ),
    "PageInfo": (
        "Where a page stands in its list (Relay).",
        {
            "hasNextPage": ("Boolean!", "Whether more follow."),
            "hasPreviousPage": ("Boolean!", "Whether there are some before."),
            "startCursor": ("Cursor", "Cursor of the first."),
            "endCursor": ("Cursor", "Cursor of the last."),
        },
    ),
    "Change": (
        "One change of one record (变更).",
        {
            "position": ("LogPosition!", "Its place in the change log."),
            "version": ("Int!", "The version it made."),
            "operation": ("ChangeOperation!", "What was done."),
            "recordedAt": ("DateTime!", "When the log took it."),
            "actor": ("String!", "Who did it."),
            "source": ("String", "Where the data came from."),
            "reason": ("String", "Why, in the actor's words."),
            "before": ("JSON", "Fields and edges before; null for the first version."),
            "after": ("JSON!", "Fields and edges after."),
        },
    ),
    "ChangeEdge": (
        "A change in a list.",
        {
            "cursor": ("Cursor!", "Its place in the list."),
            "node": ("Change!", "The change."),
        },
    ),
    "ChangeConnection": (
        "The changes of one record, newest first.",
        {
            "edges": ("[ChangeEdge!]!", "Changes with their cursors."),
            "nodes": ("[Change!]!", "The changes alone."),
            "pageInfo": ("PageInfo!", "Where this page stands."),
        },
    ),
}

DIRECTORY_OBJECTS: dict[str, tuple[str, Fields]] = {
    "SearchConnection": (
        "What a search found, best first.",
        {
            "edges": ("[SearchEdge!]!", "Hits with their cursors."),
            "nodes": ("[Record!]!", "The records alone."),
            "pageInfo": ("PageInfo!", "Where this page stands."),
            "totalCount": ("Int!", "How many were found; counted only when asked for."),
        },
    ),
    "SearchEdge": (
        "One hit.",
        {
            "cursor": ("Cursor!", "Its place in the list."),
            "node": ("Record!", "The record."),
            "score": ("Float!", "How well it matches; comparable within one search only."),
            "matches": ("[SearchMatch!]!", "Which fields matched, and where."),
        },
    ),
    "SearchMatch": (
        "A field in which words of the search were found.",
        {
            "field": ("String!", "The field's name."),
            "parts": ("[TextPart!]!", "Its text in pieces, in order, matched ones marked."),
        },
    ),
    "TextPart": (
        "A piece of a text.",
        {
            "text": ("String!", "The piece as the record has it."),
            "matched": ("Boolean!", "Whether a word of the search is here."),
        },
    ),
    "Statistic": (
        "The size of one group.",
        {
            "keys": ("[StatisticKey!]!", "What the group has in common, in the order of `by`."),
            "count": ("Int!", "How many records."),
        },
    ),
    "StatisticKey": (
        "One thing a group has in common.",
        {
            "by": ("StatisticsBy!", "What it was counted by."),
            "value": ("String", "The common value, or the code of the division or kind."),
            "name": ("String", "The division's or kind's name, where there is one."),
        },
    ),
}

INPUTS: dict[str, tuple[str, Fields]] = {
    "StringFilter": (
        "Conditions on a text; all that are given must hold.",
        {
            "eq": ("String", "Equal."),
            "in": ("[String!]", "Any of these."),
            "prefix": ("String", "Starts with."),
            "contains": ("String", "Contains, letter by letter."),
            "isNull": IS_NULL,
        },
    ),
    "IntFilter": ("Conditions on a whole number.", _range("Int")),
    "FloatFilter": ("Conditions on a number.", _range("Float")),
    "DateFilter": ("Conditions on a date.", _range("Date")),
    "DateTimeFilter": ("Conditions on an instant.", _range("DateTime")),
    "BooleanFilter": (
        "Conditions on a truth value.",
        {"eq": ("Boolean", "Equal."), "isNull": IS_NULL},
    ),
    "TextsFilter": ("Conditions on a list of texts.", {"has": ("String", "Holds this one.")}),
    "PositionFilter": (
        "Conditions on a position.",
        {
            "near": ("NearInput", "Within a distance of a point."),
            "within": ("[PositionInput!]", "Inside this polygon, at most 1,000 vertices."),
            "isNull": IS_NULL,
        },
    ),
    "NearInput": (
        "A circle on earth.",
        {
            "longitude": ("Float!", "Degrees east, WGS 84."),
            "latitude": ("Float!", "Degrees north, WGS 84."),
            "metres": ("Float!", "Radius in metres, at most 50,000."),
        },
    ),
    "PositionInput": (
        "A position, WGS 84.",
        {"longitude": ("Float!", "Degrees east."), "latitude": ("Float!", "Degrees north.")},
    ),
    "RetireInput": (
        "Which record to retire, and why.",
        {
            "code": ("String!", "The record's code."),
            "expectedVersion": ("Int!", "The version you saw; another one gives CONFLICT."),
            "reason": ("String!", "Why; it goes on record."),
            "clientMutationId": ("String", "Send the same again to repeat safely."),
        },
    ),
}

ENUMS: dict[str, tuple[str, dict[str, str]]] = {
    "Direction": (
        "Which way a list is ordered.",
        {"ASC": "Smallest first, nulls last.", "DESC": "Largest first, nulls first."},
    ),
    "ChangeOperation": (
        "What a change did.",
        {
            "CREATED": "Made the record.",
            "UPDATED": "Changed fields or edges.",
            "RETIRED": "Retired it.",
            "RESTORED": "Took it back into use.",
        },
    ),
    "WriteStatus": (
        "How far a change has come.",
        {
            "APPLIED": "On record, and in the graph.",
            "LOGGED": "On record; the graph follows as soon as it can.",
        },
    ),
}


def add_choices(registry: Registry, choices: Choices) -> None:
    """Add a code list: its enum and the filter on it."""
    registry.enum(choices.name, choices.doc, choices.values)
    registry.input(
        f"{choices.name}Filter",
        f"Conditions on a {choices.name}.",
        {
            "eq": (choices.name, "Equal."),
            "in": (f"[{choices.name}!]", "Any of these."),
            "isNull": IS_NULL,
        },
    )
