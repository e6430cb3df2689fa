"""Values of the compose file as compose reads them where no variable is set."""

import re

_VARIABLE = re.compile(r"\$\{\w+:-([^}]*)\}")


def with_defaults(value: object) -> str:
    """A value with the default of each variable in it."""
    return _VARIABLE.sub(r"\1", str(value))
