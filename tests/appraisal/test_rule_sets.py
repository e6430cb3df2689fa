from typing import Any

import pytest

from tests.appraisal.year import Year

PATH = "/v1/rule-sets/by-key/mine"


def mine(**rules: Any) -> dict[str, Any]:
    """A rule set of the bureau's own."""
    return {"code": "mine", "name": "自定规则", "rules": rules}


@pytest.mark.quick("services.appraisal.rule_sets")
async def test_the_founding_rules_are_there_without_being_made(year: Year) -> None:
    (founding,) = (await year.ok("GET", "/v1/rule-sets"))["data"]
    assert founding.pop("etag") == '"1"'
    assert founding == await year.ok("GET", "/v1/rule-sets/by-key/founding")
    rules = founding["rules"]
    weights = {name: float(weight) for name, weight in rules["dimensions"].items()}
    assert weights == {
        "virtue": 20, "ability": 20, "diligence": 15, "achievement": 35, "integrity": 10,
    }  # fmt: skip
    assert (float(rules["quota"]["rate"]), rules["quota"]["rounding"]) == (20, "floor")
    assert rules["public_notice_working_days"] == 5
    assert (founding["id"], founding["code"]) == (None, "founding")


async def test_the_founding_rules_cannot_be_edited(year: Year) -> None:
    body = mine() | {"code": "founding"}
    answer = await year.call("PUT", "/v1/rule-sets/by-key/founding", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "appraisal.rule_set_built_in")


async def test_rules_left_out_are_the_founding_ones(year: Year) -> None:
    first = await year.call("PUT", PATH, json=mine(quota={"rate": 25}))
    assert first.status_code == 201
    rules = first.json()["rules"]
    assert (rules["quota"]["rate"], rules["quota"]["rounding"]) == ("25", "floor")
    assert float(rules["thresholds"]["excellent"]) == 85
    second = await year.call("PUT", PATH, json=mine())
    assert (second.status_code, second.json()["version"]) == (200, 2)
    assert second.json()["rules"]["quota"]["rate"] == "20"
    page = await year.ok("GET", "/v1/rule-sets")
    assert [one["code"] for one in page["data"]] == ["founding", "mine"]
    listed = page["data"][1]
    assert (listed["rules"], listed["etag"]) == (second.json()["rules"], '"2"')


@pytest.mark.parametrize(
    ("rules", "pointer", "code"),
    [
        ({"dimensions": {"virtue": 30}}, "/rules/dimensions", "weights.sum"),
        ({"dimensions": {"virtue": -5, "ability": 45}}, "/rules/dimensions/virtue",
         "greater_than_equal"),
        ({"dimensions": {"luck": 5}}, "/rules/dimensions/luck", "extra_forbidden"),
        ({"thresholds": {"qualified": 90}}, "/rules/thresholds", "thresholds.order"),
        ({"thresholds": {"qualified": 50}}, "/rules/thresholds", "thresholds.order"),
        ({"quota": {"rate": 101}}, "/rules/quota/rate", "less_than_equal"),
        ({"quota": {"rate": "NaN"}}, "/rules/quota/rate", "finite_number"),
        ({"quota": {"rounding": "up"}}, "/rules/quota/rounding", "literal_error"),
        ({"not_graded": {"counted_leave": ["maternity_leave"]}},
         "/rules/not_graded/counted_leave/0", "literal_error"),
        ({"public_notice_working_days": 4},
         "/rules/public_notice_working_days", "greater_than_equal"),
        ({"missing_scores": "ignore"}, "/rules/missing_scores", "literal_error"),
        ({"tie_breakers": ["luck"]}, "/rules/tie_breakers/0", "literal_error"),
    ],
)  # fmt: skip
async def test_rules_that_cannot_be_are_refused(
    year: Year, rules: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await year.call("PUT", PATH, json=mine(**rules))
    assert answer.status_code == 422
    assert [(f["pointer"], f["code"]) for f in answer.json()["errors"]] == [(pointer, code)]
    assert (await year.call("GET", PATH)).status_code == 404


async def test_rule_sets_are_the_bureaus_own(year: Year) -> None:
    await year.ok("PUT", PATH, json=mine())
    stranger = Year(year.client, year.registry, "999989")
    assert (await stranger.call("GET", PATH)).status_code == 404
    listed = (await stranger.ok("GET", "/v1/rule-sets"))["data"]
    assert [one["code"] for one in listed] == ["founding"]
    cycle = await stranger.call("POST", "/v1/cycles", json={"year": 2025, "rule_set": "mine"})
    assert cycle.json()["code"] == "appraisal.rule_set_not_found"


async def test_they_are_listed_like_everything_else(year: Year) -> None:
    await year.ok("PUT", PATH, json=mine())
    await year.ok("PUT", "/v1/rule-sets/by-key/a", json=mine() | {"code": "a"})

    async def codes_of(query: str) -> list[str]:
        return [one["code"] for one in (await year.ok("GET", f"/v1/rule-sets?{query}"))["data"]]

    assert await codes_of("sort=-code") == ["mine", "founding", "a"]
    assert await codes_of("sort=-updated_at,code") == ["founding", "a", "mine"]
    assert await codes_of("code=mine&code=a") == ["a", "mine"]
    assert await codes_of("version=1&updated_at_gte=2020-01-01T00:00:00%2B08:00") == ["a", "mine"]
    first = await year.ok("GET", "/v1/rule-sets?limit=2&sort=updated_at&total=exact")
    assert (first["total"], [one["code"] for one in first["data"]]) == (3, ["mine", "a"])
    assert await codes_of(f"limit=2&sort=updated_at&cursor={first['next_cursor']}") == ["founding"]
    table = (await year.call("GET", "/v1/rule-sets?format=csv&fields=code,name")).text
    assert table.splitlines()[:2] == ["code,name", "a,自定规则"]


async def test_the_founding_rules_are_named_in_the_readers_language(year: Year) -> None:
    answer = await year.call("GET", "/v1/rule-sets", headers={"Accept-Language": "en"})
    assert [one["name"] for one in answer.json()["data"]] == ["Founding rules"]


async def test_two_puts_at_once_are_no_crash(year: Year) -> None:
    answers = await year.together(*(year.call("PUT", PATH, json=mine()) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert sum(answer.status_code == 201 for answer in answers) == 1
