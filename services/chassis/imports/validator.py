"""`python -m services.chassis.imports.validator NAME`: validates parts of files for a service.

Takes tasks as lines of JSON on standard input and answers each with lines of JSON on standard
output; ends with its input, that is, when the process that started it does.
"""

import asyncio
import gc
import importlib
import sys
from collections.abc import Iterator
from typing import Any

import asyncpg
import orjson

from services.chassis.errors import AppError
from services.chassis.imports.inspecting import Wishes
from services.chassis.imports.layout import Layout
from services.chassis.imports.problem import two_problems
from services.chassis.imports.splitting import Part
from services.chassis.imports.staging import Stages, copy_rows
from services.chassis.imports.tasks import FileTask, Validation
from services.chassis.settings import ServiceSettings, service_dsn

_COLLECT_EVERY = 16


class Validator:
    """Answers tasks, one after the other."""

    def __init__(self, name: str) -> None:
        specs = importlib.import_module(f"services.{name}.importing").import_specs()
        self._name = name
        self._validation = Validation({spec.resource: spec for spec in specs})
        self._runner = asyncio.Runner()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    def answer(self, task: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The answers to one task; the last one has `done`, `problem` or `error`."""
        try:
            yield from getattr(self, f"_{task['do']}")(FileTask(**task["file"]), task)
        except AppError as problem:
            yield {"problem": two_problems(problem)}
        except Exception as error:  # told to whoever asked, which tries again
            self._connection = None
            yield {"error": type(error).__name__}

    def _inspect(self, file: FileTask, task: dict[str, Any]) -> Iterator[dict[str, Any]]:
        wishes = Wishes(**task["wishes"])
        found = self._validation.inspect(file, wishes, task["most_bytes"])
        yield {"done": found._replace(layout=found.layout.model_dump())._asdict()}

    def _split(self, file: FileTask, task: dict[str, Any]) -> Iterator[dict[str, Any]]:
        layout, is_rewritten = Layout(**task["layout"]), task["is_rewritten"]
        for part in self._validation.split(file, layout, is_rewritten=is_rewritten):
            yield {"part": list(part)}
        yield {"done": None}

    def _stage(self, file: FileTask, task: dict[str, Any]) -> Iterator[dict[str, Any]]:
        layout, part = Layout(**task["layout"]), Part(*task["part"])
        staged = self._validation.stage(file, layout, part, is_rewritten=task["is_rewritten"])
        if staged.payload:
            self._runner.run(self._copy(Stages(*task["stages"]), file, staged.payload))
        if part.number % _COLLECT_EVERY == 0:
            gc.collect()
        yield {"done": [staged.rows, staged.failed]}

    async def _copy(self, stages: Stages, file: FileTask, payload: bytes) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
        await copy_rows(self._connection, stages, self._validation.spec(file), payload)

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        settings = ServiceSettings.for_service(self._name)
        user, password = f"junheng_{self._name}", settings.db_password.get_secret_value()
        connection = await asyncpg.connect(
            service_dsn(settings.database_url, user, password),
            timeout=10,
            server_settings={"application_name": f"junheng-{self._name}-import"},
        )
        await connection.execute(f"set role junheng_{self._name}_service")
        return connection


def main() -> None:
    """Answer until the input ends."""
    validator = Validator(sys.argv[1])
    # What exists by now lives as long as the process; parts make no cycles worth looking for.
    gc.collect()
    gc.freeze()
    gc.disable()
    for line in sys.stdin.buffer:
        for answer in validator.answer(orjson.loads(line)):
            sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
