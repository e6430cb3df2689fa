"""`python -m tests.e2e.without_stderr NAME`: a service without standard error."""

import os
import sys


def main() -> None:
    """Close it, and become the service."""
    os.close(2)
    os.execv(sys.executable, [sys.executable, "-m", "deploy.local.service", sys.argv[1]])


if __name__ == "__main__":
    main()
