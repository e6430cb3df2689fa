"""The base class of this service's tables."""

from sqlalchemy.orm import registry

from services.chassis.database.db import Row, count_changes, tables_of

METADATA = tables_of("gateway")


class Table(Row, registry=registry(metadata=METADATA)):
    """Base of every table in the schema `gateway`."""

    metadata = METADATA


count_changes(Table)
