"""Writes problem+json for the project's own, the framework's and unexpected errors."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from orjson import dumps
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.types import Scope

from services.chassis.core.errors import (
    MAX_FAULTS,
    AppError,
    BadRequest,
    BodyTooLarge,
    Conflict,
    Fault,
    Invalid,
    MissingScope,
    NotAuthenticated,
    NotFound,
    Overloaded,
    StatementTimeout,
    StorageFull,
    Unavailable,
    UnsupportedMediaType,
)
from services.chassis.core.request_id import HEADER, accept_request_id, current_request_id
from services.chassis.core.text import Text, current_language
from services.chassis.database.storage import is_storage_full
from services.chassis.http.oauth_errors import oauth_members
from services.chassis.http.route_rules import has_oauth_errors
from services.chassis.schemas.validation import faults_of

log = structlog.get_logger()


class MethodNotAllowed(AppError):
    """The path exists, the method does not."""

    status = 405
    code = "platform.method_not_allowed"
    title = Text("不支持的方法", "Method not allowed")
    detail = Text("此路径不支持该方法。", "This path does not support the method.")


class Unexpected(AppError):
    """An internal error; the log contains details under the request id."""

    status = 500
    code = "platform.internal_error"
    title = Text("服务器内部错误", "Internal error")
    detail = Text("请把 request_id 告诉管理员。", "Report the request_id to your administrator.")


_BY_STATUS: dict[int, type[AppError]] = {
    401: NotAuthenticated,
    403: MissingScope,
    404: NotFound,
    405: MethodNotAllowed,
    409: Conflict,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
    500: Unexpected,
}


def problem_body(error: AppError, instance: str) -> dict[str, Any]:
    """The problem document of `error` in the request's language."""
    language = current_language.get()
    return {
        "type": f"urn:junheng:{error.code}",
        "title": error.title.render(language),
        "status": error.status,
        "detail": error.detail.render(language, **error.params),
        "instance": instance,
        "code": error.code,
        "request_id": current_request_id.get(),
        "errors": [
            {
                "pointer": fault.pointer,
                "code": fault.code,
                "message": fault.message.render(language, **fault.params),
                "params": fault.params,
            }
            for fault in error.faults
        ],
    }


def problem_response(error: AppError, scope: Scope) -> Response:
    """`error` as the HTTP response to the request of `scope`."""
    members = oauth_members(error) if has_oauth_errors(scope) else {}
    return Response(
        dumps(members | problem_body(error, scope["path"]), default=str),
        status_code=error.status,
        media_type="application/problem+json",
        headers=error.headers | {"Content-Language": current_language.get()},
    )


def as_app_error(error: Exception) -> AppError:
    """The problem that corresponds to an exception of a library."""
    if isinstance(error, AppError):
        return error
    if isinstance(error, RequestValidationError):
        return _request_fault(error)
    if isinstance(error, HTTPException):
        if isinstance(
            error.__cause__, AppError
        ):  # FastAPI wraps exceptions raised while reading the body
            return error.__cause__
        kind = _BY_STATUS.get(error.status_code, BadRequest)
        return kind(headers=dict(error.headers or {}))
    if is_storage_full(error):
        return StorageFull()
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig else None
        return as_app_error(cause) if isinstance(cause, Exception) else Unexpected()
    return _database_fault(error)


def _database_fault(error: Exception) -> AppError:
    if isinstance(
        error, asyncpg.CharacterNotInRepertoireError | asyncpg.UntranslatableCharacterError
    ):
        return Invalid([Fault("", "text.nul", Text("文本中不能有空字符", "NUL is not allowed"))])
    if isinstance(error, asyncpg.DataError):
        return Invalid(
            [Fault("", "value.out_of_range", Text("数值超出范围", "Value out of range"))]
        )
    if isinstance(error, asyncpg.SerializationError | asyncpg.DeadlockDetectedError):
        return Unavailable(retry_after=1)
    if isinstance(error, asyncpg.UniqueViolationError):
        return Conflict()  # concurrent writers, without a specific problem
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        log.warning("row security refused a write that the application let through")
        return NotFound()
    if isinstance(error, asyncpg.QueryCanceledError):
        return StatementTimeout(retry_after=5)
    if isinstance(error, PoolTimeout | asyncpg.TooManyConnectionsError):
        return Overloaded()
    if isinstance(error, _AWAY):
        return Unavailable()
    return Unexpected()


_AWAY = (
    TimeoutError,
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # Message of asyncpg if a connection is closed just when it is used.
    asyncpg.InternalClientError,
)


def _request_fault(error: RequestValidationError) -> AppError:
    errors = error.errors()
    if any(map(_is_unparsed, errors)):
        return UnsupportedMediaType(accepted="application/json")
    faults = faults_of(
        errors[:MAX_FAULTS]
    )  # wording more than are shown takes longer than all else
    if any(fault.code == "json_invalid" for fault in faults):
        return BadRequest(faults=faults)
    return Invalid(faults, count=len(errors))


def _is_unparsed(error: Mapping[str, Any]) -> bool:
    """Whether the framework took the body for bytes, because its type is not that of JSON."""
    is_bytes = isinstance(error.get("input"), bytes) and error["loc"] == ("body",)
    return is_bytes and error["type"] != "json_invalid"


def answer_to(error: Exception, scope: Scope) -> Response:
    """The problem that corresponds to `error`; internal errors are logged with their trace."""
    problem = as_app_error(error)
    if isinstance(problem, Invalid) and has_oauth_errors(scope):
        problem = BadRequest(faults=problem.faults)  # the status that RFC 6749 (5.2) names
    if problem.status == 500:
        log.error("request failed", code=problem.code, exc_info=error)
    elif problem.status > 500:  # no trace: under load there may be thousands
        log.warning("request not served", code=problem.code, cause=type(error).__name__)
    return problem_response(problem, scope)


async def _handle(request: Request, error: Exception) -> Response:
    return answer_to(error, request.scope)


async def _handle_last(request: Request, _error: Exception) -> Response:
    request_id = accept_request_id(current_request_id.get())
    current_request_id.set(request_id)
    return problem_response(Unexpected(headers={HEADER: request_id}), request.scope)


def install_problem_handlers(app: FastAPI) -> None:
    """Handle every expected exception of `app` with the same problem writer.

    The unexpected ones are caught by `RequestFrame`, so that none is reported twice. What goes
    wrong in the frame itself is answered by a problem, too, and reported by the server.
    """
    for kind in (AppError, RequestValidationError, HTTPException, DBAPIError):
        app.add_exception_handler(kind, _handle)
    app.add_exception_handler(Exception, _handle_last)
