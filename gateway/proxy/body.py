"""A request body, forwarded chunk by chunk as it arrives."""

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive


class BodyAlreadySent(Exception):
    """A request cannot be sent again once part of its body has been sent."""


class RequestBody:
    """An asynchronous iterator over a body; keeps the reason of an interruption."""

    def __init__(self, receive: Receive, first: Message) -> None:
        self._receive, self._next = receive, first
        self._started = False
        self.is_complete = False
        self.fault: Exception | None = None

    def __aiter__(self) -> "RequestBody":
        """Start the only iteration.

        Raises:
            BodyAlreadySent: on a retry after part of the body has been sent.
        """
        if self._started:
            raise BodyAlreadySent
        return self

    async def __anext__(self) -> bytes:
        """The next chunk.

        Raises:
            BodyTooLarge: the body exceeds the limit.
            ClientDisconnect: the client has disconnected.
        """
        if self.is_complete:
            raise StopAsyncIteration
        try:
            message = await self._receive() if self._started else self._next
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
        except Exception as error:
            self.fault = error
            raise
        self._started = True
        self.is_complete = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk
