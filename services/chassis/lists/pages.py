"""One page of a list, and the answer that holds it."""

from typing import NamedTuple
from urllib.parse import urlencode

from fastapi import Request, Response


class Page(NamedTuple):
    """One page of JSON texts."""

    documents: list[str]
    next_cursor: str | None
    total: int | None = None


def page_response(
    documents: list[str],
    next_cursor: str | None,
    total: int | None,
    request: Request | None = None,
) -> Response:
    """A page as an answer, without parsing its rows; with a link to the next page of `request`."""
    cursor = f'"{next_cursor}"' if next_cursor else "null"
    counted = f',"total":{total}' if total is not None else ""
    body = f'{{"data":[{",".join(documents)}],"next_cursor":{cursor}{counted}}}'
    headers = {}
    if next_cursor and request:
        query = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
        # Relative, so that it is right behind the gateway too.
        headers["Link"] = f'<?{urlencode([*query, ("cursor", next_cursor)])}>; rel="next"'
    return Response(body, media_type="application/json", headers=headers)
