from pathlib import Path

import pytest

from deploy.local.indexes import exists, translate, uv_settings


def test_an_empty_configuration_changes_nothing() -> None:
    assert translate("") == {}


def test_pips_words_become_uvs(folder: Path) -> None:
    wheels = folder.as_uri()
    listing = (
        ":env:.cert='/a.pem'\n"
        "global.index-url='https://mirror.example/simple'\n"
        f"global.extra-index-url='https://more.example/simple {wheels}'\n"
        f"global.find-links='{wheels}\\nhttps://links.example'\n"
        "global.trusted-host='a.example\\nb.example'\n"
        "global.disable-pip-version-check='1'\n"
    )
    assert translate(listing) == {
        "SSL_CERT_FILE": "/a.pem",
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": f"https://more.example/simple {wheels}",
        "UV_FIND_LINKS": f"{wheels},https://links.example",
        "UV_INSECURE_HOST": "a.example b.example",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_the_environment_wins_over_the_command_and_that_over_the_rest() -> None:
    listing = "install.index-url='b'\n:env:.index-url='c'\nglobal.index-url='a'\n"
    assert translate(listing) == {"UV_DEFAULT_INDEX": "c"}
    assert translate("install.index-url='b'\nglobal.index-url='a'") == {"UV_DEFAULT_INDEX": "b"}


def test_places_that_are_not_there_are_passed_over(folder: Path) -> None:
    missing = (folder / "missing").as_uri()
    assert translate(f"global.extra-index-url='{missing}'\nglobal.find-links='/missing'") == {}
    assert exists(folder.as_uri())
    assert exists(str(folder))
    assert not exists(missing)


def test_what_is_set_for_uv_itself_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.example/simple")
    assert uv_settings()["UV_DEFAULT_INDEX"] == "https://pip.example/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example/simple")
    assert "UV_DEFAULT_INDEX" not in uv_settings()
