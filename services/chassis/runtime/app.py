"""The ASGI application of a service: its features, and what every service has in common."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from services.chassis.audit.feed import change_router
from services.chassis.audit.histories import history_router
from services.chassis.audit.log import Refusals
from services.chassis.audit.news import ChangeLookout
from services.chassis.audit.routes import audit_router
from services.chassis.core.errors import Problem
from services.chassis.core.logs import configure_logs
from services.chassis.core.resources import Resources
from services.chassis.core.settings import FileSettings, ServiceSettings, read_secret
from services.chassis.core.temp_dirs import clear_leftovers
from services.chassis.core.tracing import TracedRequests, traced
from services.chassis.database.auth import TokenVerifier
from services.chassis.database.clock import Clock
from services.chassis.database.db import Database
from services.chassis.exports.exports import Exports
from services.chassis.exports.router import router as export_routes
from services.chassis.http.health import health_router
from services.chassis.http.idempotency import DONE_AGAIN, HEADER, Idempotency
from services.chassis.http.limits import Admission, BodyShape
from services.chassis.http.long_poll import WaitingRoom
from services.chassis.http.middleware import BodyLimit, RequestFrame
from services.chassis.http.preconditions import MatchRequired
from services.chassis.http.problems import install_problem_handlers
from services.chassis.imports.imports import Imports
from services.chassis.imports.previews.router import router as preview_routes
from services.chassis.imports.router import router as import_routes
from services.chassis.imports.rows_router import router as import_rows_routes
from services.chassis.imports.templates.router import router as template_routes
from services.chassis.lists.query import document_lists
from services.chassis.peers.client import PlatformClient, SigningKeys
from services.chassis.peers.http_client import HttpClient
from services.chassis.procedures.routes import procedure_router
from services.chassis.queue.jobs import Jobs
from services.chassis.queue.worker import Worker
from services.chassis.runtime.clock_routes import clock_router
from services.chassis.runtime.feature import Service
from services.chassis.runtime.job_routes import router as job_routes
from services.chassis.runtime.maintenance import keeping
from services.chassis.schemas.codes import code_list_router
from services.chassis.subject_access.holdings import holdings_router

# How long running jobs may take to end before they are cut off, and to be put back then.
DRAIN_SECONDS = 10
CUT_OFF_SECONDS = 5

_IMPORT_ROUTES = [import_routes, import_rows_routes, preview_routes, template_routes]


def create_app(
    service: Service,
    *,
    settings: ServiceSettings | None = None,
    inside: Sequence[Middleware] = (),
    body_limit: BodyLimit | None = None,
    clock_routes: APIRouter = clock_router,
    openapi_url: str | None = "/openapi.json",
) -> FastAPI:
    """The ASGI application of a service.

    Args:
        service: its features.
        settings: read from the environment when absent.
        inside: ASGI layers between the request frame and the routes.
        body_limit: the largest body of a request, when it is not the same for all.
        clock_routes: how the clock is read and moved in development.
        openapi_url: where the document of these routes alone is served; None for nowhere.
    """
    settings = settings or service.settings.for_service(service.name)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure_logs(service.name)
        app.state.resources = Resources()
        is_inline = settings.jobs == "inline"
        async with (
            traced(service.name, settings),
            open_resources(service, settings, app.state.resources) as resources,
            keeping(resources[Database], is_on=is_inline),
            working(service.name, service.jobs if is_inline else None, resources),
        ):
            yield

    app = FastAPI(
        title=service.title,
        version="1.0",
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        docs_url=None,
        redoc_url=None,
        openapi_url=openapi_url,
        redirect_slashes=False,
        middleware=[
            Middleware(
                RequestFrame,
                service=service.name,
                body_limit=body_limit or settings.body_limit,
            ),
            Middleware(TracedRequests),
            Middleware(Admission, limit=settings.max_requests, waiting_limit=settings.max_waiting),
            *inside,
            Middleware(BodyShape),
            Middleware(Idempotency),
        ],
    )
    install_problem_handlers(app)
    app.include_router(health_router)
    if settings.is_development:
        app.include_router(clock_routes)
    for router in (*service.routers, *_common_routers(service)):
        app.include_router(router)
    _document_problems(app)
    return app


def _common_routers(service: Service) -> Iterator[APIRouter]:
    """Routes that follow from what the features declare."""
    if service.subject_access and service.held:
        yield holdings_router(service.held, service.subject_access)
    if service.procedures:
        yield procedure_router(service.procedures)
    if service.code_lists:
        yield code_list_router(*service.code_lists)
    if service.jobs.handlers:
        yield job_routes
    if service.has_imports:
        yield from _IMPORT_ROUTES
    if service.exports:
        yield export_routes
    if service.has_change_feed:
        yield change_router
    yield history_router(service.tracked)
    yield audit_router


@asynccontextmanager
async def open_resources(
    service: Service, settings: ServiceSettings, resources: Resources
) -> AsyncIterator[Resources]:
    """Open what a service works with, and close it in the end."""
    clear_leftovers(settings.scratch_dir)
    async with AsyncExitStack() as stack:
        database = resources.add(Database(service.name, settings))
        await database.open()
        stack.push_async_callback(database.close)
        http = resources.add(HttpClient(settings.gateway_url))
        stack.push_async_callback(http.close)
        secret = read_secret(f"{service.name}_client_secret") or ""
        for one in (
            settings,
            service.tracked,
            Refusals(database),
            WaitingRoom(),
            ChangeLookout(database),
            Clock(database, movable=settings.is_development),
            TokenVerifier(SigningKeys(http).key_of),
            PlatformClient(http, f"service-{service.name}", secret),
        ):
            resources.add(one)
        for provide in service.resources:
            await stack.enter_async_context(provide(resources))
        if isinstance(settings, FileSettings):
            imports = resources.add(Imports(service.import_specs(), database, settings))
            stack.push_async_callback(imports.close)
            resources.add(Exports(service.exports, database, settings))
        yield resources


@asynccontextmanager
async def working(name: str, jobs: Jobs | None, resources: Resources) -> AsyncIterator[None]:
    """Run the service's job worker meanwhile; on leaving let running jobs finish."""
    if jobs is None or not jobs.handlers:
        yield
        return
    worker = Worker(name, jobs, resources)
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        _done, late = await asyncio.wait({task}, timeout=DRAIN_SECONDS)
        if late:  # cut off, its jobs go back to the queue before the pools are closed
            task.cancel()
            await asyncio.wait({task}, timeout=CUT_OFF_SECONDS)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _document_problems(app: FastAPI) -> None:
    """Add the `Problem` schema and the answers that every guarded route can give."""
    build = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        document = build()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}) | {"Problem": problem})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        document_lists(app, document)
        answer = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for path in document["paths"].values():
            for method, operation in path.items():
                responses = operation["responses"]
                operation.setdefault("parameters", []).extend(_headers_of(method, operation))
                responses["422"] = {"description": "platform.invalid 内容有误", "content": answer}
                if operation.get("security"):
                    for status, what in _GUARDED.items():
                        responses.setdefault(status, {"description": what, "content": answer})
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _header(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": 255}
    return {"name": name, "in": "header", "description": description, "schema": schema}


def _headers_of(method: str, operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The headers that a route reads; `If-Match` is a must where its absence is a problem.

    What is put or deleted without a version takes none (`UNVERSIONED`).
    """
    if operation.pop("x-unversioned", False):
        return
    if str(MatchRequired.status) in operation["responses"]:
        yield _IF_MATCH | {"required": True}
    elif method in _MAY_MATCH:
        yield _IF_MATCH
    if method == "post" and not DONE_AGAIN.items() <= operation.items():
        yield _IDEMPOTENCY_KEY
    elif method == "put":
        yield _IF_NONE_MATCH


_IF_MATCH = _header("If-Match", "ETag the change is based on (所依据的版本)")
_MAY_MATCH = frozenset({"put", "patch", "delete"})
_IDEMPOTENCY_KEY = _header(HEADER, "Sent again, answered again, done once (幂等键)")
_IF_NONE_MATCH = _header("If-None-Match", "`*` only creates (仅新建)")
_GUARDED = {"401": "auth.invalid_token 未登录", "403": "auth.missing_scope 没有权限"}
