"""`junheng demo`: a complete appraisal year over HTTP, through the gateway."""

import json
from pathlib import Path

from rich.console import Console

from client.console import message_console
from client.demo.progress import StepDisplay
from client.demo.retrying import CALL_RETRIES
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
    """Run the demo and print its results.

    Args:
        settings: address of the platform, and the language.
        bootstrap_password: password of the initial administrators.
        schools: list of real schools; None for the sample county.
        output: folder for the exported files.
        results: console for the tables; None prints one JSON object instead.

    Raises:
        DemoFailed: the run could not continue, or its outcome is wrong.
        Problem, Unreachable: the platform refused a request or does not answer.
        SchoolListError: the list of schools cannot be used.
    """

    def samples() -> list[Sample]:
        return samples_from_list(schools) if schools else [sample_county()]

    display = StepDisplay(message_console(), settings.language)
    with settings.open(retry_policy=CALL_RETRIES) as client:
        demo = Demo(client, bootstrap_password, display, settings.language)
        report = demo.play(samples, output.resolve())
    if results is None:
        print(json.dumps(report.numbers(), ensure_ascii=False))
    else:
        Tables(results, settings.language).show(report)
