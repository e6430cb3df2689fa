"""The operations of one kind in a service, as one process works on them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from services.chassis.core.settings import FileSettings
from services.chassis.database.db import Conn, Database
from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.files.held_files import Quota
from services.chassis.operations.kind import End, OperationKind
from services.chassis.operations.polling import operation_poller
from services.chassis.operations.store import Job


class Summary(NamedTuple):
    """The values written when an operation ends.

    Attributes:
        columns: of its row.
        detail: of its entry in the audit trail, beside the state.
    """

    columns: dict[str, Any]
    detail: dict[str, Any]


class Operations(ABC):
    """The operations of one kind in one service.

    Attributes:
        kind: their declaration.
        database: of the service.
        settings: of the service.
        folder: of the files of operations, which begin with their ids.
        quota: what accounts may hold there.
        poller: wakes requests that wait for an operation.
    """

    kind: ClassVar[OperationKind]

    def __init__(self, database: Database, settings: FileSettings, folder: Path) -> None:
        self.database, self.settings, self.folder = database, settings, folder
        self.quota = Quota(database, settings)
        self.poller = operation_poller(database, self.kind)

    @abstractmethod
    async def summary(self, connection: Conn, job: Job, end: End) -> Summary:
        """The values written in the transaction that ends an operation."""

    @abstractmethod
    async def ended(self, connection: Conn, job: Job, end: End, summary: Summary) -> None:
        """Give up in the same transaction what an operation that has ended does not need."""

    @abstractmethod
    async def forget(self, connection: Conn, operation_ids: Sequence[UUID]) -> None:
        """Delete the rows that belong to operations whose files are given up."""

    @abstractmethod
    async def clear(self) -> None:
        """Clear away what killed processes have left behind."""

    def columns_of_claim(self) -> dict[str, Any]:
        """Columns that a new run sets."""
        return {}

    def delete_files(self, operation_id: UUID) -> None:
        """Delete all files of an operation."""
        for path in self.folder.glob(f"{operation_id}.*"):
            EncryptedFile(path, b"").delete()
