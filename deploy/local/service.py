"""`python -m deploy.local.service NAME`: load a service's code now, serve when told to.

Loading takes most of a service's start, and the database is being prepared meanwhile; a line on
standard input says that it is ready. The end of input means, before and after, that we are done.
"""

import gc
import sys
from importlib import import_module

from services.chassis.runtime import serve


def main() -> None:
    """Load, wait for the line, serve."""
    # What is loaded stays: looking through it for garbage would take a sixth of the time.
    gc.disable()
    import_module(serve.PROCESSES[sys.argv[1]].partition(":")[0])
    gc.freeze()
    gc.enable()
    if sys.stdin.buffer.readline():
        serve.main()


if __name__ == "__main__":
    main()
