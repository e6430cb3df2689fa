"""Determination as one set-based statement: every result of a cycle, with its reasons.

Reading order is the order of the rules:

1. `leave`, `host`, `flag`, `bound`: what records and directives say about each person;
2. `person`: the weighted total, and the reason why somebody is not graded;
3. `base_grade`: the grade by total, limited by caps and floors of directives;
4. `unit`, `candidate`: each school's quota, and who competes for it in which order;
5. `decided`: directives that fix a result, then refusal, then 不定等次, then the grade.

Sources: founding rules `domain.md` A1; who is not graded B1 (人社部发〔2023〕6号 art 37-44);
quota art 15; M4 fixes the result `domain.md` A2, A8.
"""

from typing import Any

from services.appraisal.codes import GRADES
from services.appraisal.rule_sets.rules import Rules

_DIMENSIONS = ("virtue", "ability", "diligence", "achievement", "integrity")

_STATEMENT = """
with leave as (
    -- days inside the period; overlapping pieces of leave count once
    select staff_no, kind, sum(upper(piece) - lower(piece))::int as days
    from (
        select staff_no,
            case when kind = any({counted_leave}::text[]) then 'leave' else kind end as kind,
            host_school_code,
            unnest(range_agg(daterange(greatest(starts_on, {period_from}::date),
                least(ends_on, {period_to}::date), '[]'))) as piece
        from participation_record
        where cycle_id = {cycle}::uuid and starts_on <= {period_to} and ends_on >= {period_from}
        group by 1, 2, 3
    ) pieces
    where kind in ('leave', 'maternity_leave')
    group by staff_no, kind
), host as (
    select distinct on (staff_no) staff_no, host_school_code, days
    from (
        select staff_no, host_school_code, sum(upper(piece) - lower(piece))::int as days
        from (
            select staff_no, host_school_code,
                unnest(range_agg(daterange(greatest(starts_on, {period_from}),
                    least(ends_on, {period_to}), '[]'))) as piece
            from participation_record
            where cycle_id = {cycle} and kind = 'secondment'
                and starts_on <= {period_to} and ends_on >= {period_from}
            group by 1, 2
        ) pieces
        group by 1, 2
    ) stays
    where days * 2 > {period_days}::int
    order by staff_no, days desc, host_school_code
), flag as (
    -- An investigation counts unless it was closed before the period ended. Appraising goes on
    -- after that, so one may also begin later, and so may a refusal.
    select staff_no, bool_or(kind = 'refused') as refused,
        bool_or(kind = 'under_investigation' and ends_on >= {period_to}) as under_investigation
    from participation_record
    where cycle_id = {cycle} and kind in ('refused', 'under_investigation')
    group by staff_no
), bound as (
    -- the severest directive of each kind decides; every one is cited
    select staff_no,
        min(array_position({grades}::text[], result)) filter (where effect = 'fix') as fixed,
        min(array_position({grades}, result)) filter (where effect = 'cap') as cap,
        max(array_position({grades}, result)) filter (where effect = 'floor') as floor,
        jsonb_agg(jsonb_build_object('code', 'directive_' || effect, 'params',
            jsonb_build_object('case_no', case_no, 'measure', measure, 'basis', basis,
                'result', result, 'directive_no', directive_no))
            order by array_position({grades}, result), directive_no) as cited
    from directive
    where bureau_code = {bureau}::text and year = {year}::int
    group by staff_no
), person as (
    select p.staff_no, coalesce(host.host_school_code, p.school_code) as school_code,
        host.days as host_days, leave.days as leave_days, maternity.days as maternity_days,
        bound.fixed, bound.cap, bound.floor, bound.cited,
        coalesce(flag.refused, false) as refused,
        p.employed_on, s.virtue, s.ability, s.diligence, s.achievement, s.integrity,
        round({total}, 3) as total,
        {period_to} - greatest(p.employed_on, {period_from}) + 1 as days_employed,
        case
            when {count_investigation}::bool and flag.under_investigation
                then 'under_investigation'
            when {count_leave}::bool and leave.days * 2 > {period_days} then 'absent_over_half'
            when {count_new}::bool and p.employed_on > {period_from}
                and ({period_to} - p.employed_on + 1) * 2 < {period_days}
                then 'new_hire_under_half'
            when s.staff_no is null then 'scores_missing'
        end as not_graded
    from participant p
    left join score s on s.bureau_code = {bureau} and s.cycle_id = p.cycle_id
        and s.staff_no = p.staff_no
    left join leave on leave.staff_no = p.staff_no and leave.kind = 'leave'
    left join leave maternity on maternity.staff_no = p.staff_no
        and maternity.kind = 'maternity_leave'
    left join host on host.staff_no = p.staff_no
    left join flag on flag.staff_no = p.staff_no
    left join bound on bound.staff_no = p.staff_no
    where p.cycle_id = {cycle}
), base_grade as (
    select *,
        (not_graded is null or fixed is not null or refused) as is_graded,
        case when total >= {excellent}::numeric then 4 when total >= {qualified}::numeric then 3
            when total >= {basically}::numeric then 2 else 1 end as by_total
    from person
), unit as (
    select school_code, count(*) as participants,
        count(*) filter (where {base_is_everyone}::bool or is_graded) as base,
        {round}(count(*) filter (where {base_is_everyone} or is_graded)
            * {rate}::numeric / 100)::int as quota
    from base_grade
    group by school_code
), recorded as (
    insert into school_quota (bureau_code, cycle_id, school_code, school_name, base, rate, quota)
    select {bureau}, {cycle}, unit.school_code, coalesce(names.school_name, unit.school_code),
        unit.base, {rate}, unit.quota
    from unit left join (
        select school_code, max(school_name) as school_name from participant
        where cycle_id = {cycle} group by school_code
    ) names using (school_code)
), candidate as (
    select staff_no,
        rank() over order_of_merit as place,
        count(*) over (partition by school_code, total, {ties}) as peers
    from base_grade
    where not_graded is null and fixed is null and not refused and by_total = 4
        and coalesce(cap, 4) = 4
    window order_of_merit as (partition by school_code order by total desc, {ties_desc})
), ranked as (
    select staff_no, rank() over (partition by school_code order by total desc) as rank
    from base_grade
    where is_graded and total is not null
), decided as (
    select b.*, unit.base, unit.quota, candidate.place, candidate.peers, ranked.rank,
        coalesce(place + peers - 1 <= unit.quota, false) as wins,
        case
            when fixed is not null then fixed
            when refused then 1
            when b.not_graded is not null then null
            when candidate.place is not null and place + peers - 1 <= unit.quota then 4
            else least(greatest(least(by_total, 3), coalesce(floor, 1)), coalesce(cap, 3))
        end as grade
    from base_grade b
    join unit using (school_code)
    left join candidate using (staff_no)
    left join ranked using (staff_no)
)
insert into result as r (id, version, bureau_code, cycle_id, staff_no, school_code, result, total,
    rank, is_graded, reasons)
-- The id follows from the key: a result that was discarded and comes again has its history.
select md5({cycle}::text || staff_no)::uuid, {discarded}::int + 1, {bureau}, {cycle}, staff_no,
    school_code,
    coalesce(({grades})[grade], 'undetermined'), total, rank, is_graded,
    coalesce(cited, '[]') || to_jsonb(array_remove(array[
        case when refused and fixed is null
            then jsonb_build_object('code', 'refused', 'params', '{{}}'::jsonb) end,
        case when not is_graded then jsonb_build_object('code', not_graded, 'params',
            case not_graded
                when 'absent_over_half' then jsonb_build_object('days', leave_days,
                    'period_days', {period_days})
                when 'new_hire_under_half' then jsonb_build_object('employed_on', employed_on,
                    'days', days_employed, 'period_days', {period_days})
                else '{{}}'::jsonb
            end) end,
        case when maternity_days * 2 > {period_days} and not_graded is null
            then jsonb_build_object('code', 'maternity_not_counted', 'params',
                jsonb_build_object('days', maternity_days)) end,
        case when host_days is not null then jsonb_build_object('code', 'graded_by_host',
            'params', jsonb_build_object('days', host_days, 'school_code', school_code)) end,
        case when total is not null and not_graded is null then
            jsonb_build_object('code', 'total_score', 'params', jsonb_build_object(
                'total', total, {score_params})) end,
        case when fixed is null and not refused and not_graded is null then
            case when by_total > 1 then
                jsonb_build_object('code', 'grade_by_total', 'params', jsonb_build_object(
                    'grade', ({grades})[by_total], 'threshold',
                    case by_total when 4 then {excellent} when 3 then {qualified}
                        else {basically} end))
            else jsonb_build_object('code', 'below_every_threshold', 'params',
                jsonb_build_object('threshold', {basically})) end
        end,
        case when place is not null then jsonb_build_object(
            'code', case when wins then 'within_quota' when place <= quota then 'quota_tie'
                else 'over_quota' end,
            'params', jsonb_build_object('base', base, 'rate', {rate}, 'limit', quota,
                'rank', place, 'peers', peers)) end
    ], null))
from decided
order by staff_no
on conflict (cycle_id, staff_no) do update set school_code = excluded.school_code,
    result = excluded.result, total = excluded.total, rank = excluded.rank,
    is_graded = excluded.is_graded, reasons = excluded.reasons,
    version = r.version + 1, updated_at = now()
where (r.school_code, r.result, r.total, r.rank, r.is_graded, r.reasons) is distinct from
    (excluded.school_code, excluded.result, excluded.total, excluded.rank, excluded.is_graded,
    excluded.reasons)
"""


