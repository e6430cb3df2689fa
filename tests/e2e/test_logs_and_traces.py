"""What a whole sample year leaves in logs and traces: whole stories, and nobody's data."""

import json
import time
from collections.abc import Iterator

import pytest

from deploy.local.runner import Platform
from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret
from tests.e2e.collector import Collector
from tests.e2e.test_year import SAMPLE, Office, finish, start_demo
from tests.support.platform import whole_platform

PROCESSES = ("gateway", "schools", "appraisal", "accountability")


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    started = Collector()
    yield started
    started.close()


@pytest.fixture(scope="module")
def platform(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform that has been through the sample year, its traces collected."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("JUNHENG_OTLP_ENDPOINT", collector.address)
        with whole_platform() as started:
            finish(start_demo(started, tmp_path_factory.mktemp("files")))
            Office(started, "bureau_leader").get("/schools/v1/staff?q=nobody&limit=3")
            time.sleep(6)  # spans leave in batches, every five seconds
            yield started


def logs_of(platform: Platform) -> dict[str, str]:
    return {name: platform.options.log(name).read_text("utf-8") for name in PROCESSES}


def everything(platform: Platform, collector: Collector) -> dict[str, str]:
    others = {name: platform.options.log(name).read_text("utf-8") for name in ("postgres", "setup")}
    outputs = logs_of(platform) | others | {"spans": "\n".join(collector.text)}
    assert all(len(outputs[name]) > 1000 for name in (*PROCESSES, "spans"))
    return outputs


def test_no_log_and_no_span_names_a_person(platform: Platform, collector: Collector) -> None:
    outputs = everything(platform, collector)
    for person in SAMPLE.staff:
        for value in (str(person["id_number"]), str(person["name"])):
            for name, text in outputs.items():
                assert value not in text, name


def test_no_log_and_no_span_holds_a_token(platform: Platform, collector: Collector) -> None:
    secrets = [read_secret(platform.options.secrets, BOOTSTRAP_PASSWORD)]
    secrets += [file.read_text("utf-8").strip() for file in platform.options.secrets.iterdir()]
    for name, text in everything(platform, collector).items():
        assert "eyJ" not in text, f"{name}: the beginning of every access token"
        assert not [secret for secret in secrets if len(secret) > 8 and secret in text], name


def test_logs_are_json_lines_with_request_ids(platform: Platform) -> None:
    for name, text in logs_of(platform).items():
        lines = [json.loads(line) for line in text.splitlines()]
        requests = [line for line in lines if line["event"] == "request"]
        assert requests, name
        assert all(line["request_id"] and line["process"] == name for line in requests)


def test_a_trace_goes_through_gateway_services_sql_and_job(
    platform: Platform, collector: Collector
) -> None:
    stories = list(collector.traces.values())
    simple = {("gateway", "GET /schools/…"), ("schools", "GET /v1/staff")}
    assert any(simple <= story for story in stories)
    assert any(
        name.startswith("select") for story in stories for process, name in story if simple <= story
    )
    opening = {("appraisal", "POST /v1/cycles/{cycle_id}:open"), ("schools", "GET /v1/staff")}
    assert any(opening <= story for story in stories), "a service that calls another one"
    delivery = {
        ("gateway", "POST /accountability/…"),
        ("accountability", "POST /v1/cases/{case_id}:decide"),
        ("accountability", "job accountability.deliver_directive"),
        ("appraisal", "POST /v1/directives"),
    }
    assert any(delivery <= story for story in stories), "a decision, its job, and where it goes"
