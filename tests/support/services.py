"""Small services for tests of the chassis."""

from fastapi import APIRouter
from sqlalchemy import MetaData

from services.chassis.core.settings import ServiceSettings
from services.chassis.queue.jobs import Jobs
from services.chassis.runtime.feature import Feature, Service


def small_service(
    schema: str, title: str, *routers: APIRouter, jobs: Jobs | None = None
) -> Service:
    """A service with these routes, on the schema of a real one."""
    return Service(
        name=schema,
        title=title,
        metadata=MetaData(),
        features=(Feature(routers=routers, jobs=jobs or Jobs()),),
        settings=ServiceSettings,
        subject_access=None,
    )
