"""`python -m tests.imports.import_process schools`: the school registry with every wait short.

It trusts the key in `JUNHENG_TEST_KEY` and cuts even small files into parts that processes
validate, as it does with large ones.
"""

import json
import os
from datetime import timedelta
from typing import Any

from services.chassis import app, job_runs, job_worker, serve
from services.chassis.auth import TokenVerifier
from services.chassis.imports import imports, splitting

_KEY: dict[str, Any] = json.loads(os.environ["JUNHENG_TEST_KEY"])


async def _key_of(_kid: str) -> dict[str, Any]:
    return _KEY


def main() -> None:
    """Serve."""
    setattr(app, "TokenVerifier", lambda _key_of_gateway: TokenVerifier(_key_of))  # noqa: B010
    job_worker.HEARTBEAT_TIMEOUT = timedelta(seconds=1)
    job_worker.FIRST_RETRY = job_worker.LONGEST_RETRY = timedelta(seconds=0.2)
    job_runs.MAX_STARTS = 1000  # here it is not the job that kills the process
    splitting.PART_BYTES = 4000
    setattr(imports, "SMALL_BYTES", 0)  # noqa: B010
    serve.main()


if __name__ == "__main__":
    main()
