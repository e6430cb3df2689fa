"""Builds a service: settings, database, jobs, routers and the chassis around them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.datastructures import State
from starlette.middleware import Middleware

from services.chassis.audit.histories import history_router
from services.chassis.audit.log import Refusals
from services.chassis.audit.news import change_lookout
from services.chassis.audit.routes import audit_router
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.logs import configure_logs
from services.chassis.core.settings import FileSettings, ServiceSettings, read_secret
from services.chassis.core.temp_dirs import clear_leftovers
from services.chassis.core.tracing import TracedRequests, traced
from services.chassis.database.auth import TokenVerifier
from services.chassis.database.clock import Clock
from services.chassis.database.db import Database
from services.chassis.exports.exports import Exports
from services.chassis.exports.spec import Exportable
from services.chassis.http.admission import Admission
from services.chassis.http.bodies import BodyLimits, CheckedBodies
from services.chassis.http.header_lengths import HeaderLengths
from services.chassis.http.health import health_router
from services.chassis.http.idempotency import Idempotency, ReplayGuard
from services.chassis.http.long_poll import waiting_places
from services.chassis.http.middleware import RequestFrame
from services.chassis.http.problems import install_problem_handlers
from services.chassis.http.route_rules import RouteRules, RuleFinder
from services.chassis.http.streams import streaming_places
from services.chassis.http.token_first import TokenFirst
from services.chassis.imports.imports import Imports
from services.chassis.imports.spec import ImportSpec
from services.chassis.openapi.document import complete_document
from services.chassis.peers.client import PlatformClient, SigningKeys
from services.chassis.peers.http_client import HttpClient
from services.chassis.queue.jobs import Jobs
from services.chassis.queue.worker import Worker
from services.chassis.runtime.clock_routes import clock_router
from services.chassis.runtime.job_routes import router as job_routes
from services.chassis.runtime.maintenance import Duty, keeping
from services.chassis.runtime.shared_routes import EXPORT_ROUTERS, FEED_ROUTERS, IMPORT_ROUTERS

# How long running jobs may take to end before they are cut off, and to be put back then.
DRAIN_SECONDS = 10
CUT_OFF_SECONDS = 5

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
    rules: Callable[[RouteRules], RuleFinder] | None = None,
    import_specs: ImportSpecs | None = None,
    exportables: Exportables | None = None,
    recorded: Sequence[Recorded] = (),
    duties: Sequence[Duty] = (),
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
        rules: adds the rules of routes that are served elsewhere to those of its own.
        import_specs: what can be imported; asked for when the service starts.
        exportables: the lists that can be exported as a job.
        recorded: the resources that the change log follows.
        duties: what is done once a minute besides what every service does.
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
                keeping(app.state.database, is_on=inline, duties=duties),
                working(name, jobs if inline else None, app.state),
            ):
                yield

    own_rules = RouteRules(lambda: app.routes)
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
                rules=rules(own_rules) if rules else own_rules,
                limits=BodyLimits.of(settings),
            ),
            Middleware(TracedRequests),
            Middleware(
                Admission,
                limit=settings.max_requests,
                waiting_limit=settings.max_waiting,
                each=settings.max_requests_per_account,
            ),
            *inside,
            Middleware(TokenFirst),
            Middleware(HeaderLengths),
            Middleware(CheckedBodies),
            Middleware(Idempotency),
        ],
    )
    install_problem_handlers(app)
    app.include_router(health_router)
    if settings.is_development:
        app.include_router(clock_routes)
    own = [job_routes] if jobs is not None else []
    own += IMPORT_ROUTERS if import_specs else []
    own += EXPORT_ROUTERS if exportables else []
    own += FEED_ROUTERS if has_feed else []
    for router in (*routers, *own, history_router(recorded), audit_router):
        app.include_router(router)
    complete_document(app)
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
    state.waiting_places = waiting_places()
    state.streaming_places = streaming_places()
    state.change_lookout = change_lookout(database)
    state.clock = Clock(database, movable=settings.is_development)
    state.verifier = TokenVerifier(SigningKeys(http).key_of, settings.public_url)
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
