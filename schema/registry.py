"""Classes for one target, made from descriptions in which types are named, not referenced."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from keyword import iskeyword
from types import ModuleType
from typing import Any, Optional

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.federation.schema_directives import Key, Shareable
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from schema import values
from schema.blocks import Argument

_PYTHON = {
    "ID": "ID",
    "String": "str",
    "Int": "int",
    "Float": "float",
    "Boolean": "bool",
}


def annotation(sdl: str) -> str:
    """The Python annotation of a type as SDL writes it: `[Venue!]!` → `list[Venue]`."""
    if sdl.endswith("!"):
        return _inner(sdl[:-1])
    return f"Optional[{_inner(sdl)}]"


def _inner(sdl: str) -> str:
    if sdl.startswith("["):
        return f"list[{annotation(sdl[1:-1])}]"
    return _PYTHON.get(sdl, sdl)


_BUILDS = count()
"""Numbers the modules, so that the same target can be built several times at once."""


@dataclass
class FieldSpec:
    type: str
    doc: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    shareable: bool = False
    default: Any = ...


@dataclass
class TypeSpec:
    kind: str
    """object, interface, input or enum."""
    doc: str
    fields: dict[str, FieldSpec] = field(default_factory=dict)
    implements: str | None = None
    key: str | None = None
    resolvable: bool = True
    shareable: bool = False
    one_of: bool = False
    values: Mapping[str, str] = field(default_factory=dict)


class Registry:
    """Collects descriptions by name, then makes all classes in one synthetic module."""

    def __init__(self, target: str | None) -> None:
        self.target = target
        self.specs: dict[str, TypeSpec] = {}
        self._module = ModuleType(f"schema.made.{target or 'whole'}_{next(_BUILDS)}")
        sys.modules[self._module.__name__] = self._module
        for name in ("Date", "DateTime", "GeoJSON", "JSON", "Cursor", "LogPosition"):
            setattr(self._module, name, getattr(values, name))
        self._module.__dict__.update(Optional=Optional, ID=strawberry.ID)

    def __getitem__(self, name: str) -> type:
        made: type = getattr(self._module, name)
        return made

    def __contains__(self, name: str) -> bool:
        return name in self.specs

    def add(self, name: str, spec: TypeSpec) -> TypeSpec:
        """Register a description; the same name twice must be the same thing."""
        if name in self.specs:
            raise ValueError(f"the schema has two types named {name}")
        self.specs[name] = spec
        return spec

    def object(self, name: str, doc: str, fields: values.Fields, shareable: bool = True) -> None:
        """A value type."""
        made = {n: FieldSpec(t, d) for n, (t, d) in fields.items()}
        self.add(name, TypeSpec("object", doc, made, shareable=shareable))

    def input(self, name: str, doc: str, fields: values.Fields, one_of: bool = False) -> None:
        """An input type; nullable fields may be left out."""
        made = {
            n: FieldSpec(t, d, default=... if t.endswith("!") else strawberry.UNSET)
            for n, (t, d) in fields.items()
        }
        self.add(name, TypeSpec("input", doc, made, one_of=one_of))

    def enum(self, name: str, doc: str, names: Mapping[str, str]) -> None:
        """An enum; `names` maps each value to its description."""
        self.add(name, TypeSpec("enum", doc, values=names))

    def make(self) -> None:
        """Make every class; strings in annotations resolve once all exist."""
        for name, spec in sorted(self.specs.items(), key=lambda x: x[1].implements is not None):
            setattr(self._module, name, self._enum(name, spec) or self._class(name, spec))

    def roots(self) -> Iterator[type]:
        """Types to name explicitly, since only an interface leads to them."""
        for name, spec in self.specs.items():
            if spec.implements or (spec.key and self.target):
                yield self[name]

    def _enum(self, name: str, spec: TypeSpec) -> type | None:
        if spec.kind != "enum":
            return None
        members = {
            value: strawberry.enum_value(value, description=doc)
            for value, doc in spec.values.items()
        }
        made = Enum(name, members, module=self._module.__name__)  # type: ignore[misc]
        return strawberry.enum(made, name=name, description=spec.doc)

    def _class(self, name: str, spec: TypeSpec) -> type:
        bases = (self[spec.implements],) if spec.implements else ()
        namespace: dict[str, Any] = {"__module__": self._module.__name__, "__annotations__": {}}
        for field_name, field_spec in spec.fields.items():
            attribute = f"{field_name}_" if iskeyword(field_name) else field_name
            namespace["__annotations__"][attribute] = annotation(field_spec.type)
            namespace[attribute] = self._field(attribute, field_name, field_spec)
        cls = type(name, bases, namespace)
        if spec.kind == "input":
            return strawberry.input(cls, name=name, description=spec.doc, one_of=spec.one_of)
        if spec.kind == "interface":
            return strawberry.interface(cls, name=name, description=spec.doc)
        directives: list[object] = []
        if self.target and spec.key:
            resolvable = strawberry.UNSET if spec.resolvable else False
            directives.append(Key(fields=spec.key, resolvable=resolvable))  # type: ignore[arg-type]
        if self.target and spec.shareable:
            directives.append(Shareable())
        return strawberry.type(cls, name=name, description=spec.doc, directives=directives)

    def _field(self, attribute: str, name: str, spec: FieldSpec) -> StrawberryField:
        made = StrawberryField(
            python_name=attribute,
            graphql_name=name,
            description=spec.doc,
            directives=[Shareable()] if self.target and spec.shareable else [],
            **({} if spec.default is ... else {"default": spec.default}),
        )
        made.arguments = [
            StrawberryArgument(
                python_name=argument_name,
                graphql_name=argument_name,
                type_annotation=StrawberryAnnotation(
                    annotation(argument.type), namespace=self._module.__dict__
                ),
                description=argument.doc,
                default=(
                    argument.default
                    if argument.default is not ... and argument.default is not None
                    else strawberry.UNSET
                ),
            )
            for argument_name, argument in spec.arguments.items()
        ]
        return made
