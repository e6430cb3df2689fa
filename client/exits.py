"""The exit codes of `junheng`: what a script can tell from them."""

DONE = 0
# The platform refused it, or it failed otherwise; standard error says why.
REFUSED = 1
# Of an import only: some rows, or none of them.
SOME_ROWS, NO_ROWS = 2, 3
# As in sysexits.h: wrong use; the platform, or a service of it, is away.
USAGE, UNREACHABLE = 64, 69
INTERRUPTED = 130
