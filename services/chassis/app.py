"""Builds a service: settings, database, jobs, routers and the chassis around them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.datastructures import State
from starlette.middleware import Middleware

from services.chassis.audit import Refusals
from services.chassis.audit_routes import audit_router
from services.chassis.auth import TokenVerifier
from services.chassis.change_feed import change_router
from services.chassis.change_news import change_lookout
from services.chassis.clock import Clock
from services.chassis.clock_routes import clock_router
from services.chassis.conditions import MatchRequired
from services.chassis.db import Database
from services.chassis.errors import Problem
from services.chassis.exports.exports import Exports
from services.chassis.exports.router import router as export_routes
from services.chassis.exports.spec import Exportable
from services.chassis.health import health_router
from services.chassis.histories import history_router
from services.chassis.http import HttpClient
from services.chassis.idempotency import DONE_AGAIN, HEADER, Idempotency, ReplayGuard
from services.chassis.imports.imports import Imports
from services.chassis.imports.previews.router import router as preview_routes
from services.chassis.imports.router import router as import_routes
from services.chassis.imports.rows_router import router as import_rows_routes
from services.chassis.imports.spec import ImportSpec
from services.chassis.imports.templates.router import router as template_routes
from services.chassis.job_routes import router as job_routes
from services.chassis.job_worker import Worker
from services.chassis.jobs import Jobs
from services.chassis.keeper import keeping
from services.chassis.limits import Admission, BodyShape
from services.chassis.logs import configure_logs
from services.chassis.middleware import BodyLimit, RequestFrame
from services.chassis.platform import PlatformClient, SigningKeys
from services.chassis.problems import install_problem_handlers
from services.chassis.query import document_lists
from services.chassis.recorded import Recorded
from services.chassis.scratch import clear_leftovers
from services.chassis.settings import FileSettings, ServiceSettings, read_secret
from services.chassis.tracing import TracedRequests, traced
from services.chassis.waiting import WaitingRoom

# How long running jobs may take to end before they are cut off, and to be put back then.
DRAIN_SECONDS = 10
CUT_OFF_SECONDS = 5

_IMPORT_ROUTES = [import_routes, import_rows_routes, preview_routes, template_routes]

Prepare = Callable[[State | SimpleNamespace], None]
ImportSpecs = Callable[[], Sequence[ImportSpec]]
Exportables = Callable[[], Sequence[Exportable]]
Around = Callable[[Any], AbstractAsyncContextManager[None]]


def create_app(
    name: str,
    title: str,
    routers: Sequence[APIRouter],
    *,
    jobs: Jobs | None = None,
    prepare: Prepare | None = None,
    settings: ServiceSettings | None = None,
    around: Around | None = None,
    inside: Sequence[Middleware] = (),
    body_limit: BodyLimit | None = None,
    import_specs: ImportSpecs | None = None,
    exportables: Exportables | None = None,
    recorded: Sequence[Recorded] = (),
    replay_guard: ReplayGuard | None = None,
    clock_routes: APIRouter = clock_router,
    openapi_url: str | None = "/openapi.json",
    has_feed: bool = True,
) -> FastAPI:
    """The ASGI application of service `name`.

    Args:
        name: schema, login role and path segment of the service.
        title: for the OpenAPI document, Chinese and English.
        routers: one per feature.
        jobs: the durable jobs this service handles.
        prepare: adds what the service alone needs to `app.state` (its key ring, say).
        settings: read from the environment when absent.
        around: opened on `app.state` while the process serves, for what needs awaiting.
        inside: ASGI layers between the request frame and the routes.
        body_limit: the largest body of a request, when it is not the same for all.
        import_specs: what can be imported; asked for when the service starts.
        exportables: the lists that can be exported as a job.
        recorded: the resources that the change log follows.
        replay_guard: refuses to give a stored answer again to somebody who may not see any more
            what it shows.
        clock_routes: how the clock is read and moved in development.
        openapi_url: where the document of these routes alone is served; None for nowhere.
        has_feed: whether bureaus follow its changes (nobody follows identities).
    """
    settings = settings or ServiceSettings.for_service(name)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure_logs(name)
        app.state.recorded = recorded
        app.state.replay_guard = replay_guard
        async with (
            traced(name, settings),
            running_state(name, settings, app.state, prepare, import_specs, exportables),
        ):
            inline = settings.jobs == "inline"
            async with (
                around(app.state) if around else nullcontext(),
                keeping(app.state.database, is_on=inline),
                working(name, jobs if inline else None, app.state),
            ):
                yield

    app = FastAPI(
        title=title,
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
                service=name,
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
    own = [job_routes] if jobs is not None else []
    own += _IMPORT_ROUTES if import_specs else []
    own += [export_routes] if exportables else []
    own += [change_router] if has_feed else []
    for router in (*routers, *own, history_router(recorded), audit_router):
        app.include_router(router)
    _document_problems(app)
    return app


@asynccontextmanager
async def running_state(
    name: str,
    settings: ServiceSettings,
    state: Any,
    prepare: Prepare | None,
    import_specs: ImportSpecs | None = None,
    exportables: Exportables | None = None,
) -> AsyncIterator[None]:
    """Open what a service works with, put it on `state`, and close it in the end."""
    clear_leftovers(settings.scratch_dir)
    database = Database(name, settings)
    await database.open()
    http = HttpClient(settings.gateway_url)
    state.settings = settings
    state.database = database
    state.refusals = Refusals(database)
    state.waiting_room = WaitingRoom()
    state.change_lookout = change_lookout(database)
    state.clock = Clock(database, movable=settings.is_development)
    state.verifier = TokenVerifier(SigningKeys(http).key_of)
    state.platform = PlatformClient(
        http, f"service-{name}", read_secret(f"{name}_client_secret") or ""
    )
    if prepare:
        prepare(state)
    imports = None
    if import_specs:
        assert isinstance(settings, FileSettings)
        imports = state.imports = Imports(import_specs(), database, settings)
    if exportables:
        assert isinstance(settings, FileSettings)
        state.exports = Exports(exportables(), database, settings)
    try:
        yield
    finally:
        if imports:
            await imports.close()
        await http.close()
        await database.close()


@asynccontextmanager
async def working(name: str, jobs: Jobs | None, state: Any) -> AsyncIterator[None]:
    """Run the service's job worker meanwhile; on leaving let running jobs finish."""
    if jobs is None:
        yield
        return
    worker = Worker(name, jobs, state.database, state)
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
