"""Global ids (Relay): base64url of `Type:code`."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error

from resolvers.catalog import Catalog
from resolvers.errors import BadInput


def global_id(type_name: str, code: str) -> str:
    """The id of a record."""
    return urlsafe_b64encode(f"{type_name}:{code}".encode()).rstrip(b"=").decode()


def read_id(value: str, catalog: Catalog) -> tuple[str, str]:
    """The (type, code) that an id stands for. Raises BadInput for anything else."""
    try:
        raw = urlsafe_b64decode(value.encode("ascii") + b"=" * (-len(value) % 4)).decode()
        type_name, _, code = raw.partition(":")
    except (ValueError, Base64Error):
        type_name = code = ""
    if type_name not in catalog or not code:
        raise BadInput(f"{value[:80]!r} is no id of this hub: take ids from the field `id`")
    return type_name, code
