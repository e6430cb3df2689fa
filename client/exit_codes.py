"""Exit codes of `junheng`."""

DONE = 0
# Refused by the platform or failed otherwise; the reason is on standard error.
REFUSED = 1
# Imports only: some rows or no rows are stored.
SOME_ROWS, NO_ROWS = 2, 3
# As in sysexits.h: usage error; platform or one of its services unavailable.
USAGE, UNREACHABLE = 64, 69
INTERRUPTED = 130
