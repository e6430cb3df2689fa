"""A DBA prepares the database with psql as docs/operations.md says, without being a superuser."""

import os
import re
import subprocess
import sys
from pathlib import Path

import asyncpg

from deploy.local.account import server_account
from deploy.local.binaries import find_binaries
from deploy.local.throwaway import throwaway_postgres
from deploy.postgres.setup import SERVICES
from tests.docs.pages import ROOT, text_of


def psql_lines() -> str:
    """What the page lets a DBA type into psql, with the passwords filled in."""
    page = text_of("docs/operations.md")
    typed = "\n".join(re.findall(r"^  ((?:SET|\\i) .*)$", page, re.M))
    filled = re.sub(r"junheng\.(\w+)_password = '…'", r"junheng.\1_password = '\1-secret'", typed)
    assert filled.count("-secret") == len(SERVICES)
    return filled


async def test_roles_by_psql_then_migrations(folder: Path) -> None:
    with throwaway_postgres() as server:
        superuser = await asyncpg.connect(server.url())
        await superuser.execute("create role dba login createrole password 'dba'")
        await superuser.execute("create database junheng owner dba")
        await superuser.close()
        address = server.url("junheng").rpartition("@")[2]
        url = f"postgresql://dba:dba@{address}"
        psql = find_binaries(server_account(folder)) / "psql"
        for _ in range(2):
            subprocess.run(
                [psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", url],
                input=psql_lines(),
                cwd=ROOT,
                text=True,
                check=True,
                capture_output=True,
            )
        subprocess.run(
            [sys.executable, "-m", "services.chassis.runtime.migrate", *SERVICES],
            cwd=ROOT,
            env={**os.environ, "JUNHENG_DATABASE_URL": url},
            check=True,
        )
        for service in SERVICES:
            login = await asyncpg.connect(
                f"postgresql://junheng_{service}:{service}-secret@{address}"
            )
            assert await login.fetchval("select count(*) from clock") == 1
            await login.close()
