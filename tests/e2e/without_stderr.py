"""`python -m tests.e2e.without_stderr closed|broken NAME`: a service without standard error.

It is closed from the start, or a pipe that nobody reads any more.
"""

import os
import sys

from deploy.local import service


def main() -> None:
    """Take it away, and become the service."""
    how, name = sys.argv[1:]
    if how == "closed":
        os.close(2)
        # An interpreter of its own: this one has an object for standard error.
        os.execv(sys.executable, [sys.executable, "-m", "deploy.local.service", name])
    reading, writing = os.pipe()
    os.close(reading)
    for descriptor in (1, 2):
        os.dup2(writing, descriptor)
    sys.argv = ["service", name]
    service.main()


if __name__ == "__main__":
    main()
