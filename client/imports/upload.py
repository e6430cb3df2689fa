"""The file to import, on disk or in memory."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from client.problems import JunhengError

_CHUNK = 1 << 18


class FileChanged(JunhengError):
    """The file has changed since its import was opened."""


@dataclass(frozen=True)
class Upload:
    """A file to send.

    Attributes:
        name: file name, whose extension determines the format.
        size: size in bytes.
        sha256: digest of the content; the platform refuses a file with another one.
        open: function that opens the file for reading.
    """

    name: str
    size: int
    sha256: str
    open: Callable[[], BinaryIO]

    @classmethod
    def of_file(cls, file: Path) -> "Upload":
        """A file on disk.

        Raises:
            OSError: the file cannot be read.
        """
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            return cls(file.name, content.tell(), digest, lambda: file.open("rb"))

    @classmethod
    def of_bytes(cls, content: bytes, name: str) -> "Upload":
        """Content in memory, with a file name."""
        digest = hashlib.sha256(content).hexdigest()
        return cls(name, len(content), digest, lambda: io.BytesIO(content))

    def read_from(self, offset: int, on_sent: Callable[[int], None]) -> Iterator[bytes]:
        """The content from `offset` on, in chunks.

        Args:
            offset: byte to begin with.
            on_sent: called after each chunk with the number of bytes read so far.

        Raises:
            FileChanged: the file has become shorter.
        """
        with self.open() as content:
            content.seek(offset)
            while offset < self.size:
                chunk = content.read(min(_CHUNK, self.size - offset))
                if not chunk:
                    raise FileChanged(f"{self.name} became shorter while it was being sent")
                yield chunk
                offset += len(chunk)
                on_sent(offset)
