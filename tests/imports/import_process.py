"""`python -m tests.imports.import_process schools`: the school registry with every wait short.

It trusts the tests' key and cuts even small files into parts that processes
validate, as it does with large ones.
"""

from datetime import timedelta

from services.chassis import job_runs, job_worker, serve
from services.chassis.imports import imports, splitting
from tests.support.trusting import trust_tests


def main() -> None:
    """Serve."""
    trust_tests()
    job_worker.HEARTBEAT_TIMEOUT = timedelta(seconds=1)
    job_worker.FIRST_RETRY = job_worker.LONGEST_RETRY = timedelta(seconds=0.2)
    job_runs.MAX_STARTS = 1000  # here it is not the job that kills the process
    splitting.PART_BYTES = 4000
    setattr(imports, "SMALL_BYTES", 0)  # noqa: B010
    serve.main()


if __name__ == "__main__":
    main()
