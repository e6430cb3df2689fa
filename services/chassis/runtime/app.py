"""The ASGI application of a service: its features, and what every service has in common."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware

from services.chassis.audit.histories import history_router
from services.chassis.audit.routes import audit_router
from services.chassis.core.logs import configure_logs
from services.chassis.core.resources import Resources
from services.chassis.core.settings import ServiceSettings
from services.chassis.core.tracing import TracedRequests, traced
from services.chassis.http.admission import Admission
from services.chassis.http.bodies import BodyLimits, CheckedBodies
from services.chassis.http.header_lengths import HeaderLengths
from services.chassis.http.health import health_router
from services.chassis.http.idempotency import Idempotency
from services.chassis.http.middleware import RequestFrame
from services.chassis.http.problems import install_problem_handlers
from services.chassis.http.route_rules import RouteRules, RuleFinder
from services.chassis.http.token_first import TokenFirst
from services.chassis.openapi.chinese import catalogues_in
from services.chassis.openapi.document import complete_document
from services.chassis.procedures.routes import procedure_router
from services.chassis.runtime.clock_routes import clock_router
from services.chassis.runtime.feature import Service
from services.chassis.runtime.job_routes import router as job_routes
from services.chassis.runtime.maintenance import maintaining
from services.chassis.runtime.process import open_resources, working
from services.chassis.runtime.shared_routes import EXPORT_ROUTERS, FEED_ROUTERS, IMPORT_ROUTERS
from services.chassis.schemas.code_list_routes import code_list_router
from services.chassis.subject_access.holdings import holdings_router

# The framework's own would put addresses with their queries, `q=王小明`, into spans and logs.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(
    service: Service,
    *,
    settings: ServiceSettings | None = None,
    outside: Sequence[Middleware] = (),
    inside: Sequence[Middleware] = (),
    rules: Callable[[RouteRules], RuleFinder] | None = None,
    clock_routes: APIRouter = clock_router,
    openapi_url: str | None = "/openapi.json",
) -> FastAPI:
    """The ASGI application of a service.

    Args:
        service: its features.
        settings: read from the environment when absent.
        outside: ASGI layers around all others.
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
            maintaining(resources, is_on=is_inline, duties=service.duties),
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
        telemetry=_NO_TELEMETRY,
        middleware=[
            *outside,
            *_middleware(service, settings, inside, rules(own_rules) if rules else own_rules),
        ],
    )
    install_problem_handlers(app)
    app.include_router(health_router)
    if settings.is_development:
        app.include_router(clock_routes)
    for router in (*service.routers, *_common_routers(service)):
        app.include_router(router)
    complete_document(app, catalogues_in(service.folder))
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


def _operation_id(route: APIRoute) -> str:
    return route.name
