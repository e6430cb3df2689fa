"""Reported ID numbers, as their tests look at them."""

from typing import Any

from tests.schools.county import County

INTEGRATION = {"role": "integration"}
PURPOSE, REASON = {"purpose": "核对身份证原件"}, {"reason": "原登记无误"}


def officer(county: County, name: str = "officer") -> dict[str, Any]:
    """The appraisal officer of the county's first school."""
    return {"role": "school_officer", "subject": {"schools": [county.one], "name": name}}


async def reports(county: County, **params: Any) -> list[dict[str, Any]]:
    """The reports that a bureau administrator sees, the earliest first."""
    return await county.all("/v1/id-number-reports", **params)


async def report_rows(county: County) -> list[tuple[str, str, str | None, str]]:
    """Whom each report is about, why, who holds the number, and where it stands."""
    return [
        (row["staff_no"], row["reason"], row["holder_staff_no"], row["state"])
        for row in await reports(county)
    ]


async def number_of(county: County, staff_no: str) -> str | None:
    """The recorded number; None when there is none."""
    row = await county.ok("GET", f"/v1/staff/by-key/{staff_no}")
    answer = await county.call("POST", f"/v1/staff/{row['id']}:reveal", json=PURPOSE)
    if answer.status_code == 409:
        assert answer.json()["code"] == "schools.no_number_recorded"
        return None
    number: str = answer.json()["id_number"]
    return number


async def settled(county: County, report: dict[str, Any], verb: str, **kwargs: Any) -> Any:
    """The answer to accepting or dismissing a report."""
    body: dict[str, Any] = {"json": REASON} if verb == "dismiss" else {}
    path = f"/v1/id-number-reports/{report['id']}:{verb}"
    return await county.call("POST", path, **body, **kwargs)