def determination(
    bureau: str,
    cycle: Any,
    year: int,
    period: tuple[Any, Any],
    rules: Rules,
    discarded: int = 0,
) -> tuple[str, list[Any]]:
    """The statement and its arguments.

    Args:
        bureau: bureau code.
        cycle: id of the cycle.
        year: its year; directives of this year apply.
        period: first and last day of the appraised period.
        rules: as frozen when the cycle opened.
        discarded: the highest version of results that the cycle had before and discarded.
    """
    weights = {name: getattr(rules.dimensions, name) for name in _DIMENSIONS}
    values = {
        "bureau": bureau,
        "cycle": cycle,
        "year": year,
        "period_from": period[0],
        "period_to": period[1],
        "period_days": (period[1] - period[0]).days + 1,
        "counted_leave": list(rules.not_graded.counted_leave),
        "count_leave": rules.not_graded.absent_over_half,
        "count_new": rules.not_graded.new_hire_under_half,
        "count_investigation": rules.not_graded.under_investigation,
        "grades": list(GRADES),
        "excellent": rules.thresholds.excellent,
        "qualified": rules.thresholds.qualified,
        "basically": rules.thresholds.basically_qualified,
        "rate": rules.quota.rate,
        "base_is_everyone": rules.quota.base == "participants",
        "discarded": discarded,
    }
    places = {name: f"${number}" for number, name in enumerate(values, 1)}
    ties = [f"b.{name}" for name in rules.tie_breakers] or ["true"]
    statement = _STATEMENT.format(
        **places,
        total=" + ".join(f"s.{name} * {weight}" for name, weight in weights.items()).join(
            ("(", ") / 100")
        ),
        score_params=", ".join(
            f"'{name}', {name}, '{name}_weight', {weight}" for name, weight in weights.items()
        ),
        ties=", ".join(tie.removeprefix("b.") for tie in ties),
        ties_desc=", ".join(f"{tie.removeprefix('b.')} desc" for tie in ties),
        round="floor" if rules.quota.rounding == "floor" else "round",
    )
    return statement, list(values.values())
