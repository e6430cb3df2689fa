"""Exports of a bureau's year; files that would not change are left untouched."""

import filecmp
from pathlib import Path

from client.cases import CASES
from client.cycles import get_cycle
from client.demo.bureau import BureauRun
from client.demo.tally import Tally
from client.models import Cycle
from client.resources import CYCLES

RESULTS, SUMMARY, CASE_LIST = "results", "summary", "cases"
# Basis for showing what later decisions have changed.
FIRST_RESULTS = "results-first-determined"


def export_year(run: BureauRun) -> Tally:
    """Export results, summary and cases of a bureau into its folder."""
    cycle = get_cycle(run.admin, run.year)
    tally = export_results(run, cycle, RESULTS)
    tally += _export(run, f"{CYCLES}/{cycle.id}/summary", SUMMARY)
    return tally + _export(run, CASES, CASE_LIST)


def export_results(run: BureauRun, cycle: Cycle, name: str) -> Tally:
    """Export all results of a cycle with their reasons."""
    return _export(run, f"{CYCLES}/{cycle.id}/results", name)


def files_of(run: BureauRun) -> list[Path]:
    """The exported files of a bureau that exist."""
    names = (RESULTS, SUMMARY, CASE_LIST, FIRST_RESULTS)
    return [file for name in names if (file := run.file(name)).exists()]


def _export(run: BureauRun, path: str, name: str) -> Tally:
    file = run.file(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    run.admin.export(path, new)
    if file.exists() and filecmp.cmp(file, new, shallow=False):
        new.unlink()
        return Tally(kept=1)
    new.replace(file)
    return Tally(new=1)
