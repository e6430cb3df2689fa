"""Exports of the appraisal: filters of an export are JSON of the fields' types."""

from typing import Any

import pytest

from tests.appraisal.year import Year


@pytest.mark.parametrize("value", [1, 0, 1.0])
async def test_a_number_is_no_truth(year: Year, value: Any) -> None:
    options = {"resource": "calendar-days", "format": "csv", "query": {"is_working": value}}
    answer = await year.call("POST", "/v1/exports", json=options)
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["code"]) == (422, "bool_type")
    assert fault["pointer"] == "/query/is_working/0"


@pytest.mark.parametrize("value", [True, "true", [False]])
async def test_truth_is_json_or_the_text_of_an_address(year: Year, value: Any) -> None:
    options = {"resource": "calendar-days", "format": "csv", "query": {"is_working": value}}
    answer = await year.call("POST", "/v1/exports", json=options)
    assert answer.status_code == 202, answer.text
