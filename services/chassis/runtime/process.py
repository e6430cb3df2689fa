"""The resources of a service's process and its job worker, from start to end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from services.chassis.audit.change_poller import ChangePoller
from services.chassis.audit.log import Refusals
from services.chassis.core.resources import Resources
from services.chassis.core.settings import FileSettings, ServiceSettings, read_secret
from services.chassis.core.temp_dirs import clear_leftovers
from services.chassis.database.auth import TokenVerifier
from services.chassis.database.clock import Clock
from services.chassis.database.db import Database
from services.chassis.exports.exports import Exports
from services.chassis.http.idempotency_claims import ReplayGuards
from services.chassis.http.long_poll import WaitingPlaces
from services.chassis.http.streams import StreamingPlaces
from services.chassis.imports.engine.imports import Imports
from services.chassis.imports.templates.templates import Templates
from services.chassis.peers.client import PlatformClient, SigningKeys
from services.chassis.peers.http_client import HttpClient
from services.chassis.queue.jobs import Jobs
from services.chassis.queue.worker import Worker
from services.chassis.runtime.feature import Service

# How long running jobs may take to end before they are cut off, and to be put back then.
DRAIN_SECONDS = 10
CUT_OFF_SECONDS = 5


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
