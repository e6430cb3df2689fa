"""Base class of the example service's tables, in the schema of a real service."""

from sqlalchemy.orm import registry

from services.chassis.database.db import Row, count_changes, tables_of

METADATA = tables_of("schools")


class Table(Row, registry=registry(metadata=METADATA)):
    """Base of every table of the example service."""

    metadata = METADATA


count_changes(Table)
