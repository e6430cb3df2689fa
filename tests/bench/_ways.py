"""Ways to get all members of staff into a file: through the gateway, and straight from PostgreSQL.

The client is as light as can be: it must cost less than what it measures.
"""

import asyncio
import http.client
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import asyncpg

from services.chassis.schemas.id_numbers.parts import MASK
from services.schools.staff.models import StaffRead
from tests.bench._staff import BUREAU

_BLOCK = 1 << 20
_OK, _ACCEPTED = 200, 202
_COLUMNS = ", ".join(
    f"'{MASK}' as {name}" if name == "id_number_masked" else name for name in StaffRead.model_fields
)
# What the list selects for somebody who sees the whole bureau, in its usual order.
ROWS = (
    f"select {_COLUMNS} from schools.staff where bureau_code = $1 and restricted_at is null "
    "order by staff_no, id"
)


def copied(url: str, file: Path) -> None:
    """As `psql -c "\\copy (…) to file csv header"` does it: no service, no row security."""
    asyncio.run(_copy(url, file))


async def _copy(url: str, file: Path) -> None:
    connection = await asyncpg.connect(url, server_settings={"timezone": "Asia/Shanghai"})
    try:
        await connection.copy_from_query(ROWS, BUREAU, output=file, format="csv", header=True)
    finally:
        await connection.close()


@dataclass(frozen=True)
class Gateway:
    """The platform as somebody with a token sees it."""

    address: str
    token: str

    def stream(self, file: Path, **params: Any) -> None:
        """Stream the list."""
        self._fetch(f"/schools/v1/staff?{urlencode(params, doseq=True)}", file)

    def job(self, file: Path, **options: Any) -> None:
        """Have it exported as a job, wait for its end, and fetch the file."""
        wanted = json.dumps({"resource": "staff", **options})
        job = self._ask("POST", "/schools/v1/exports", wanted, _ACCEPTED)
        path = f"/schools/v1/exports/{job['id']}"
        while job["state"] in ("queued", "running"):
            job = self._ask("GET", f"{path}?wait=60", None, _OK)
        if job["state"] != "completed":
            raise RuntimeError(f"the export ended {job['state']}: {job['problem']}")
        self._fetch(f"{path}/content", file)

    def _fetch(self, path: str, file: Path) -> None:
        connection, response = self._send("GET", path, None, _OK)
        with file.open("wb") as output:
            shutil.copyfileobj(response, output, _BLOCK)
        connection.close()

    def _ask(self, method: str, path: str, body: str | None, status: int) -> Any:
        connection, response = self._send(method, path, body, status)
        answer = json.loads(response.read())
        connection.close()
        return answer

    def _send(
        self, method: str, path: str, body: str | None, status: int
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=600)
        connection.request(method, path, body, headers | {"Idempotency-Key": uuid4().hex})
        response = connection.getresponse()
        if response.status != status:
            raise RuntimeError(f"the gateway answered {response.status}: {response.read()!r}")
        return connection, response
