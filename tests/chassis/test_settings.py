from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from pydantic import SecretStr, ValidationError

from services.chassis.core.settings import (
    FileSettings,
    ServiceSettings,
    Settings,
    read_secret,
    service_dsn,
)
from services.chassis.runtime.clock_routes import clock_router
from tests.chassis.probe import probe
from tests.support.running import running
from tests.support.tokens import bearer

KEY = "c2VjcmV0IGtleSBvZiAzMiBieXRlcywgcmVhbGx5ISE="
SECRETS = [n for n, field in FileSettings.model_fields.items() if field.annotation is SecretStr]
REAL: dict[str, Any] = {"environment": "production"} | dict.fromkeys(SECRETS, KEY)


@pytest.mark.parametrize(
    "placeholder", ["", "changeme", "change-me", "ChangeThis", "secret", "PASSWORD", "xxxx", "todo"]
)
@pytest.mark.parametrize("name", SECRETS)
def test_production_refuses_placeholders_and_names_them(name: str, placeholder: str) -> None:
    with pytest.raises(ValidationError, match=f"JUNHENG_{name.upper()}"):
        FileSettings(**REAL | {name: placeholder})


@pytest.mark.parametrize(
    "key", ["c2hvcnQ=", "not base64 at all, but long enough to be a key", KEY[1:], f"AAAA{KEY}"]
)
@pytest.mark.parametrize("name", ["cursor_key", "files_key"])
def test_production_refuses_keys_that_are_none(name: str, key: str) -> None:
    with pytest.raises(ValidationError, match=f"JUNHENG_{name.upper()} must be") as refusal:
        FileSettings(**REAL | {name: key})
    for secret in (key, KEY):
        assert secret not in str(refusal.value)


def test_production_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUNHENG_ENVIRONMENT")
    monkeypatch.delenv("JUNHENG_SECRETS_DIR")
    with pytest.raises(ValidationError, match="placeholder secrets"):
        ServiceSettings.for_service("schools")
    assert not ServiceSettings(**REAL).is_development


@pytest.mark.parametrize(
    "address",
    [
        "", "junheng.example.cn", "ftp://junheng.example.cn", "//junheng.example.cn", "https://",
        "https://user@junheng.example.cn", "https://junheng.example.cn?x", "http://junheng:port",
        "https://junheng.example.cn/#x",
    ],
)  # fmt: skip
def test_what_is_no_public_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="public_url"):
        ServiceSettings(**REAL | {"public_url": address})


def test_a_public_address_may_have_a_path() -> None:
    settings = ServiceSettings(**REAL | {"public_url": "https://example.cn/junheng/"})
    assert settings.public_url == "https://example.cn/junheng"


def test_development_takes_placeholders() -> None:
    settings = ServiceSettings(environment="development", cursor_key="changeme")
    assert len(settings.cursor_key_bytes) == 32


def test_secrets_do_not_show() -> None:
    settings = ServiceSettings(**REAL)
    assert len(SECRETS) >= 2
    assert KEY not in repr(settings)


def test_a_secret_is_a_variable_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "junheng_schools_db_password").write_text("from-file\n")
    for name in SECRETS:
        (tmp_path / f"junheng_{name}").write_text(KEY)
    monkeypatch.setenv("JUNHENG_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("JUNHENG_ENVIRONMENT", "production")
    settings = ServiceSettings.for_service("schools")
    assert settings.db_password.get_secret_value() == "from-file"
    monkeypatch.setenv("JUNHENG_SCHOOLS_DB_PASSWORD", "from-variable")
    settings = ServiceSettings.for_service("schools")
    assert settings.db_password.get_secret_value() == "from-variable"
    assert read_secret("unknown") is None


@pytest.mark.parametrize(
    "bad",
    [{"environment": "staging"}, {"port": 70000}, {"pool_size": 0}, {"jobs": "sometimes"},
     {"acquire_timeout": 0}, {"max_body_bytes": 5}],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**{"environment": "development"} | bad)


def test_a_password_may_hold_any_character() -> None:
    dsn = service_dsn("postgresql://admin:secret@127.0.0.1:1/junheng", "junheng_x", "p@s/s:w%4rd?#")
    parts = urlsplit(dsn)
    assert (parts.username, parts.hostname, parts.port) == ("junheng_x", "127.0.0.1", 1)
    assert unquote(parts.password or "") == "p@s/s:w%4rd?#"


async def test_the_clock_cannot_be_moved_in_production() -> None:
    app = probe(environment="production")
    paths = {route.path for route in clock_router.routes}  # type: ignore[attr-defined]
    assert paths == {"/v1/clock"}
    assert "/v1/clock" not in app.openapi()["paths"]
    async with running(app) as client:
        headers = bearer("system_admin", bureau=None)
        for method in ("GET", "PUT"):
            body = {"now": "2030-01-01T00:00:00Z"} if method == "PUT" else None
            answer = await client.request(method, "/v1/clock", json=body, headers=headers)
            assert answer.status_code == 404
