"""A service in this process, called over HTTP through its whole ASGI stack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
from fastapi import FastAPI
from starlette.datastructures import State

from services.chassis.core.resources import Resources
from services.chassis.database.auth import TokenVerifier
from services.chassis.database.db import Database
from services.chassis.queue.jobs import Jobs
from services.chassis.runtime.process import working
from tests.support.tokens import ISSUER, key_of


@asynccontextmanager
async def running(app: FastAPI, *, jobs: Jobs | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Start `app`, let it trust the test key, and give a client for it.

    What it works with is its own: the same application may be running already, for other tests.
    With `jobs` its worker runs, too.
    """
    before, app.state = app.state, State()
    mine = app.state
    try:
        async with app.router.lifespan_context(app):
            resources: Resources = app.state.resources
            resources.add(TokenVerifier(key_of, ISSUER))
            transport = httpx.ASGITransport(app)
            name = resources[Database].name
            async with (
                httpx.AsyncClient(transport=transport, base_url="http://test") as client,
                working(name, jobs, resources),
            ):
                client.event_hooks["request"].append(_name_post)
                yield client
    finally:
        if app.state is mine:
            app.state = before


async def _name_post(request: httpx.Request) -> None:
    """Give every POST a key of its own, as a careful client does."""
    if request.method == "POST":
        request.headers.setdefault("Idempotency-Key", uuid4().hex)
