"""Determining a cycle: who still lacks scores, then everybody's result in one statement."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete

from services.appraisal.cycles.errors import ScoresMissing
from services.appraisal.cycles.models import Cycle
from services.appraisal.cycles.queries import next_state
from services.appraisal.determination.statement import determination
from services.appraisal.results.models import SchoolQuota
from services.appraisal.rule_sets.rules import Rules
from services.chassis.database.clock import Clock
from services.chassis.database.db import raw

# The planner knows nothing yet of rows that were imported a moment ago and expects a handful;
# looping over them costs the square of their number (49 s for 4,200 people, 0.3 s hashed).
_WHOLE_BUREAU_AT_ONCE = "set local enable_nestloop = off; set local work_mem = '64MB'"

_WITHOUT_SCORES = """
select count(*) as count, (array_agg(staff_no order by staff_no))[1:5] as examples
from result where cycle_id = $1 and result = 'undetermined'
    and reasons @> '[{"code": "scores_missing"}]'
"""

# A directive for somebody who is not on the roster has nothing to act on.
_MARK_DIRECTIVES = """
update directive d set version = version + 1, updated_at = now(), state = found.state
from (
    select id, case when exists (
            select from participant p where p.cycle_id = $1 and p.staff_no = o.staff_no)
        then 'applied' else 'not_applicable' end as state
    from directive o
    where bureau_code = $2 and year = $3 and state in ('pending', 'applied', 'not_applicable')
) found
where d.id = found.id and d.state <> found.state
"""


async def determine_results(session: AsyncSession, cycle: Cycle, clock: Clock) -> None:
    """Give every participant of a locked cycle a result with its reasons.

    Results that are there and come out otherwise are changed, the others stay as they are: what
    a directive has done can be read in their histories.

    Raises:
        TransitionRefused: the cycle is neither scoring nor determined.
        ScoresMissing: somebody who is to be graded has no scores, and the rules refuse that.
    """
    cycle.state = await next_state(session, cycle, "determine")
    rules = Rules.model_validate(cycle.rules)
    await session.execute(delete(SchoolQuota).where(col(SchoolQuota.cycle_id) == cycle.id))
    connection = await raw(session)
    period = (cycle.period_from, cycle.period_to)
    statement, values = determination(
        cycle.bureau_code, cycle.id, cycle.year, period, rules, cycle.results_version
    )
    await connection.execute(_WHOLE_BUREAU_AT_ONCE)
    await connection.execute(statement, *values)
    if rules.missing_scores == "refuse":
        missing = await connection.fetchrow(_WITHOUT_SCORES, cycle.id)
        if missing and missing["count"]:
            raise ScoresMissing(count=missing["count"], examples=", ".join(missing["examples"]))
    await connection.execute(_MARK_DIRECTIVES, cycle.id, cycle.bureau_code, cycle.year)
    cycle.is_stale, cycle.determined_at = False, await clock.now()
