import pytest

from tests.accountability.scenario import ANY_VERSION, LEAD, OTHER_SCHOOL, SCHOOL, Scenario, codes


def named(*staff_nos: str) -> dict[str, list[dict[str, str]]]:
    return {"respondents": [{"staff_no": one, "responsibility": "first"} for one in staff_nos]}


async def test_an_unknown_person_is_refused_and_nothing_stored(scenario: Scenario) -> None:
    case = await scenario.lead()
    path = f"/v1/cases/{case['id']}/respondents"
    refused = await scenario.call("POST", path, json=named("T1", "T404"))
    assert refused.status_code == 422
    assert codes(refused) == {("/respondents/1/staff_no", "staff.unknown")}
    assert (await scenario.read(case["id"]))["respondents"] == []

    created = await scenario.call("POST", "/v1/cases", json=LEAD | named("T404"))
    assert codes(created) == {("/respondents/0/staff_no", "staff.unknown")}
    count = "select count(*) from case_file where bureau_code = $1"
    assert await scenario.sql(count, scenario.bureau) == 1


async def test_many_are_looked_up_in_one_call(scenario: Scenario) -> None:
    case = await scenario.lead()
    scenario.gateway.requests.clear()
    path = f"/v1/cases/{case['id']}/respondents"
    added = await scenario.call("POST", path, json=named("T1", "T2", "T3"))
    assert added.status_code == 200
    asked = [r for r in scenario.gateway.requests if r.url.path == "/schools/v1/staff"]
    assert len(asked) == 1
    assert asked[0].headers["Authorization"] == "Bearer token-1"


async def test_one_call_asks_for_a_hundred_at_most(scenario: Scenario) -> None:
    numbers = [f"N{index:03d}" for index in range(150)]
    for one in numbers:
        scenario.gateway.staff[one] = {"staff_no": one, "name": "某人", "school_code": SCHOOL}
    case = await scenario.lead(*numbers)
    assert len(case["respondents"]) == 150
    asked = [r for r in scenario.gateway.requests if r.url.path == "/schools/v1/staff"]
    assert [len(r.url.params.get_list("staff_no")) for r in asked] == [100, 50]


async def test_the_token_is_bound_to_the_bureau(scenario: Scenario) -> None:
    await scenario.lead("T1")
    form = next(r for r in scenario.gateway.requests if r.url.path == "/oauth/token").content
    assert f"bureau={scenario.bureau}".encode() in form
    assert b"grant_type=client_credentials" in form


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/cases/{case_id}/respondents"])
async def test_without_the_registry_nothing_is_stored(scenario: Scenario, path: str) -> None:
    case = await scenario.lead()
    scenario.gateway.is_down = True
    body = named("T1") if "respondents" in path else LEAD | named("T1")
    refused = await scenario.call("POST", path.format(case_id=case["id"]), json=body)
    assert refused.status_code == 503
    assert refused.json()["code"] == "platform.upstream_unavailable"
    assert refused.headers["Retry-After"]
    count = "select count(*) from respondent where bureau_code = $1"
    assert await scenario.sql(count, scenario.bureau) == 0
    count = "select count(*) from case_file where bureau_code = $1"
    assert await scenario.sql(count, scenario.bureau) == 1


async def test_name_and_school_are_frozen(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    scenario.gateway.staff["T1"] = {"staff_no": "T1", "name": "改名", "school_code": OTHER_SCHOOL}
    (respondent,) = (await scenario.read(case["id"]))["respondents"]
    assert (respondent["name"], respondent["school_code"]) == ("王小明", SCHOOL)


async def test_nobody_is_named_twice(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    path = f"/v1/cases/{case['id']}/respondents"
    taken = await scenario.call("POST", path, json=named("T2", "T1"))
    assert taken.status_code == 409
    assert taken.json()["code"] == "accountability.respondent_taken"
    assert "T1" in taken.json()["detail"]
    twice = await scenario.call("POST", path, json=named("T2", "T2"))
    assert codes(twice) == {("/respondents/1/staff_no", "staff.repeated")}
    assert [r["staff_no"] for r in (await scenario.read(case["id"]))["respondents"]] == ["T1"]


async def test_a_school_head_names_the_own_staff_only(scenario: Scenario) -> None:
    case = await scenario.lead()
    headers = scenario.as_("school_head", schools=[SCHOOL], staff_no="T2") | ANY_VERSION
    path = f"/v1/cases/{case['id']}/respondents"
    refused = await scenario.client.post(path, json=named("T1", "S1"), headers=headers)
    assert codes(refused) == {("/respondents/1/staff_no", "staff.unknown")}
    added = await scenario.client.post(path, json=named("T1"), headers=headers)
    assert added.status_code == 200


@pytest.mark.parametrize("role", ["school_head", "supervisor"])
async def test_a_restricted_person_is_there_for_whoever_answers_for_the_data(
    scenario: Scenario, role: str
) -> None:
    scenario.gateway.restricted = {"T1"}
    schools = [SCHOOL] if role == "school_head" else []
    headers = scenario.as_(role, schools=schools, staff_no="T3") | ANY_VERSION
    refused = await scenario.client.post(
        "/v1/cases", json=LEAD | named("T1", "T2"), headers=headers
    )
    assert codes(refused) == {("/respondents/0/staff_no", "staff.unknown")}
    assert "王小明" not in refused.text
    (respondent,) = (await scenario.lead("T1"))["respondents"]
    assert respondent["name"] == "王小明"


async def test_a_respondent_can_be_taken_off_and_history_tells(scenario: Scenario) -> None:
    case = await scenario.lead("T1", "T2")
    path = f"/v1/cases/{case['id']}/respondents"
    left = await scenario.call("DELETE", f"{path}/T1")
    assert left.status_code == 200
    assert [r["staff_no"] for r in left.json()["respondents"]] == ["T2"]
    gone = await scenario.call("DELETE", f"{path}/T1")
    assert gone.status_code == 404
    assert gone.json()["code"] == "accountability.respondent_not_found"
    last = (await scenario.events(case["id"]))[-1]
    assert (last["verb"], last["details"]) == ("remove_respondent", {"staff_no": "T1"})


@pytest.mark.parametrize(
    ("verbs", "is_open"),
    [
        (("file",), True),
        (("file", "propose"), False),
        (("file", "propose", "review"), False),
        (("file", "propose", "review", "return"), True),
        (("file", "propose", "review", "decide"), False),
        (("reject",), False),
    ],
)
async def test_naming_ends_with_the_proposal(
    scenario: Scenario, verbs: tuple[str, ...], is_open: bool
) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], *verbs)
    path = f"/v1/cases/{case['id']}/respondents"
    added = await scenario.call("POST", path, json=named("T2"))
    removed = await scenario.call("DELETE", f"{path}/T1")
    if is_open:
        assert (added.status_code, removed.status_code) == (200, 200)
    else:
        assert added.json()["code"] == removed.json()["code"] == "accountability.not_editable"
        assert (added.status_code, removed.status_code) == (409, 409)
