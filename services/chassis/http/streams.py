"""Answers that are written while they are being sent."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text
from services.chassis.http.places import Places

# Files of one account that are sent at the same time, unless they exist already.
MOST_OF_ACCOUNT = 8


class TooManyStreams(AppError):
    """The account has as many exports under way as it may have at a time."""

    status = 429
    code = "platform.too_many_streams"
    title = Text("同时下载过多", "Too many exports at the same time")
    detail = Text(
        "您已有 {limit} 个文件正在生成和下载；请等其中之一结束，或新建导出任务。",
        "{limit} files are being written for you; let one of them end, or export as a job.",
    )


class StreamingPlaces(Places):
    """Places for the files that a process writes while they are sent, so many for each account."""

    def __init__(self) -> None:
        super().__init__(MOST_OF_ACCOUNT, TooManyStreams)


class StreamedFile(StreamingResponse):
    """A file that is written while it is sent; its content is closed whatever happens to it.

    What it holds is given back at once when the client leaves, not when the memory is cleared up.
    """

    def __init__(
        self,
        content: AsyncGenerator[bytes, None],
        *,
        media_type: str,
        name: str,
        first: bytes = b"",
    ) -> None:
        """Prepare the answer.

        Args:
            content: what comes after `first`.
            media_type: for `Content-Type`.
            name: of the file.
            first: its beginning, read before to see that it can be written.
        """
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__(_joined(first, content), media_type=media_type, headers=headers)
        self._content = content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        async with aclosing(self._content):
            await super().__call__(scope, receive, send)


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
