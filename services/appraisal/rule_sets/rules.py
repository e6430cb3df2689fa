"""The rules of an appraisal as data: what a bureau edits, and a cycle freezes when it opens.

The defaults are the founding rules (`domain.md` A1): five dimensions with emphasis on 绩, five
results, 优秀 for at most 20 % of a school rounded down. They cite where a rule comes from.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.chassis.core.text import Text
from services.chassis.schemas.fields import PLAIN_DECIMAL
from services.chassis.schemas.strict_bodies import FROM_JSON, Body
from services.chassis.schemas.validation import invalid_value

Dimension = Literal["virtue", "ability", "diligence", "achievement", "integrity"]
Leave = Literal["sick_leave", "personal_leave", "study_leave"]
Percent = Annotated[
    Decimal, FROM_JSON, Field(ge=0, le=100, max_digits=5, decimal_places=2), PLAIN_DECIMAL
]


class Weights(Body):
    """Weight of each dimension in the total, in percent; together 100 (权重)."""

    virtue: Percent = Field(Decimal(20), title="德", description="Virtue", examples=["20"])
    ability: Percent = Field(Decimal(20), title="能", description="Ability", examples=["20"])
    diligence: Percent = Field(Decimal(15), title="勤", description="Diligence", examples=["15"])
    achievement: Percent = Field(
        Decimal(35), title="绩", description="Achievement", examples=["35"]
    )
    integrity: Percent = Field(Decimal(10), title="廉", description="Integrity", examples=["10"])

    @model_validator(mode="after")
    def sum_to_hundred(self) -> "Weights":
        """Weights that do not add up to 100 would shift every threshold."""
        total = sum(getattr(self, name) for name in type(self).model_fields)
        if total != 100:
            raise invalid_value(
                "weights.sum",
                Text("权重之和应为 100，现为 {total}", "Weights must add up to 100, not {total}"),
                total=str(total),
            )
        return self


class Thresholds(Body):
    """Least total of each grade, of 100; below the last one the result is 不合格 (等次线)."""

    excellent: Percent = Field(
        Decimal(85),
        title="优秀线",
        examples=["85"],
        description="Lowest total for excellent (优秀线)",
    )
    qualified: Percent = Field(
        Decimal(60),
        title="合格线",
        examples=["60"],
        description="Lowest total for qualified (合格线)",
    )
    basically_qualified: Percent = Field(
        Decimal(50),
        title="基本合格线",
        examples=["50"],
        description="Lowest total for basically qualified (基本合格线)",
    )

    @model_validator(mode="after")
    def descend(self) -> "Thresholds":
        """A better grade cannot need fewer points."""
        if not self.excellent > self.qualified > self.basically_qualified:
            raise invalid_value(
                "thresholds.order",
                Text("等次线应依次降低", "Thresholds must descend from excellent"),
            )
        return self


class Quota(Body):
    """How many of a school may be 优秀, art 15 of 人社部发〔2023〕6号 (优秀比例)."""

    rate: Percent = Field(
        Decimal(20),
        title="优秀比例",
        description="Percent of the base",
        examples=["20"],
    )
    rounding: Literal["floor", "half_up"] = Field(
        "floor",
        title="取整",
        description="`floor` reads 'not more than' strictly",
        examples=["floor"],
    )
    base: Literal["participants", "graded"] = Field(
        "participants",
        title="基数",
        description="Everyone who should take part, or only those who receive a grade",
        examples=["participants"],
    )


class NotGraded(Body):
    """Who takes part without receiving a grade: 不定等次 (art 37, 41, 42)."""

    absent_over_half: bool = Field(
        True, title="请假超半年", description="Counted leave for more than half of the period"
    )
    counted_leave: list[Leave] = Field(
        ["sick_leave", "personal_leave", "study_leave"],
        title="计入的假别",
        description="Kinds of leave that add up; maternity leave never does (art 41)",
        examples=[["sick_leave", "personal_leave"]],
    )
    new_hire_under_half: bool = Field(
        True, title="新聘不足半年", description="Employed for less than half of the period"
    )
    under_investigation: bool = Field(
        True, title="立案未结", description="Under investigation, not closed"
    )


class Rules(Body):
    """All that determination depends on besides records, scores and directives (考核规则)."""

    dimensions: Weights = Field(
        default_factory=Weights,
        title="考核内容权重",
        description="Weights of the five dimensions, 100 in all (考核内容权重)",
    )
    thresholds: Thresholds = Field(
        default_factory=Thresholds,
        title="等次线",
        description="Lowest totals of the grades (等次线)",
    )
    quota: Quota = Field(
        default_factory=Quota,
        title="优秀名额",
        description="How many results may be excellent (优秀名额)",
    )
    not_graded: NotGraded = Field(
        default_factory=NotGraded,
        title="不定等次情形",
        description="Who receives no grade (不定等次情形)",
    )
    tie_breakers: list[Dimension] = Field(
        ["achievement", "virtue", "ability", "diligence", "integrity"],
        max_length=5,
        title="同分排序",
        description="Dimensions compared in turn when totals are equal; a tie that remains at the "
        "quota line makes neither 优秀",
        examples=[["achievement", "virtue"]],
    )
    missing_scores: Literal["refuse", "undetermined"] = Field(
        "refuse",
        title="缺分处理",
        description="`refuse` stops determination until every graded person has scores",
    )
    public_notice_working_days: int = Field(
        5, ge=5, le=30, title="公示工作日", description="At least 5 (art 17)", examples=[5]
    )
