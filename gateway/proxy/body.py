"""A request's body, passed on chunk by chunk as it arrives."""

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive


class BodySentBefore(Exception):
    """A request whose body has begun to leave cannot be sent again."""


class RequestBody:
    """An asynchronous iterator over a body; remembers why it broke off."""

    def __init__(self, receive: Receive, first: Message) -> None:
        self._receive, self._next = receive, first
        self._started = False
        self.is_complete = False
        self.fault: Exception | None = None

    def __aiter__(self) -> "RequestBody":
        """Start, once.

        Raises:
            BodySentBefore: on a retry after some of it has left.
        """
        if self._started:
            raise BodySentBefore
        return self

    async def __anext__(self) -> bytes:
        """The next chunk.

        Raises:
            BodyTooLarge: the body turns out to be over the limit.
            ClientDisconnect: the client has gone.
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
