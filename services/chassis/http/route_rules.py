"""Rules that routes declare about their requests: body, waiting, authentication.

Middleware needs them before the router runs, so they are looked up by the router's own patterns
and methods. How an address looks decides nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from re import Pattern
from typing import Any, Protocol
from urllib.parse import unquote_plus

from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers
from starlette.routing import BaseRoute
from starlette.types import Scope

from services.chassis.database.auth import authorise, current_caller
from services.chassis.database.db import get_begin

_IN_SCOPE = "junheng.rule"


class Body(StrEnum):
    """Kind of request body of a route."""

    DATA = "data"
    """JSON or a form, which is held in memory."""
    FILE = "file"
    """A file, which is forwarded as it arrives."""
    FILE_IN_FORM = "file-in-form"
    """A file in a multipart form; anything else is data."""


class Waits(StrEnum):
    """Whether a request may wait without being processed."""

    NEVER = "never"
    IF_ASKED = "if-asked"
    """With the query parameter `wait`."""
    ALWAYS = "always"


# `openapi_extra` of the routes concerned, and so part of the API's document.
TAKES_FILE = {"x-body": Body.FILE.value}
TAKES_FORM_WITH_FILE = {"x-body": Body.FILE_IN_FORM.value}
WAITS_IF_ASKED = {"x-waits": Waits.IF_ASKED.value}
WAITS_ALWAYS = {"x-waits": Waits.ALWAYS.value}
# The route itself stores `Idempotency-Key` with the job that it opens.
KEEPS_KEYS = {"x-keeps-keys": True}
# The route ignores keys because it only reads, or issues tokens. A repeated request is executed
# again, and the document does not offer the header.
DONE_AGAIN = {"x-done-again": True}
# The problems of the route have the members of RFC 6749 (5.2), too, which clients of OAuth know.
OAUTH_ERRORS = {"x-oauth-errors": True}


@dataclass(frozen=True, slots=True)
class RouteRule:
    """The rules of one route.

    Attributes:
        path: its template.
        body: what it does with a body.
        waits: whether its requests may wait.
        is_open: whether it takes requests without a token.
        keeps_keys: whether it handles `Idempotency-Key` itself.
        done_again: whether repeated requests run again in spite of a key.
        begins_later: whether it opens its transaction itself, after something slow.
        oauth_errors: whether its problems have the members of RFC 6749, too.
    """

    path: str
    body: Body = Body.DATA
    waits: Waits = Waits.NEVER
    is_open: bool = False
    keeps_keys: bool = False
    done_again: bool = False
    begins_later: bool = False
    oauth_errors: bool = False

    def takes_file(self, headers: Headers) -> bool:
        """Whether the body of a request with these headers is a file."""
        if self.body is Body.FILE_IN_FORM:
            return is_multipart(headers)
        return self.body is Body.FILE

    @property
    def reads_openly(self) -> bool:
        """Whether such a route exists and reads bodies of requests without a token."""
        return self.is_open and self is not NO_ROUTE

    def may_wait(self, query: bytes) -> bool:
        """Whether a request with this query may wait."""
        if self.waits is Waits.IF_ASKED:
            return _asks_to_wait(query)
        return self.waits is Waits.ALWAYS


# No route: the body of such a request is not read.
NO_ROUTE = RouteRule("unmatched", is_open=True)


class RuleFinder(Protocol):
    """Finds the rule of a request."""

    def __call__(self, scope: Scope) -> RouteRule:
        """The rule of the route that will serve the request, or `NO_ROUTE`."""


class RouteRules:
    """The rules of some routes, matched like the router matches routes.

    Args:
        routes: in the order in which they are tried; asked for once, at the first request.
    """

    def __init__(self, routes: Callable[[], Iterable[BaseRoute]]) -> None:
        self._routes = routes

    def at(self, method: str, path: str) -> RouteRule:
        """The rule of the route that takes `method` at `path`, or `NO_ROUTE`."""
        for beginning, pattern, rule in self._tables.get(method, ()):
            if path.startswith(beginning) and pattern.match(path):
                return rule
        return NO_ROUTE

    def __call__(self, scope: Scope) -> RouteRule:
        """The rule of a request to these routes."""
        return self.at(scope["method"], scope["path"])

    @cached_property
    def _tables(self) -> dict[str, list[tuple[str, Pattern[str], RouteRule]]]:
        """By method: how a path begins, the router's pattern for it, and the rule."""
        tables = defaultdict(list)
        for route in iter_route_contexts([*self._routes()]):
            path, methods = route.path, route.methods
            if path and methods:
                entry = path.partition("{")[0], route.path_regex, _rule_of(path, route)
                for method in methods:
                    tables[method].append(entry)
        return dict(tables)


def set_rule(scope: Scope, rule: RouteRule) -> None:
    """Pass the rule of a request to the inner layers."""
    scope[_IN_SCOPE] = rule


def rule_in(scope: Scope) -> RouteRule:
    """The rule of a request, as determined by the outermost layer."""
    rule: RouteRule = scope[_IN_SCOPE]
    return rule


def has_oauth_errors(scope: Scope) -> bool:
    """Whether the problems of a request have the members of RFC 6749, too."""
    rule: RouteRule = scope.get(_IN_SCOPE, NO_ROUTE)
    return rule.oauth_errors


def is_multipart(headers: Headers) -> bool:
    """Whether these headers declare a multipart form."""
    return headers.get("content-type", "").strip().lower().startswith("multipart/")


def has_body(headers: Headers) -> bool:
    """Whether a request with these headers has a body."""
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _rule_of(path: str, route: Any) -> RouteRule:
    declared = getattr(route, "openapi_extra", None) or {}
    return RouteRule(
        path,
        Body(declared.get("x-body", Body.DATA)),
        Waits(declared.get("x-waits", Waits.NEVER)),
        is_open=not _depends_on(getattr(route, "dependant", None), authorise, current_caller),
        keeps_keys=KEEPS_KEYS.items() <= declared.items(),
        done_again=DONE_AGAIN.items() <= declared.items(),
        begins_later=_depends_on(getattr(route, "dependant", None), get_begin),
        oauth_errors=OAUTH_ERRORS.items() <= declared.items(),
    )


def _depends_on(dependant: Any, *calls: Callable[..., Any]) -> bool:
    if dependant is None:
        return False
    return dependant.call in calls or any(
        _depends_on(inner, *calls) for inner in dependant.dependencies
    )


def _asks_to_wait(query: bytes) -> bool:
    """Whether any `wait` in a query is not zero; invalid numbers are refused later."""
    if b"wait" not in query and b"%" not in query:
        return False
    pairs = (pair.partition("=") for pair in query.decode("latin-1").split("&"))
    return any(
        unquote_plus(name) == "wait" and unquote_plus(value).strip("0") for name, _, value in pairs
    )
