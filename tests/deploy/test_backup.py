"""Backup and restore as docs/operations.md says, with the programs of the embedded PostgreSQL."""

import asyncio
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import asyncpg

from deploy.local.account import server_account
from deploy.local.binaries import find_binaries
from deploy.local.secrets import ensure_secrets, read_secret
from deploy.local.throwaway import throwaway_postgres
from tests.docs.pages import ROOT, text_of

FILL = """
insert into schools.bureau (bureau_code, name, name_pinyin, name_initials)
values ('620180', '示例县教育局', 'shilixianjiaoyuju', 'slxjyj');
insert into schools.school (bureau_code, school_code, name, name_pinyin, name_initials, school_type,
    area_type, status)
values ('620180', '2162990001', '示例县实验小学', 'shilixianshiyanxiaoxue', 'slxsyxx', '211', '121',
    'active');
"""


def commands(heading: str, first_word: str) -> list[str]:
    """The commands of a page's section that begin with a word."""
    section = text_of("docs/operations.md").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    joined = section.replace("\\\n", " ")
    return re.findall(rf"^{first_word} .*$", joined, re.M)


def run(command: str, url: str, secrets: Path, folder: Path) -> None:
    """Run a command of the page on a server of ours; it must succeed."""
    programs = find_binaries(server_account(folder))
    command = command.replace("postgresql://admin@host/junheng", url)
    words = shlex.split(command)
    path = f"{programs}{os.pathsep}{Path(sys.executable).parent}"
    done = subprocess.run(
        words,
        cwd=folder,
        env={
            **os.environ,
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            "JUNHENG_DATABASE_URL": url,
            "JUNHENG_SECRETS_DIR": str(secrets),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


async def execute(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statements)
    await connection.close()


async def names_seen_by_the_service(url: str, password: str) -> list[str]:
    """The schools that the restored login sees at a bureau's level."""
    address = url.rpartition("@")[2]
    connection = await asyncpg.connect(f"postgresql://junheng_schools:{password}@{address}")
    async with connection.transaction():
        await connection.execute(
            "set local role junheng_schools_bureau; set local app.bureau = '620180'"
        )
        rows = await connection.fetch("select name from school")
    await connection.close()
    return [row["name"] for row in rows]


def test_a_dump_is_restored_on_another_server_as_the_page_says(folder: Path) -> None:
    secrets = ensure_secrets(folder / "secrets")
    (dump,) = commands("Backup and restore", "pg_dump")
    before, after = commands("Backup and restore", "python")
    (empty,) = commands("Backup and restore", "psql")
    (restore,) = commands("Backup and restore", "pg_restore")
    with throwaway_postgres() as server:
        run(before, server.url("junheng"), secrets, folder)
        asyncio.run(execute(server.url("junheng"), FILL))
        run(dump, server.url("junheng"), secrets, folder)
    with throwaway_postgres() as server:
        for command in (before, empty, restore, after):
            run(command, server.url("junheng"), secrets, folder)
        password = read_secret(secrets, "schools_db_password")
        names = asyncio.run(names_seen_by_the_service(server.url("junheng"), password))
    assert names == ["示例县实验小学"]
