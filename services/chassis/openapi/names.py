"""Names of schemas: letters and digits, and the title is the name, as generators of clients expect.

Where a model is written otherwise than it is read, the framework calls its schemas `Rules-Input`
and `Rules-Output`.
"""

from collections.abc import Mapping
from typing import Any

_REFERENCE = "#/components/schemas/"


def name_schemas(document: dict[str, Any]) -> dict[str, Any]:
    """The document with plain names of schemas."""
    schemas = document["components"]["schemas"]
    return rename_schemas(document, {name: name.replace("-", "") for name in schemas})


def rename_schemas(document: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The document with schemas under other names.

    Args:
        document: a complete one.
        names: the new name of every schema.
    """
    renamed: dict[str, Any] = _with_references(document, names)
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {
        names[name]: schema | {"title": names[name]} for name, schema in schemas.items()
    }
    return renamed


def _with_references(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _with_references(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_references(value, names) for value in node]
    if isinstance(node, str) and node.startswith(_REFERENCE):
        name = node.removeprefix(_REFERENCE)
        return _REFERENCE + names.get(name, name)
    return node
