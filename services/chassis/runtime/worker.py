"""`python -m services.chassis.runtime.worker NAME …` runs the job workers of the named services."""

import asyncio
import importlib
import signal
import sys

from services.chassis.core.logs import configure_logs
from services.chassis.core.resources import Resources
from services.chassis.core.settings import Settings
from services.chassis.core.standard_streams import occupy_standard_streams
from services.chassis.core.tracing import traced
from services.chassis.runtime.feature import Service
from services.chassis.runtime.maintenance import maintaining
from services.chassis.runtime.process import open_resources, working
from services.chassis.runtime.serve import end_with_parent


async def work(names: list[str]) -> None:
    """Run the workers of `names` until the process is asked to stop."""
    configure_logs("worker")
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with traced("worker", Settings.load()), asyncio.TaskGroup() as group:
        for name in names:  # each by itself, so that all of them drain at the same time
            group.create_task(_work_for(name, stopping))


async def _work_for(name: str, stopping: asyncio.Event) -> None:
    service: Service = importlib.import_module(f"services.{name}.features").SERVICE
    settings = service.settings.for_service(name)
    async with (
        open_resources(service, settings, Resources()) as resources,
        maintaining(resources, is_on=True, duties=service.duties),
        working(name, service.jobs, resources),
    ):
        await stopping.wait()


def main() -> None:
    """Work for the services named on the command line."""
    if len(sys.argv) < 2:
        raise SystemExit("usage: python -m services.chassis.runtime.worker NAME [NAME ...]")
    occupy_standard_streams()
    end_with_parent()
    asyncio.run(work(sys.argv[1:]))


if __name__ == "__main__":
    main()
