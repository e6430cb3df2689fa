"""What is sent to be imported: a file on disk, or its content in memory."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from client.problems import JunhengError

_CHUNK = 1 << 18


class FileChanged(JunhengError):
    """The file is no longer what it was when its import was opened."""


@dataclass(frozen=True)
class Upload:
    """A file to send.

    Attributes:
        name: its ending tells the format.
        size: in bytes.
        sha256: of its content; the platform refuses a file that has another one.
        open: opens it to be read.
    """

    name: str
    size: int
    sha256: str
    open: Callable[[], BinaryIO]

    @classmethod
    def of_file(cls, file: Path) -> "Upload":
        """A file on disk.

        Raises:
            OSError: it cannot be read.
        """
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            return cls(file.name, content.tell(), digest, lambda: file.open("rb"))

    @classmethod
    def of_bytes(cls, content: bytes, name: str) -> "Upload":
        """A file in memory, under this name."""
        digest = hashlib.sha256(content).hexdigest()
        return cls(name, len(content), digest, lambda: io.BytesIO(content))

    def read_from(self, offset: int, told: Callable[[int], None]) -> Iterator[bytes]:
        """The content from `offset` on.

        Args:
            offset: where to begin.
            told: is told after each piece how far it has come.

        Raises:
            FileChanged: it has become shorter.
        """
        with self.open() as content:
            content.seek(offset)
            while offset < self.size:
                chunk = content.read(min(_CHUNK, self.size - offset))
                if not chunk:
                    raise FileChanged(f"{self.name} has become shorter while it was sent")
                yield chunk
                offset += len(chunk)
                told(offset)
