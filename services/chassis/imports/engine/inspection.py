"""Inspection of an uploaded file within the disk space that its account has left."""

from services.chassis.core.errors import StorageFull
from services.chassis.files.held_files import settle
from services.chassis.imports.declaration.file_problems import Bomb
from services.chassis.imports.engine.work import ImportWork
from services.chassis.imports.formats.inspecting import Inspected
from services.chassis.imports.formats.readable import Wishes
from services.chassis.imports.xlsx.package import MOST_SHRUNK, SLACK
from services.chassis.queue.stored_problem import Refused


class Inspection:
    """Looks at the file of one run.

    What it unpacks to is not known before. So all that it may come to is held meanwhile, as far as
    there is room for it, and afterwards what it has come to.
    """

    def __init__(self, work: ImportWork) -> None:
        self._work, self._job = work, work.job
        self._quota = work.operations.quota

    async def inspect(self) -> Inspected:
        """Find out the format and layout of the file.

        Raises:
            FileUnreadable: it is lost.
            Refused: it cannot be read, or not as what it is said to be.
            QuotaExceeded: it unpacks to more than the account, or its bureau, may hold.
            StorageFull: it unpacks to more than the disk has room for.
        """
        file, size = self._work.file, self._job["size"]
        wishes = Wishes(**self._job["wishes"])
        most = min(self._work.operations.settings.max_unpacked_bytes, MOST_SHRUNK * size + SLACK)
        held = await self._quota.hold(self._work.caller, self._job["id"], size, size + most)
        try:
            return await self._work.validators.inspect(file, wishes, held - size)
        except Exception as problem:
            # Of a file that cannot be read nothing is kept but itself.
            self._work.operations.delete_rewritten(self._job["id"])
            if held - size < most and _is_bomb(problem):
                await self._no_room(size + most)
            raise
        finally:
            async with self._work.as_service() as connection:
                await settle(connection, self._job["id"], size + file.rows.size)

    async def _no_room(self, needed: int) -> None:
        """Say whose room it was that did not suffice.

        Raises:
            QuotaExceeded: the account's, or its bureau's.
            StorageFull: the disk's.
        """
        await self._quota.hold(self._work.caller, self._job["id"], needed)
        raise StorageFull  # there is room by now: let it be tried again


def _is_bomb(problem: Exception) -> bool:
    return isinstance(problem, Bomb) or (isinstance(problem, Refused) and str(problem) == Bomb.code)
