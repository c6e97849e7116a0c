"""Errors of the composition in plain words: what is wrong with the file, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from hub.federation.compose import INVALID, TOO_LARGE, CompositionError
from hub.federation.places import Places, coordinates
from hub.federation.problem import Problem

UNDEFINED = "not valid GraphQL; define what is named, or correct the name"
ADVICE = {
    "INVALID_GRAPHQL": UNDEFINED,
    "TYPE_DEFINITION_INVALID": UNDEFINED,
    "DIRECTIVE_DEFINITION_INVALID": "leave the directive's definition to the @link's import",
    "INVALID_LINK_DIRECTIVE_USAGE": "import only what that version of the specification has",
    "INVALID_LINK_IDENTIFIER": "correct the address or the import of the @link",
    "UNKNOWN_FEDERATION_LINK_VERSION": "link to a version of Federation that the hub takes",
    "FIELD_TYPE_MISMATCH": "give the field the type that the other subgraphs give it",
    "FIELD_ARGUMENT_TYPE_MISMATCH": "give the argument the type that the others give it",
    "FIELD_ARGUMENT_DEFAULT_MISMATCH": "give the argument the default that the others give it",
    "INPUT_FIELD_DEFAULT_MISMATCH": "give the input field the default that the others give it",
    "EXTERNAL_TYPE_MISMATCH": "give the @external field the type that its owner gives it",
    "EXTERNAL_ARGUMENT_MISSING": "give the @external field the arguments that its owner gives it",
    "EXTERNAL_MISSING_ON_BASE": "no other subgraph has this field; leave @external out to answer "
    "it yourself, or correct the name",
    "EXTERNAL_UNUSED": "nothing needs this @external field; leave it out",
    "INVALID_FIELD_SHARING": "another subgraph answers this field already; leave it out, or choose "
    "another name",
    "INVALID_SHAREABLE_USAGE": "@shareable cannot stand here; leave it out",
    "KEY_INVALID_FIELDS": "the @key must name fields that the type declares in this file",
    "KEY_INVALID_FIELDS_TYPE": "write the @key's fields as text",
    "KEY_FIELDS_HAS_ARGS": "a field with arguments cannot be part of a @key; choose another",
    "KEY_FIELDS_SELECT_INVALID_TYPE": "lists, interfaces and unions cannot be part of a @key",
    "KEY_UNSUPPORTED_ON_INTERFACE": "put the @key on the types, not on the interface",
    "REQUIRES_INVALID_FIELDS": "the @requires must name fields that this file declares @external",
    "REQUIRES_FIELDS_MISSING_EXTERNAL": "mark the fields that @requires names as @external",
    "PROVIDES_INVALID_FIELDS": "the @provides must name fields that this file declares @external",
    "PROVIDES_FIELDS_MISSING_EXTERNAL": "mark the fields that @provides names as @external",
    "PROVIDES_ON_NON_OBJECT_FIELD": "@provides can stand only on a field that gives an object",
    "SATISFIABILITY_ERROR": "the gateway cannot get from one subgraph to the other; give the type "
    "its @key in this file",
    "TYPE_KIND_MISMATCH": "another subgraph has a type of this name and another kind; choose "
    "another name",
    "ENUM_VALUE_MISMATCH": "the enum must have the same values as in the other subgraphs",
    "EMPTY_MERGED_ENUM_TYPE": "the enum must have the same values as in the other subgraphs",
    "EMPTY_MERGED_INPUT_TYPE": "the input must have the same fields as in the other subgraphs",
    "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH": "give the field the same arguments as the other "
    "subgraphs do",
    "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH": "make the input field optional, or leave it "
    "out",
    "INTERFACE_FIELD_NO_IMPLEM": "declare the interface's field on every type that implements it",
    "INTERFACE_OBJECT_USAGE_ERROR": "leave @interfaceObject out",
    "OVERRIDE_FROM_SELF_ERROR": "leave @override out",
    "OVERRIDE_SOURCE_HAS_OVERRIDE": "leave @override out",
    "OVERRIDE_ON_INTERFACE": "leave @override out",
    "EXTENSION_WITH_NO_BASE": "define the type in place of extending it, or correct its name",
    "REFERENCED_INACCESSIBLE": "what is visible needs this; leave @inaccessible out",
    "ONLY_INACCESSIBLE_CHILDREN": "leave a field of it visible, or hide the type itself",
    "IMPLEMENTED_BY_INACCESSIBLE": "an interface needs this field; leave @inaccessible out",
    "NO_QUERIES": "declare a root field, type Query { … }",
}
"""What to do about the errors that are common; any other is told in the library's own words."""


def conflicts(
    errors: Iterable[CompositionError], places: Places, said: Iterable[Problem] = ()
) -> Iterator[Problem]:
    """The errors that are not about what was said already, each thing once."""
    known = {problem.about for problem in said if problem.about}
    told: set[tuple[str, str | None]] = set()
    for error in errors:
        named = set(coordinates(error.message))
        named |= {each.partition("(")[0] for each in named}
        types = set(re.findall(r'"([A-Z]\w*)"', error.message))
        if known & (named | types | {each.partition(".")[0] for each in named}):
            continue
        about, line = places.find(_essence(error))
        if (error.code, about) in told:
            continue
        told.add((error.code, about))
        yield Problem(line or 1, _plain(error), about)


def _plain(error: CompositionError) -> str:
    if error.code in (INVALID, TOO_LARGE):
        return error.message
    advice = ADVICE.get(error.code)
    message = _essence(error)
    return f"{message}: {advice}" if advice else f"{message} ({error.code}); correct it"


def _essence(error: CompositionError) -> str:
    """The message without the subgraph's name before it; of a long one the part that tells why."""
    message = re.sub(r"^\[[\w-]+\] ", "", error.message).strip()
    if error.code == "SATISFIABILITY_ERROR" and "because:" in message:
        reasons = message.partition("because:")[2].splitlines()
        lines = [line.strip(" -") for line in reasons if not line.strip().startswith("- from")]
        message = " ".join(line for line in lines if line)
    message = re.sub(r"\s*\([^()]*should either be added[^()]*\)", "", message)
    return re.sub(r"\s+", " ", message).rstrip(".")
