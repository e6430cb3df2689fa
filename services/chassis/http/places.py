"""Counts concurrent requests: in total and for each account."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from services.chassis.core.errors import AppError, Overloaded
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller

# Share of the slots that is reserved for the services' own calls.
_SERVICES_PART = 10
_ANONYMOUS = ""


class TooManyRequestsAtOnce(AppError):
    """The account already has the maximum number of concurrent requests."""

    status = 429
    code = "platform.too_many_requests_at_once"
    title = Text("同时请求过多", "Too many concurrent requests")
    detail = Text(
        "您已有 {limit} 个请求正在处理；请等其中之一结束后再试。",
        "{limit} of your requests are being processed; try again when one of them has ended.",
    )


class Places:
    """Slots for requests; one account never has all of them.

    Callers without a token share half of the places. Services have as many as there are, and
    some that nobody else gets.

    Args:
        each: what one account may have at a time.
        refusal: the problem when an account has that many.
        total: what all may have together; None when only accounts are limited.
    """

    def __init__(self, each: int, refusal: type[AppError], total: int | None = None) -> None:
        self._each, self._refusal, self._total = each, refusal, total
        self._taken, self._of = 0, Counter[str]()

    @contextmanager
    def place(self, caller: Caller | None) -> Iterator[None]:
        """A slot for one request while it is being served.

        Raises:
            AppError: the refusal, or `Overloaded` when there is no place for anybody.
        """
        self._require_free(caller)
        name = caller.subject if caller else _ANONYMOUS
        self._taken += 1
        self._of[name] += 1
        try:
            yield
        finally:
            self._taken -= 1
            self._of[name] -= 1
            if not self._of[name]:
                del self._of[name]

    def _require_free(self, caller: Caller | None) -> None:
        is_service = caller is not None and caller.is_service
        if self._total is not None:
            kept = 0 if is_service else self._total // _SERVICES_PART
            if self._taken >= self._total - kept:
                raise Overloaded
            if caller is None and self._of[_ANONYMOUS] >= max(self._total // 2, 1):
                raise Overloaded
        if caller and not is_service and self._of[caller.subject] >= self._each:
            raise self._refusal(headers={"Retry-After": "1"}, limit=self._each)
