"""`python -m deploy.local.service NAME`: loads the code of a service, then serves on request.

Loading and building take most of the start of a service, while the database is being prepared.
A line on standard input starts serving; the end of input ends the process, before and after that.
Where processes can be forked (`loader`), the code is loaded already.
"""

import gc
import sys
from importlib import import_module

from services.chassis.runtime import serve


def main() -> None:
    """Load the application, wait for the line, serve."""
    # Loaded code stays in memory; collecting garbage in it would take a sixth of the time.
    gc.disable()
    import_module(serve.PROCESSES[sys.argv[1]].partition(":")[0])
    gc.freeze()
    gc.enable()
    if sys.stdin.buffer.readline():
        serve.main()


if __name__ == "__main__":
    main()
