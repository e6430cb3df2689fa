"""Other places of personal data, and their retention periods (docs/security.md)."""

import asyncio
from typing import Any, NamedTuple, TypedDict

import httpx
import structlog

from services.chassis.core.text import Text, current_language
from services.chassis.peers.client import PlatformClient
from services.chassis.peers.contract import Use
from services.chassis.peers.http_client import UpstreamUnavailable
from services.schools.personal_data.schemas import HeldElsewhere

log = structlog.get_logger()


class HeldPart(TypedDict):
    """Fields of another service's response that are read."""

    records: dict[str, Any]
    events: list[dict[str, Any]]


_PATH = "/v1/personal-data"
_QUERY = {"staff_no": str}
USES = tuple(
    Use(provider, "GET", _PATH, query=_QUERY, reads=HeldPart)
    for provider in ("appraisal", "accountability", "gateway")
)


class Place(NamedTuple):
    """A service that holds data of persons, which neither restriction nor erasure reaches."""

    service: str
    address: str
    holds: Text
    until: Text


PLACES = (
    Place(
        "appraisal",
        "/appraisal/v1/personal-data",
        Text(
            "年度考核名册（姓名、工号、单位、岗位）、考勤与奖惩事实、评分、结果及更正",
            "Roster of each annual appraisal (name, staff number, school, post), "
            "participation records, scores, results and corrections",
        ),
        Text(
            "属人事档案材料，按档案保管期限保存（个人信息保护法第四十七条第二款）",
            "Personnel-file material, kept for the archive's term (personal-information law, art "
            "47 para 2)",
        ),
    ),
    Place(
        "accountability",
        "/accountability/v1/personal-data",
        Text(
            "已作出决定的问责案件中的责任人信息（姓名、工号、单位、处理）；未作决定的不在告知之列"
            "（第十八条、第三十五条）",
            "Respondents of decided cases (name, staff number, school, measure); what is not "
            "decided is not disclosed (art 18, 35)",
        ),
        Text(
            "属问责案卷，按档案保管期限保存（个人信息保护法第四十七条第二款）；案件文书请向问责机构申请查阅",
            "Case files, kept for the archive's term (personal-information law, art 47 para 2); "
            "ask the office that holds the case for its papers",
        ),
    ),
    Place(
        "gateway",
        "/v1/personal-data",
        Text(
            "登录账号（如有）：显示名、工号、学校", "A login, if any: display name, number, schools"
        ),
        Text(
            "由系统管理员停用账号并更改显示名",
            "Until the system administrator disables the account and changes its display name",
        ),
    ),
)


async def held_elsewhere(
    platform: PlatformClient, bureau: str, staff_no: str
) -> list[HeldElsewhere]:
    """Data of a person in the other services, in the language of the request.

    Raises:
        UpstreamUnavailable: one of them does not answer, or not with its part; a file without
            it would pass for the whole.
    """
    return list(await asyncio.gather(*(_ask(platform, bureau, staff_no, one) for one in PLACES)))


async def _ask(platform: PlatformClient, bureau: str, staff_no: str, place: Place) -> HeldElsewhere:
    answer = await platform.request(
        bureau,
        "GET",
        place.address,
        params={"staff_no": staff_no},
        headers={"Accept-Language": current_language.get()},
    )
    if answer.status_code != httpx.codes.OK:
        raise UpstreamUnavailable
    try:
        return _part_of(answer, place)
    except (ValueError, KeyError, TypeError):
        # Not its words: they quote what the answer says of the person.
        log.warning("part of a person's file not understood", service=place.service)
        raise UpstreamUnavailable from None


def _part_of(answer: httpx.Response, place: Place) -> HeldElsewhere:
    part: HeldPart = answer.json()
    return HeldElsewhere(
        service=place.service,
        holds=place.holds.render(),
        until=place.until.render(),
        records=part["records"],
        events=part["events"],
    )
