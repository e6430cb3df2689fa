"""Routes of the merged OpenAPI document and the documentation page."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from gateway.documents.collect import MergedDocument
from gateway.documents.page import ASSETS, asset, render
from services.chassis.core.errors import NotFound, documents
from services.chassis.core.resources import resource
from services.chassis.core.tags import PLATFORM_TAG

router = APIRouter(tags=[PLATFORM_TAG])

Merged = Annotated[MergedDocument, resource(MergedDocument)]

_DAY = "public, max-age=86400"


@router.get(
    "/openapi.json",
    summary="Complete OpenAPI document (接口文档)",
    response_model=dict[str, Any],
)
async def read_openapi(request: Request, merged: Merged) -> Response:
    """Routes of the gateway and all services; `x-unavailable-services` lists missing services."""
    return Response(await merged.read(request.app.openapi), media_type="application/json")


@router.get("/docs", include_in_schema=False)
async def read_docs() -> Response:
    """The documentation page."""
    page, policy = render()
    return Response(
        page,
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"},
    )


@router.get("/docs/assets/{name}", include_in_schema=False, responses=documents(NotFound))
async def read_docs_asset(name: str) -> Response:
    """A file of the documentation page."""
    if name not in ASSETS:
        raise NotFound
    return Response(asset(name), media_type=ASSETS[name], headers={"Cache-Control": _DAY})
