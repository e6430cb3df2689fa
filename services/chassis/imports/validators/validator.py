"""Validator process of a service: `python -m services.chassis.imports.validators.validator NAME`.

Takes tasks as lines of JSON on standard input and answers each with lines of JSON on standard
output; ends with its input, that is, when the process that started it does. With `--fork` it
takes no tasks, but forks validators that do (`forking`).
"""

import asyncio
import gc
import importlib
import sys
from collections.abc import Iterator
from typing import Any

import orjson

from services.chassis.core.errors import AppError
from services.chassis.core.logs import configure_logs
from services.chassis.core.settings import ServiceSettings
from services.chassis.core.standard_streams import occupy_standard_streams
from services.chassis.database.db import Database
from services.chassis.imports.checks.rows import Staged
from services.chassis.imports.formats.readable import Wishes
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.headers.layout import Layout
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.part_staging import stage_part
from services.chassis.imports.validators.forking import fork_on_request
from services.chassis.imports.validators.validation import FileTask, Validation
from services.chassis.queue.runs import describe
from services.chassis.queue.stored_problem import two_problems
from services.chassis.queue.transient_errors import awaited, is_outage


class Validator:
    """Answers tasks, one after the other."""

    def __init__(self, name: str) -> None:
        specs = importlib.import_module(f"services.{name}.features").SERVICE.import_specs()
        self._name = name
        self._validation = Validation({spec.resource: spec for spec in specs})
        self._runner = asyncio.Runner()  # starts its loop when used first, after a fork
        self._database: Database | None = None

    def answer(self, task: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The answers to one task; the last one has `done`, `problem`, `outage` or `error`."""
        try:
            yield from getattr(self, f"_{task['do']}")(FileTask(**task["file"]), task)
        except Exception as error:  # reported to the process that asked
            if is_outage(error):
                yield {"outage": describe(error), "code": awaited(error)}
            elif isinstance(error, AppError):
                yield {"problem": two_problems(error)}
            else:
                yield {"error": describe(error)}

    def _inspect(self, file: FileTask, task: dict[str, Any]) -> Iterator[dict[str, Any]]:
        wishes = Wishes(**task["wishes"])
        found = self._validation.inspect(file, wishes, task["most_bytes"])
        yield {"done": {**found._asdict(), "layout": found.layout.model_dump()}}

    def _split(self, file: FileTask, task: dict[str, Any]) -> Iterator[dict[str, Any]]:
        layout, is_rewritten = Layout(**task["layout"]), task["is_rewritten"]
        size = task["part_bytes"]
        for part in self._validation.split(file, layout, size, is_rewritten=is_rewritten):
            yield {"part": list(part)}
        yield {"done": None}

    def _stage(self, file: FileTask, task: dict[str, Any]) -> Iterator[dict[str, Any]]:
        layout, part = Layout(**task["layout"]), Part(*task["part"])
        run = Run.from_json(self._validation.spec(file), task["run"])
        staged = self._validation.stage(
            file, layout, part, run.most_listed, is_rewritten=task["is_rewritten"]
        )
        self._runner.run(self._keep(run, part, staged, is_counted_only=task["is_counted_only"]))
        gc.collect()
        yield {"done": [staged.rows, staged.findings.faults]}

    async def _keep(self, run: Run, part: Part, staged: Staged, *, is_counted_only: bool) -> None:
        if self._database is None:
            self._database = Database(self._name, ServiceSettings.for_service(self._name))
            await self._database.open()
        await stage_part(self._database, run, part, staged, is_counted_only=is_counted_only)


def main() -> None:
    """Answer until the input ends."""
    occupy_standard_streams()
    validator = Validator(sys.argv[1])
    if sys.argv[2:] == ["--fork"] and not fork_on_request():
        return
    configure_logs("validator")  # never to standard output, which takes the answers
    # Objects made so far live as long as the process. Looking for cycles while a part is taken
    # apart costs more than the part; it is done once after each.
    gc.collect()
    gc.freeze()
    gc.disable()
    for line in sys.stdin.buffer:
        for answer in validator.answer(orjson.loads(line)):
            sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
