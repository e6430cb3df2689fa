"""`junheng demo`: a whole appraisal year over HTTP, through the gateway only."""

import json
from pathlib import Path

from rich.console import Console

from client.console import message_console
from client.demo.persistence import CALL_PATIENCE
from client.demo.progress import Display
from client.demo.run import Demo
from client.demo.tables import Tables
from client.sample.county import sample_county
from client.sample.model import Sample
from client.sample.school_list import samples_from_list
from client.settings import Settings


def run_demo(
    settings: Settings,
    bootstrap_password: str,
    *,
    schools: Path | None,
    output: Path,
    results: Console | None,
) -> None:
    """Run the demo and show what came of it.

    Args:
        settings: where the platform is, and the language.
        bootstrap_password: of the administrators that every platform begins with.
        schools: a list of real schools; the sample county without one.
        output: folder of the exported files.
        results: where the tables go; None prints one JSON object instead.

    Raises:
        DemoFailed: it could not go on, or the outcome is wrong.
        Problem, Unreachable: the platform refused something or was not there.
        SchoolListError: the list of schools cannot be used.
    """

    def samples() -> list[Sample]:
        return samples_from_list(schools) if schools else [sample_county()]

    display = Display(message_console(), settings.language)
    with settings.open(patience=CALL_PATIENCE) as client:
        demo = Demo(client, bootstrap_password, display, settings.language)
        report = demo.play(samples, output.resolve())
    if results is None:
        print(json.dumps(report.numbers(), ensure_ascii=False))
    else:
        Tables(results, settings.language).show(report)
