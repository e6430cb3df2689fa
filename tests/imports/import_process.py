"""`python -m tests.imports.import_process schools`: the school registry with every wait short.

It trusts the tests' key and cuts even small files into parts that processes
validate, as it does with large ones.
"""

from datetime import timedelta

from services.chassis.imports.engine import imports
from services.chassis.imports.formats import splitting
from services.chassis.queue import runs, worker
from services.chassis.runtime import serve
from tests.support.trusting import trust_tests


def main() -> None:
    """Serve."""
    trust_tests()
    worker.HEARTBEAT_TIMEOUT = timedelta(seconds=1)
    worker.FIRST_RETRY = worker.LONGEST_RETRY = timedelta(seconds=0.2)
    runs.MAX_STARTS = 1000  # here it is not the job that kills the process
    splitting.PART_BYTES = 4000
    setattr(imports, "SMALL_BYTES", 0)  # noqa: B010
    serve.main()


if __name__ == "__main__":
    main()
