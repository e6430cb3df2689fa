"""Steps of a bureau's appraisal year; each first checks the state of the cycle."""

from client.cases import IN_FORCE, find_case
from client.cycles import act_on_cycle, ensure_cycle, get_cycle, has_reached
from client.demo.bureau import LATE, BureauRun
from client.demo.exports import FIRST_RESULTS, export_results
from client.demo.tally import Tally
from client.resources import CYCLES


def open_year(run: BureauRun) -> Tally:
    """Create and open the cycle, which freezes rules and roster."""
    cycle, _ = ensure_cycle(run.admin, run.year)
    is_new = cycle.state == "draft"
    if is_new:
        cycle = act_on_cycle(run.admin, cycle, "open")
    return Tally.one(is_new=is_new, count=cycle.participants)


def record_participation(run: BureauRun) -> Tally:
    """Import leave, secondments and other participation records."""
    return _import(run, "participation-records", closed_from="determined")


def record_scores(run: BureauRun) -> Tally:
    """Start scoring and import the dimension scores."""
    cycle = get_cycle(run.admin, run.year)
    if cycle.state == "open":
        act_on_cycle(run.admin, cycle, "start-scoring")
    return _import(run, "scores", closed_from="determined")


def _import(run: BureauRun, resource: str, closed_from: str) -> Tally:
    upload = run.uploads[resource]
    cycle = get_cycle(run.admin, run.year)
    if has_reached(cycle, closed_from):
        return Tally(kept=run.admin.count(f"{CYCLES}/{cycle.id}/{resource}"))
    if upload.rows == 0:
        return Tally()
    within = {"cycle_id": cycle.id}
    return Tally.of(run.admin.import_bytes(resource, upload.content, within=within))


def determine(run: BureauRun) -> Tally:
    """Determine all results, and export them for comparison with later ones."""
    cycle = get_cycle(run.admin, run.year)
    is_new = not has_reached(cycle, "determined")
    if is_new:
        cycle = act_on_cycle(run.admin, cycle, "determine")
    is_missing = is_new or not run.file(FIRST_RESULTS).exists()
    if run.has_late_cases and is_missing and not _late_decisions(run):
        export_results(run, cycle, FIRST_RESULTS)
    return Tally.one(is_new=is_new, count=cycle.participants)


def determine_again(run: BureauRun) -> Tally:
    """Determine again if a later decision has made the results stale."""
    cycle = get_cycle(run.admin, run.year)
    if not cycle.is_stale:
        return Tally()
    if cycle.state == "public_notice":
        cycle = act_on_cycle(run.admin, cycle, "withdraw")
    return Tally(new=act_on_cycle(run.admin, cycle, "determine").participants)


def publish_notice(run: BureauRun) -> Tally:
    """Start the public notice (公示) for the period the rules require."""
    cycle = get_cycle(run.admin, run.year)
    is_new = not has_reached(cycle, "public_notice")
    if is_new:
        act_on_cycle(run.admin, cycle, "publish-notice", {})
    return Tally.one(is_new=is_new)


def confirm(run: BureauRun) -> Tally:
    """Have the leading group confirm the results."""
    cycle = get_cycle(run.leader, run.year)
    is_new = not has_reached(cycle, "confirmed")
    if is_new:
        cycle = act_on_cycle(run.leader, cycle, "confirm")
    return Tally.one(is_new=is_new, count=cycle.participants)


def _late_decisions(run: BureauRun) -> bool:
    """Whether a case planned for a late decision is decided already."""
    late = (find_case(run.admin, plan.case_no) for at in LATE for plan in run.cases_at(at))
    return any(case is not None and case.state in IN_FORCE for case in late)
