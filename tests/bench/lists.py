"""Pages of a list of a million rows, through the service and through an endpoint written by hand.

Both run as one process, are asked for the same pages by the same client, and take turns.
"""

import asyncio
import os
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, get_args

import httpx

from deploy.local.secrets import ensure_secrets
from deploy.local.throwaway import throwaway_postgres
from deploy.postgres.setup import read_passwords, set_up
from tests.bench import _handwritten
from tests.bench._load import Round, measure
from tests.bench._policies import Planned, cost_of_row_security
from tests.bench._servers import keys_served, serving
from tests.bench._staff import BUREAU, ROWS, fill
from tests.bench.report import Report, at_least, at_most
from tests.support.tokens import bearer

# Short turns and many: what else the machine does then hits both alike.
REQUESTS, CONNECTIONS, ROUNDS = 120, 4, 25
QUICK = {"ROWS": 100_050, "ROUNDS": 5}
SERVICE, BY_HAND = "service", "by hand"
PAGES = ("first", "middle", "last")


def run() -> Report:
    """Measure first, middle and last page of both, and what row security costs."""
    with tempfile.TemporaryDirectory(prefix="junheng-secrets-") as folder:
        os.environ["JUNHENG_SECRETS_DIR"] = str(ensure_secrets(Path(folder) / "secrets"))
        with throwaway_postgres() as server:
            url = server.url("junheng")
            asyncio.run(set_up(url, read_passwords()))
            asyncio.run(fill(url, ROWS))
            with (
                keys_served() as gateway,
                serving(
                    ["-m", "services.chassis.runtime.serve", "schools"],
                    "/livez",
                    JUNHENG_DATABASE_URL=f"postgresql://127.0.0.1:{server.port}/junheng",
                    JUNHENG_GATEWAY_URL=gateway,
                    JUNHENG_JOBS="off",
                ) as service,
                serving(
                    [
                        "-m",
                        "uvicorn",
                        "tests.bench._handwritten:app",
                        "--port",
                        "{port}",
                        "--no-access-log",
                    ],
                    "/staff",
                    **{_handwritten.DSN: url},
                ) as by_hand,
            ):
                return asyncio.run(_measure(url, service, by_hand))


async def _measure(url: str, service: str, by_hand: str) -> Report:
    headers = bearer("bureau_admin", bureau=BUREAU)
    places = await _places(service, headers)
    addresses = {
        (who, page): _address(service if who == SERVICE else by_hand, who, *places[page])
        for page in PAGES
        for who in (SERVICE, BY_HAND)
    }
    rounds: dict[tuple[str, str], list[Round]] = {key: [] for key in addresses}
    for number in range(ROUNDS + 1):
        for key, address in addresses.items():
            done = await measure(address, headers, REQUESTS, CONNECTIONS)
            if number:  # the first one warms up
                rounds[key].append(done)
    row_security = {
        planned: await cost_of_row_security(url, places["middle"][1], planned)
        for planned in get_args(Planned)
    }
    return _report(rounds, row_security)


def _report(
    rounds: dict[tuple[str, str], list[Round]], row_security: dict[Planned, float]
) -> Report:
    rows = [
        {"page": page, "endpoint": who, "requests_per_second": round(_rate(rounds[who, page]))}
        | {
            name: round(median(getattr(r, name) for r in rounds[who, page]), 2)
            for name in ("p50", "p95")
        }
        for page in PAGES
        for who in (SERVICE, BY_HAND)
    ]
    checks = [
        at_least(
            f"{page} page, service over by hand",
            median(
                ours.rate / theirs.rate
                for ours, theirs in zip(rounds[SERVICE, page], rounds[BY_HAND, page], strict=True)
            ),
            0.6,
            "×",
        )
        for page in PAGES
    ]
    last = median(
        last.p50 / first.p50
        for first, last in zip(rounds[SERVICE, "first"], rounds[SERVICE, "last"], strict=True)
    )
    checks.append(at_most("last page over first page", last, 1.1, "×"))
    for planned, over_none in row_security.items():
        name = f"row security over none, planned {planned}"
        checks.append(at_most(name, over_none, 1.1, "×"))
    return Report("lists", rows, checks)


def _rate(rounds: list[Round]) -> float:
    return median(one.rate for one in rounds)


async def _places(
    service: str, headers: dict[str, str]
) -> dict[str, tuple[str | None, tuple[str, str]]]:
    """For each page the service's cursor and the row before it, found by walking the whole list."""
    places: dict[str, Any] = {"first": (None, ("", "00000000-0000-0000-0000-000000000000"))}
    seen, cursor = 0, None
    async with httpx.AsyncClient(base_url=service, headers=headers, timeout=60) as client:
        while True:
            params = {"limit": "1000"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/v1/staff", params=params)).raise_for_status().json()
            seen, last, cursor = seen + len(page["data"]), page["data"][-1], page["next_cursor"]
            if cursor is None:
                break
            where = "last" if seen == ROWS - 50 else "middle" if seen == ROWS // 2000 * 1000 else ""
            places[where] = cursor, (last["staff_no"], last["id"])
    assert seen == ROWS, f"the walk met {seen} rows of {ROWS}"
    return places


def _address(base: str, who: str, cursor: str | None, after: tuple[str, str]) -> str:
    if who == SERVICE:
        return str(
            httpx.URL(
                f"{base}/v1/staff", params={"limit": "50"} | ({"cursor": cursor} if cursor else {})
            )
        )
    place = {"bureau": BUREAU, "after": after[0], "after_id": after[1], "limit": "50"}
    return str(httpx.URL(f"{base}/staff", params=place))
