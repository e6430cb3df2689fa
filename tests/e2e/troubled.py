"""A platform in trouble: its people, and what they do to it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from client.samples import prepare_platform
from deploy.local import ports
from deploy.local.options import DEFAULT_PORTS, Options
from deploy.local.readiness import is_ready
from deploy.local.runner import Platform
from deploy.local.secrets import BOOTSTRAP_PASSWORD, SERVICES, read_secret
from tests.accountability.scenario import ACTORS, BODIES, LEAD
from tests.e2e.troubles import Trouble
from tests.schools.county import csv_of, person, school
from tests.support.forked import forks

PASSWORD = "a long pass phrase"
_ANSWERING_SECONDS = 120


@dataclass
class Troubled:
    """A platform that trouble comes over."""

    platform: Platform
    trouble: Trouble
    is_over: bool = False
    tokens: dict[str, str] = field(default_factory=dict)
    _names: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.http = httpx.Client(
            base_url=self.platform.options.url("gateway"), trust_env=False, timeout=60
        )
        password = read_secret(self.platform.options.secrets, BOOTSTRAP_PASSWORD)
        logins = prepare_platform(self.platform.options.url("gateway"), password, sample=False)
        for login in logins:
            if login.role == "integration":
                continue
            answer = self.login(login.username, login.password)
            self.tokens[login.role] = answer.json()["access_token"]
            self.bureau = login.bureau_code or ""
        self._fill_registry()

    def _fill_registry(self) -> None:
        """The school and the person that cases are about."""
        code = LEAD["school_code"]
        assert self.write("POST", "/schools/v1/schools", json=school(code)).status_code == 201
        one = person("T1", code, 1)
        assert self.write("POST", "/schools/v1/staff", json=one).status_code == 201

    def begin(self) -> None:
        """Let trouble come."""
        self.trouble.begin(self.platform)

    def end(self) -> None:
        """Let trouble end, and wait until everything answers again."""
        self.trouble.end(self.platform)
        self.is_over = True
        urls = [self.platform.options.url(name) for name in SERVICES]
        wait_for(lambda: all(map(is_ready, urls)))

    def call(self, method: str, path: str, role: str, **kwargs: Any) -> httpx.Response:
        """A call whose answer is a problem if it is no success, and no 500 in any case."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} | kwargs.pop("headers", {})
        return self.checked(self.http.request(method, path, headers=headers, **kwargs))

    def checked(self, answer: httpx.Response) -> httpx.Response:
        """The answer, which is a problem if it is no success."""
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", answer.text
            problem = answer.json()
            assert problem["status"] == answer.status_code
            if answer.status_code == 507:
                assert problem["code"] == "platform.storage_full"
        if answer.status_code >= 500:
            allowed = frozenset() if self.is_over else self.trouble.answers
            assert answer.status_code in allowed, answer.text
        return answer

    def write(
        self, method: str, path: str, role: str = "bureau_admin", **kwargs: Any
    ) -> httpx.Response:
        """A write under a key of its own, whatever version there is."""
        headers = {"Idempotency-Key": uuid4().hex, "If-Match": "*"}
        if method == "POST" and ":" not in path.rpartition("/")[2]:
            del headers["If-Match"]
        return self.call(method, path, role, headers=headers, **kwargs)

    def until_done(self, *args: Any, **kwargs: Any) -> httpx.Response:
        """A write that is sent again, once all is well, if it could not be done."""
        answer = self.write(*args, **kwargs)
        if answer.status_code in self.trouble.answers:
            self.end()
            answer = self.write(*args, **kwargs)
        assert answer.is_success, answer.text
        return answer

    def account(self) -> str:
        """A new account of the bureau; its name."""
        name = f"someone{next(self._names)}"
        body = {"username": name, "display_name": "测试", "password": PASSWORD}
        body["bureau_code"] = self.bureau
        assert self.write("POST", "/v1/accounts", "system_admin", json=body).status_code == 201
        return name

    def login(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """The answer to a login."""
        body = {"username": name, "password": password}
        return self.checked(self.http.post("/v1/login", json=body))

    def refresh(self, token: str) -> httpx.Response:
        """The answer to a refresh token."""
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.checked(self.http.post("/oauth/token", data=form))

    def next_token(self, token: str) -> str:
        """The refresh token that takes the place of another one."""
        answer = self.refresh(token)
        assert answer.status_code == 200, answer.text
        following: str = answer.json()["refresh_token"]
        return following

    def case_to_decide(self) -> str:
        """A case that only wants its decision, a directive among the rest; its path."""
        named = {"respondents": [{"staff_no": "T1", "responsibility": "direct"}]}
        made = self.write("POST", "/accountability/v1/cases", json=LEAD | named)
        path = f"/accountability/v1/cases/{made.json()['id']}"
        measures = [{"staff_no": "T1", "measure": "M4"}]
        bodies: dict[str, Any] = BODIES | {"propose": {"measures": measures, "opinion": "建议"}}
        for verb in ("file", "propose", "review"):
            answer = self.write("POST", f"{path}:{verb}", ACTORS[verb], json=bodies.get(verb))
            assert answer.status_code == 200, answer.text
        return path

    def directive(self, path: str) -> dict[str, Any]:
        """The directive of a case, as it stands."""
        (respondent,) = self.call("GET", path, "bureau_admin").json()["respondents"]
        found: dict[str, Any] = respondent["directive"]
        return found

    def people(self, letter: str, number: int) -> bytes:
        """A file of so many people."""
        code, first = LEAD["school_code"], ord(letter) * 10_000
        rows = [person(f"{letter}{n}", code, first + n) for n in range(number)]
        return csv_of(rows)

    def send(self, content: bytes) -> httpx.Response:
        """Import a file of people."""
        data, files = {"resource": "staff"}, {"file": ("a.csv", content)}
        return self.write("POST", "/schools/v1/imports", data=data, files=files)


def wait_for(condition: Callable[[], bool], seconds: float = _ANSWERING_SECONDS) -> None:
    """Poll until the condition holds."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.1)


@contextmanager
def troubled(trouble: Trouble) -> Iterator[Troubled]:
    """A platform of its own, looked after as `dev.py up` does."""
    with trouble.folder() as folder:
        chosen = {name: ports.find_free() for name in DEFAULT_PORTS}
        options = Options(data=folder / "data", ports=chosen)
        trouble.prepare(options.data)
        stop = threading.Event()
        with trouble.platform(
            options, lambda _chinese, english: print(english), forks()
        ) as platform:
            watch = threading.Thread(target=platform.watch, args=(stop.is_set,))
            watch.start()
            try:
                yield Troubled(platform, trouble)
            finally:
                stop.set()
                watch.join()
