"""Routes of one-time links."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from gateway.links.errors import AccountsOnly, LinkNotFound, TooManyLinks
from gateway.links.layer import fault_in
from gateway.links.models import LinkRead, LinkRequest
from gateway.links.service import Links
from gateway.tags import IDENTITY_TAG
from services.chassis.core.errors import Invalid, documents
from services.chassis.core.resources import resource
from services.chassis.core.scopes import PlatformScope
from services.chassis.database.auth import Caller, allow
from services.chassis.http.route_rules import DONE_AGAIN

router = APIRouter(tags=[IDENTITY_TAG])


@router.post(
    "/v1/links",
    summary="Make a link for one download (生成一次性链接)",
    status_code=201,
    responses=documents(AccountsOnly, Invalid, TooManyLinks),
    openapi_extra=DONE_AGAIN,
)
async def make_link(
    payload: LinkRequest,
    caller: Annotated[Caller, allow(PlatformScope.CODES_READ)],
    links: Annotated[Links, resource(Links)],
) -> LinkRead:
    """A link that works once within 60 seconds, without a token, for a download or event stream.

    It leads to one `GET` address with the rights that the account has when it is used. Disabling
    the account, a new password and the end of a session withdraw it.
    """
    return await links.make(caller, payload.path)


@router.get(
    "/v1/links/{secret}",
    summary="Use a link (使用一次性链接)",
    response_class=Response,
    responses=documents(LinkNotFound),
)
async def use_link(
    request: Request,
    secret: Annotated[
        str,
        Path(
            description="Secret of the link (密钥)",
            examples=["kD0w1sX3bq4uUqgkqS8XkM5o0nWc2dZr7yJtV9aLhEo"],
        ),
    ],
) -> Response:
    """The answer of the address that the link leads to, in its media type; only once.

    `HEAD` is refused and does not use it. A download that broke off continues with a new link for
    the same path, with `Range` and `If-Range`.
    """
    raise fault_in(request.scope) or LinkNotFound
