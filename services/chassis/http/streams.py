"""Responses that are produced while they are being sent."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text
from services.chassis.http.places import Places

# Concurrent streamed files of one account; finished files do not count.
MOST_OF_ACCOUNT = 8


class TooManyStreams(AppError):
    """The account already has the maximum number of streamed exports."""

    status = 429
    code = "platform.too_many_streams"
    title = Text("同时下载过多", "Too many concurrent exports")
    detail = Text(
        "您已有 {limit} 个文件正在生成和下载；请等其中之一结束，或新建导出任务。",
        "{limit} files are being streamed to you; let one of them end, or export as a job.",
    )


class StreamingPlaces(Places):
    """Slots for streamed files of a process, limited for each account."""

    def __init__(self) -> None:
        super().__init__(MOST_OF_ACCOUNT, TooManyStreams)


class StreamedFile(StreamingResponse):
    """A streamed file; its content is closed in any case.

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
