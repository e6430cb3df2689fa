"""Counts of cases by state, trigger and measure."""

from pydantic import BaseModel, Field

from services.accountability.cases.rows import WORKED_ON
from services.accountability.cases.transitions import CASE_PROCEDURE, IN_FORCE
from services.accountability.codes import MEASURES, TRIGGERS
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.database.sql_conditions import Where
from services.chassis.schemas.codes import CodeList


class CodeCount(BaseModel):
    """How many cases have a code (件数)."""

    code: str = Field(description="Code", examples=["closed"])
    label_zh: str = Field(description="Chinese label", examples=["已结案"])
    label_en: str = Field(description="English label", examples=["Closed"])
    cases: int = Field(description="Cases (件数)", examples=[9])


class MeasureCount(CodeCount):
    """How many cases and persons have a measure (措施统计)."""

    people: int = Field(description="Respondents (人次)", examples=[4])


class SummaryRead(BaseModel):
    """A year's cases in numbers (案件统计)."""

    year: int | None = Field(
        description="Year in which they were found; null: all", examples=[2025]
    )
    cases: int = Field(description="All cases (案件总数)", examples=[12])
    by_state: list[CodeCount] = Field(description="Every state, in order (按状态)")
    by_trigger: list[CodeCount] = Field(description="Every trigger, in order (按情形)")
    by_measure: list[MeasureCount] = Field(
        description="Every measure, in order; only those in force by a decision (按措施)"
    )


_COUNTS = """
with visible as (select id, state, trigger from case_file {where})
select 'state' as kind, state as code, count(*) as cases, 0 as people
from visible group by state
union all
select 'trigger', trigger, count(*), 0 from visible group by trigger
union all
select 'measure', r.measure, count(distinct r.case_id), count(*)
from visible v join respondent r on r.case_id = v.id
where r.measure is not null and v.state = any({in_force}) group by r.measure
"""


async def summarise(connection: Conn, caller: Caller, year: int | None) -> SummaryRead:
    """Count the cases the caller sees, of one year or all."""
    where = Where()
    WORKED_ON(caller, where)
    if year is not None:
        where.add("extract(year from found_on) = {}::integer", year)
    condition = where.sql()
    query = _COUNTS.format(where=condition, in_force=where.arg(sorted(IN_FORCE)))
    rows = await connection.fetch(query, *where.args)
    found = {(row["kind"], row["code"]): (row["cases"], row["people"]) for row in rows}

    def of(kind: str, codes: CodeList) -> list[MeasureCount]:
        return [
            MeasureCount(
                code=code,
                label_zh=label.zh,
                label_en=label.en,
                cases=found.get((kind, code), (0, 0))[0],
                people=found.get((kind, code), (0, 0))[1],
            )
            for code, label in codes.labels.items()
        ]

    by_state = of("state", CASE_PROCEDURE.code_list)
    return SummaryRead(
        year=year,
        cases=sum(count.cases for count in by_state),
        by_state=[CodeCount(**count.model_dump(exclude={"people"})) for count in by_state],
        by_trigger=[
            CodeCount(**count.model_dump(exclude={"people"})) for count in of("trigger", TRIGGERS)
        ],
        by_measure=of("measure", MEASURES),
    )
