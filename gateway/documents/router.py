"""Routes of the merged OpenAPI document, the documentation page, and the way there."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from gateway.documents.collect import MergedDocument
from gateway.documents.page import ASSETS, asset, render
from services.chassis.core.errors import Invalid, NotFound, documents
from services.chassis.core.resources import resource
from services.chassis.core.tags import PLATFORM_TAG
from services.chassis.core.text import Language, current_language

router = APIRouter(tags=[PLATFORM_TAG])

Merged = Annotated[MergedDocument, resource(MergedDocument)]
Lang = Annotated[
    Literal["zh", "zh-CN", "en"] | None,
    Query(
        description="Language of the reader, in place of `Accept-Language` (语言)", examples=["en"]
    ),
]

_DAY = "public, max-age=86400"
_BY_LANGUAGE = {"Vary": "Accept-Language"}


@router.get(
    "/openapi.json",
    summary="Complete OpenAPI document (接口文档)",
    response_model=dict[str, Any],
    responses=documents(Invalid),
)
async def read_openapi(request: Request, merged: Merged, lang: Lang = None) -> Response:
    """Routes of the gateway and all services; `x-unavailable-services` lists missing services."""
    content = await merged.read(request.app.openapi, _language(lang))
    return Response(content, media_type="application/json", headers=_BY_LANGUAGE)


@router.get("/", include_in_schema=False)
async def read_root(request: Request) -> Response:
    """The way to the documentation: a browser is led there."""
    if "text/html" in request.headers.get("accept", ""):
        return Response(status_code=302, headers={"Location": "docs", "Vary": "Accept"})
    return Response(_LINKS, media_type="application/json", headers={"Vary": "Accept"})


_LINKS = (
    '{"name": "Junheng", "documentation": "/docs", "openapi": "/openapi.json", '
    '"health": "/readyz", "openid_configuration": "/.well-known/openid-configuration"}'
)


@router.get("/docs", include_in_schema=False)
async def read_docs(lang: Lang = None) -> Response:
    """The documentation page."""
    page, policy = render(_language(lang))
    return Response(
        page,
        media_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            **_BY_LANGUAGE,
        },
    )


@router.get("/docs/assets/{name}", include_in_schema=False, responses=documents(NotFound))
async def read_docs_asset(name: str) -> Response:
    """A file of the documentation page."""
    if name not in ASSETS:
        raise NotFound
    return Response(asset(name), media_type=ASSETS[name], headers={"Cache-Control": _DAY})


def _language(lang: str | None) -> Language:
    if lang is None:
        return current_language.get()
    return "en" if lang == "en" else "zh-CN"
