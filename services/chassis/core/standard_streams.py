"""Standard input, output and error of a process that was started without some of them.

The system gives the lowest free number to the next file that is opened. Without this, what is
written to a closed standard error would go into an upload, or to PostgreSQL.
"""

import os
import sys


def occupy_standard_streams() -> None:
    """Open what is closed of descriptors 0 to 2, on nothing; call it before anything is opened."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, that is, this one


def standard_error() -> int | None:
    """A descriptor of the process's standard error, of our own; None when it was closed.

    Whatever becomes of descriptor 2 later, this one stays with what it stands for now.
    """
    if sys.__stderr__ is None:
        return None
    try:
        return os.dup(sys.__stderr__.fileno())
    except (OSError, ValueError):
        return None
