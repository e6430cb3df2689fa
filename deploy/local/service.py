"""`python -m deploy.local.service NAME`: load a service's code now, serve when told to.

Loading takes most of a service's start, and the database is being prepared meanwhile; a line on
standard input says that it is ready. The end of input means, before and after, that we are done.
"""

import sys
from importlib import import_module

from services.chassis import serve


def main() -> None:
    """Load, wait for the line, serve."""
    import_module(serve.PROCESSES[sys.argv[1]].partition(":")[0])
    if sys.stdin.buffer.readline():
        serve.main()


if __name__ == "__main__":
    main()
