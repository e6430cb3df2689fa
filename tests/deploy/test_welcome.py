"""What `up` says to people whose platform is not as it was made."""

from typing import Any

import pytest

from client.accounts import bureau_logins, platform_logins
from client.problems import Problem
from client.text import Text
from deploy.local import welcome


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNHENG_GATEWAY_URL", "http://127.0.0.1:8700")
    monkeypatch.setenv("JUNHENG_BOOTSTRAP_PASSWORD", "bootstrap")


def _prepares(monkeypatch: pytest.MonkeyPatch, outcome: Any) -> None:
    monkeypatch.setattr(welcome, "prepare_platform", outcome)


def _refuses(status: int) -> Any:
    def refuse(*_args: Any) -> Any:
        raise Problem(status, {"title": "Refused", "detail": "Because.", "code": "test.refused"})

    return refuse


def test_a_changed_first_password_does_not_end_the_platform(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _prepares(monkeypatch, _refuses(401))
    assert welcome.main(["--sample"]) == 0
    said = capsys.readouterr().out
    assert "logins and data are left unchanged" in said
    assert "http://127.0.0.1:8700/docs" in said


def test_any_other_refusal_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _prepares(monkeypatch, _refuses(500))
    assert welcome.main([]) == 1
    assert "test.refused" in capsys.readouterr().err


def test_what_was_left_is_said_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def prepare(*args: Any) -> Any:
        text = Text("{title}：保持不变", "{title} left")
        args[-1](text, {"title": Text("学校", "schools")})
        admin = bureau_logins("620180", "bootstrap", roles=("bureau_admin",))
        return [*platform_logins("bootstrap"), *admin]

    _prepares(monkeypatch, prepare)
    assert welcome.main(["--sample"]) == 0
    said = capsys.readouterr().out
    assert "学校：保持不变\nschools left" in said
    assert "admin@620180" in said


def test_whose_a_login_is_stands_beside_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logins = bureau_logins(
        "620180",
        "bootstrap",
        roles=("bureau_admin", "staff", "school_officer", "school_head"),
        school_code="2162990001",
        staff_no="T7",
        head_no="T1",
    )

    _prepares(monkeypatch, lambda *_: [*platform_logins("bootstrap"), *logins])
    assert welcome.main(["--sample"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.split()}
    assert "T7" in lines["staff"]
    assert "2162990001" in lines["school_officer"]
    assert "T1" in lines["school_head"]
