"""One kilobyte through the gateway and straight from the service, over 32 connections."""

import asyncio
import os
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psutil

from deploy.local.secrets import BOOTSTRAP_PASSWORD, ensure_secrets, read_secret
from deploy.local.throwaway import throwaway_postgres
from deploy.postgres.setup import read_passwords, set_up
from tests.bench._load import Round, measure
from tests.bench._servers import serving
from tests.bench.report import Report, at_least, at_most

REQUESTS, CONNECTIONS, ROUNDS = 2000, 32, 9
QUICK = {"ROUNDS": 3}
DIRECT, THROUGH = "direct", "through the gateway"
CPU_MICROSECONDS = 600
MEMORY_MIB = 200
RATE = 800


def run() -> Report:
    """Measure both ways in turns, and what the gateway spends on one request."""
    with tempfile.TemporaryDirectory(prefix="junheng-secrets-") as folder:
        secrets = ensure_secrets(Path(folder) / "secrets")
        os.environ["JUNHENG_SECRETS_DIR"] = str(secrets)
        with throwaway_postgres() as server:
            asyncio.run(set_up(server.url("junheng"), read_passwords()))
            words = "-m uvicorn tests.bench._kilobyte:app --port {port} --no-access-log"
            with (
                serving(words.split(), "/v1/x") as service,
                serving(
                    ["-m", "services.chassis.runtime.serve", "gateway"],
                    "/readyz",
                    JUNHENG_DATABASE_URL=f"postgresql://127.0.0.1:{server.port}/junheng",
                    JUNHENG_SCHOOLS_URL=service,
                ) as gateway,
            ):
                token = _token(gateway, read_secret(secrets, BOOTSTRAP_PASSWORD))
                return asyncio.run(_measure(service, gateway, token))


def _token(gateway: str, password: str) -> str:
    login = {"username": "auditor", "password": password}
    answer = httpx.post(f"{gateway}/v1/login", json=login).raise_for_status()
    token: str = answer.json()["access_token"]
    return token


async def _measure(service: str, gateway: str, token: str) -> Report:
    headers = {"Authorization": f"Bearer {token}"}
    process = _gateway_process()
    rounds: dict[str, list[Round]] = {DIRECT: [], THROUGH: []}
    spent = []
    for number in range(ROUNDS + 1):
        direct = await measure(f"{service}/v1/x", headers, REQUESTS, CONNECTIONS)
        before = process.cpu_times()
        through = await measure(f"{gateway}/schools/v1/x", headers, REQUESTS, CONNECTIONS)
        after = process.cpu_times()
        if number:  # the first one warms up
            rounds[DIRECT].append(direct)
            rounds[THROUGH].append(through)
            used = after.user + after.system - before.user - before.system
            spent.append(used / REQUESTS * 1_000_000)
    return _report(rounds, median(spent), process.memory_info().rss / 2**20)


def _gateway_process() -> psutil.Process:
    children = psutil.Process().children(recursive=True)
    return next(child for child in children if child.cmdline()[-1:] == ["gateway"])


def _report(rounds: dict[str, list[Round]], cpu: float, memory: float) -> Report:
    rows: list[dict[str, Any]] = [
        {
            "way": way,
            "requests_per_second": round(median(one.rate for one in measured)),
            "p50": round(median(one.p50 for one in measured), 2),
            "p95": round(median(one.p95 for one in measured), 2),
        }
        for way, measured in rounds.items()
    ]
    return Report(
        "proxy",
        rows,
        [
            at_most("CPU of the gateway per request", cpu, CPU_MICROSECONDS, "µs"),
            at_least("through the gateway", rows[1]["requests_per_second"], RATE, "1/s"),
            at_most("memory of the gateway", memory, MEMORY_MIB, "MiB"),
        ],
    )
