"""The whole platform as real processes, made for a test and gone after it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import ports
from deploy.local.options import DEFAULT_PORTS, Options
from deploy.local.runner import Platform
from tests.support.forked import forks


@contextmanager
def whole_platform() -> Iterator[Platform]:
    """The whole platform as real processes, on free ports and a data folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="均衡 e2e "))
    folder.chmod(0o711)
    chosen = {name: ports.find_free() for name in DEFAULT_PORTS}
    options = Options(data=folder / "data", ports=chosen)
    try:
        with Platform(options, lambda _chinese, english: print(english), forks()) as platform:
            yield platform
    finally:
        shutil.rmtree(folder, ignore_errors=True)
