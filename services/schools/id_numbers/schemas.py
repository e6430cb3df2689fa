"""Bodies and answers of looking at ID numbers and of deciding on personal data."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from services.chassis.schemas.fields import ProseText
from services.chassis.schemas.strict_bodies import Body

# Written into the audit trail, where personal data must not stand.
Purpose = Annotated[ProseText, StringConstraints(min_length=2, max_length=200)]


class RevealRequest(Body):
    """Why the number is needed (查看理由)."""

    purpose: Purpose = Field(
        description="Goes into the audit trail (用途)", examples=["社保缴费核对"]
    )


class RevealedNumber(BaseModel):
    """A complete ID number (完整身份证号)."""

    staff_no: str = Field(description="Staff number (工号)", examples=["T000001"])
    id_number: str = Field(description="Unmasked (完整身份证号)", examples=["11010519491231002X"])


class Reason(Body):
    """Why processing is restricted, allowed again, or ended (理由)."""

    reason: Purpose = Field(
        description="Goes into the audit trail (理由)", examples=["本人申请，依据第四十七条"]
    )
