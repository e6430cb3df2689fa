"""Every container's process, without a container: the image's files and packages, in production
mode, with exactly the settings and secrets that docker-compose.yml gives it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import httpx
import pytest
import yaml

from deploy.local import ports
from deploy.local.throwaway import throwaway_postgres
from deploy.make_secrets import make_secrets
from deploy.probe import answers
from tests.deploy.build_context import ROOT, make_image_tree
from tests.deploy.conftest import make_folder, wait_until
from tests.deploy.interpolation import with_defaults

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVERS = ("schools", "appraisal", "accountability", "gateway")


def locked(name: str) -> set[str]:
    """The packages in a lock file."""
    return set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text("utf-8"), re.M))


def hide_packages_outside_the_image(folder: Path) -> None:
    """Make every module fail to load whose package the image does not install."""
    folder.mkdir()
    tools = locked("requirements.lock") - locked("requirements-runtime.lock")
    for module, packages in packages_distributions().items():
        if {re.sub(r"[-_.]+", "-", package).lower() for package in packages} <= tools:
            (folder / f"{module}.py").write_text("raise ImportError('not in the image')\n")


class Containers:
    """Starts the processes of the compose file on this machine."""

    def __init__(self, folder: Path, database_port: int) -> None:
        self.folder, self.tree = folder, folder / "app"
        self.ports = {name: ports.find_free() for name in SERVERS} | {"postgres": database_port}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        make_image_tree(self.tree)
        hide_packages_outside_the_image(folder / "hidden")
        make_secrets(folder / "secrets")

    def environment(self, name: str) -> dict[str, str]:
        """A container's variables, with this machine's addresses, and its secrets in a folder."""
        mounted = self.folder / "mounted" / name
        mounted.mkdir(parents=True, exist_ok=True)
        for secret in COMPOSE["services"][name]["secrets"]:
            content = (self.folder / "secrets" / secret).read_text("utf-8")
            (mounted / secret).write_text(content, "utf-8")
        given = COMPOSE["services"][name]["environment"]
        settings = {key: self.here(with_defaults(value)) for key, value in given.items()}
        return settings | {
            "JUNHENG_DATA_DIR": str(self.folder / "files"),
            "JUNHENG_SECRETS_DIR": str(mounted),
            "JUNHENG_PORT": str(self.ports.get(name, 0)),
            "JUNHENG_EXIT_ON_STDIN_EOF": "1",
            "PYTHONPATH": f"{self.folder / 'hidden'}{os.pathsep}{self.tree}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def here(self, value: str) -> str:
        """A value of the compose file with this machine's address in place of a service's."""
        return re.sub(
            r"(?<=[/@])(\w+):\d+", lambda found: f"127.0.0.1:{self.ports[found[1]]}", value
        )

    def start(self, name: str) -> "subprocess.Popen[bytes]":
        """Start what a container runs."""
        self.running[name] = subprocess.Popen(
            [sys.executable, "-P", "-m", *COMPOSE["services"][name]["command"]],
            cwd=self.folder,
            env=self.environment(name),
            stdin=subprocess.PIPE,
            stdout=(self.folder / f"{name}.log").open("wb"),
            stderr=subprocess.STDOUT,
        )
        return self.running[name]

    def log(self, name: str) -> str:
        """What a process has said."""
        return (self.folder / f"{name}.log").read_text("utf-8")


@pytest.fixture(scope="module")
def containers() -> Iterator[Containers]:
    folder = make_folder()
    with throwaway_postgres() as server:
        address = urlsplit(server.url("postgres"))
        started = Containers(folder, address.port or 0)
        password = folder / "secrets" / "junheng_postgres_password"
        password.chmod(0o644)
        password.write_text(address.password or "", "utf-8")
        assert started.start("setup").wait(60) == 0, started.log("setup")
        for name in (*SERVERS, "worker"):
            started.start(name)
        yield started
        for process in started.running.values():
            process.kill()
            process.wait()
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", SERVERS)
def test_every_server_becomes_ready(containers: Containers, name: str) -> None:
    port = containers.ports[name]
    assert wait_until(lambda: answers("/readyz", port), 30), containers.log(name)
    assert answers("/livez", port)
    assert not answers("/nowhere", port)


def test_the_platform_can_be_used_and_its_clock_cannot_be_moved(containers: Containers) -> None:
    base = f"http://127.0.0.1:{containers.ports['gateway']}"
    secret = containers.folder / "secrets" / "junheng_bootstrap_password"
    body = json.dumps({"username": "sysadmin", "password": secret.read_text("utf-8")}).encode()
    log_in = Request(f"{base}/v1/login", body, {"Content-Type": "application/json"})
    with urlopen(log_in, timeout=10) as answer:
        token = json.load(answer)["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    with urlopen(Request(f"{base}/schools/v1/bureaus", headers=bearer), timeout=10) as answer:
        assert json.load(answer) == {"data": [], "next_cursor": None}
    with urlopen(f"{base}/openapi.json", timeout=10) as answer:
        assert "/v1/clock" not in json.load(answer)["paths"]


def test_a_file_that_a_service_takes_in_is_imported_by_the_worker(containers: Containers) -> None:
    bootstrap = (containers.folder / "secrets" / "junheng_bootstrap_password").read_text("utf-8")
    base = f"http://127.0.0.1:{containers.ports['gateway']}"
    with httpx.Client(base_url=base, trust_env=False, timeout=60) as http:

        def call(who: str, password: str, method: str, path: str, **what: Any) -> Any:
            body = {"username": who, "password": password}
            token = http.post("/v1/login", json=body).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": path}
            answer = http.request(method, path, headers=headers, **what)
            assert answer.is_success, answer.text
            return answer.json()

        bureau = {"bureau_code": "620123", "name": "示例县教育局"}
        call("sysadmin", bootstrap, "POST", "/schools/v1/bureaus", json=bureau)
        account = {"username": "clerk", "display_name": "李娜", "password": bootstrap}
        account |= {"bureau_code": bureau["bureau_code"]}
        call("sysadmin", bootstrap, "POST", "/v1/accounts", json=account)
        roles = {"roles": ["bureau_admin"]}
        call("secadmin", bootstrap, "PUT", "/v1/accounts/clerk/roles", json=roles)
        schools = "学校标识码,学校名称,办学类型,城乡类型\n2162000101,示例县河东小学,211,121\n"
        form = {"data": {"resource": "schools"}, "files": {"file": ("a.csv", schools.encode())}}
        job = call("clerk", bootstrap, "POST", "/schools/v1/imports", **form)
        path = f"/schools/v1/imports/{job['id']}"
        job = call("clerk", bootstrap, "GET", path, params={"wait": 30})
        assert (job["state"], job["progress"]["created"]) == ("completed", 1), containers.log(
            "worker"
        )
        rows = call("clerk", bootstrap, "GET", "/schools/v1/schools")["data"]
        assert [row["name"] for row in rows] == ["示例县河东小学"]
    uploads = list((containers.folder / "files" / "schools" / "imports").iterdir())
    assert uploads, "the one folder of both"
    assert not any("示例县".encode() in upload.read_bytes() for upload in uploads)


def test_they_write_nothing_else_and_end_when_told(containers: Containers) -> None:
    assert containers.running["worker"].poll() is None, containers.log("worker")
    for name in (*SERVERS, "worker"):
        containers.running[name].terminate()
    for name in (*SERVERS, "worker"):
        containers.running[name].wait(20)
        assert "Traceback" not in containers.log(name)
    written = {path.name for path in containers.folder.iterdir()}
    logs = {f"{name}.log" for name in containers.running}
    assert written == {"app", "files", "hidden", "mounted", "secrets"} | logs
    assert not list(containers.tree.rglob("__pycache__"))
