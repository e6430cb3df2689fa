"""The ASGI application of a service: its features, and what every service has in common."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from services.chassis.audit.histories import history_router
from services.chassis.audit.log import Refusals
from services.chassis.audit.news import ChangePoller
from services.chassis.audit.routes import audit_router
from services.chassis.core.logs import configure_logs
from services.chassis.core.resources import Resources
from services.chassis.core.settings import FileSettings, ServiceSettings, read_secret
from services.chassis.core.temp_dirs import clear_leftovers
from services.chassis.core.tracing import TracedRequests, traced
from services.chassis.database.auth import TokenVerifier
from services.chassis.database.clock import Clock
from services.chassis.database.db import Database
from services.chassis.exports.exports import Exports
from services.chassis.http.admission import Admission
from services.chassis.http.bodies import BodyLimits, CheckedBodies
from services.chassis.http.header_lengths import HeaderLengths
from services.chassis.http.health import health_router
from services.chassis.http.idempotency import Idempotency, ReplayGuards
from services.chassis.http.long_poll import WaitingPlaces
from services.chassis.http.middleware import RequestFrame
from services.chassis.http.problems import install_problem_handlers
from services.chassis.http.route_rules import RouteRules, RuleFinder
from services.chassis.http.streams import StreamingPlaces
from services.chassis.http.token_first import TokenFirst
from services.chassis.imports.engine.imports import Imports
from services.chassis.imports.templates.templates import Templates
from services.chassis.openapi.document import complete_document
from services.chassis.peers.client import PlatformClient, SigningKeys
from services.chassis.peers.http_client import HttpClient
from services.chassis.procedures.routes import procedure_router
from services.chassis.queue.jobs import Jobs
from services.chassis.queue.worker import Worker
from services.chassis.runtime.clock_routes import clock_router
from services.chassis.runtime.feature import Service
from services.chassis.runtime.job_routes import router as job_routes
from services.chassis.runtime.maintenance import keeping
from services.chassis.runtime.shared_routes import EXPORT_ROUTERS, FEED_ROUTERS, IMPORT_ROUTERS
from services.chassis.schemas.codes import code_list_router
from services.chassis.subject_access.holdings import holdings_router

# How long running jobs may take to end before they are cut off, and to be put back then.
DRAIN_SECONDS = 10
CUT_OFF_SECONDS = 5


def create_app(
    service: Service,
    *,
    settings: ServiceSettings | None = None,
    inside: Sequence[Middleware] = (),
    rules: Callable[[RouteRules], RuleFinder] | None = None,
    clock_routes: APIRouter = clock_router,
    openapi_url: str | None = "/openapi.json",
) -> FastAPI:
    """The ASGI application of a service.

    Args:
        service: its features.
        settings: read from the environment when absent.
        inside: ASGI layers between the request frame and the routes.
        rules: adds the rules of routes that are served elsewhere to those of its own.
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
            keeping(resources, is_on=is_inline, duties=service.duties),
            working(service.name, service.jobs if is_inline else None, resources),
        ):
            yield

    own_rules = RouteRules(lambda: app.routes)
    app = FastAPI(
        title=service.title,
        version="1.0",
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        docs_url=None,
        redoc_url=None,
        openapi_url=openapi_url,
        redirect_slashes=False,
        middleware=_middleware(service, settings, inside, rules(own_rules) if rules else own_rules),
    )
    install_problem_handlers(app)
    app.include_router(health_router)
    if settings.is_development:
        app.include_router(clock_routes)
    for router in (*service.routers, *_common_routers(service)):
        app.include_router(router)
    complete_document(app)
    return app


def _middleware(
    service: Service, settings: ServiceSettings, inside: Sequence[Middleware], rules: RuleFinder
) -> list[Middleware]:
    """The ASGI layers, from the outermost to the one next to the routes."""
    return [
        Middleware(RequestFrame, service=service.name, rules=rules, limits=BodyLimits.of(settings)),
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
    ]


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
        yield from IMPORT_ROUTERS
    if service.exports:
        yield from EXPORT_ROUTERS
    if service.has_change_feed:
        yield from FEED_ROUTERS
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
            ReplayGuards(service.replay_guards),
            WaitingPlaces(),
            StreamingPlaces(),
            ChangePoller(database),
            Clock(database, movable=settings.is_development),
            TokenVerifier(SigningKeys(http).key_of, settings.public_url),
            PlatformClient(http, f"service-{service.name}", secret),
        ):
            resources.add(one)
        for provide in service.resources:
            await stack.enter_async_context(provide(resources))
        if isinstance(settings, FileSettings):
            specs = service.import_specs()
            resources.add(Templates(specs))
            imports = resources.add(Imports(specs, database, settings))
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
