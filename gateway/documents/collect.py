"""Collects the OpenAPI documents of the services and caches them for a few seconds."""

import asyncio
import time
from collections.abc import Callable

import orjson

from gateway.documents.languages import in_language
from gateway.documents.merge import Document, merge
from gateway.proxy.errors import ServiceUnavailable
from gateway.proxy.upstreams import Upstreams
from services.chassis.core.text import Language

_FRESH_SECONDS = 10.0


class MergedDocument:
    """The merged document as bytes by language; one caller builds it while the others wait."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self._lock = asyncio.Lock()
        self._bytes: dict[Language, bytes] = {}
        self._built_at = float("-inf")

    async def read(self, own: Callable[[], Document], language: Language) -> bytes:
        """The document, at most ten seconds old.

        Args:
            own: builds the gateway's own document.
            language: of its reader.
        """
        async with self._lock:
            if time.monotonic() - self._built_at > _FRESH_SECONDS:
                self._bytes = self._in_languages(await self._build(own()))
                self._built_at = time.monotonic()
        return self._bytes[language]

    def _in_languages(self, document: Document) -> dict[Language, bytes]:
        languages: tuple[Language, ...] = ("zh-CN", "en")
        return {one: orjson.dumps(in_language(document, one)) for one in languages}

    async def _build(self, own: Document) -> Document:
        names = list(self._upstreams.addresses)
        found = await asyncio.gather(*(self._of(name) for name in names))
        return merge(own, dict(zip(names, found, strict=True)))

    async def _of(self, service: str) -> Document | None:
        try:
            document: Document = await self._upstreams.ask(service, "GET", "/openapi.json")
        except ServiceUnavailable:
            return None
        return document
