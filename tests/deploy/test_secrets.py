import base64
import json
import os
import stat
from pathlib import Path

from deploy.local.secrets import GENERATORS, ensure_secrets, read_secret, secret_file


def test_makes_every_secret_once_and_keeps_it(folder: Path) -> None:
    ensure_secrets(folder / "secrets")
    first = {name: read_secret(folder / "secrets", name) for name in GENERATORS}
    assert len(set(first.values())) == len(first)
    secret_file(folder / "secrets", "cursor_key").unlink()
    ensure_secrets(folder / "secrets")
    second = {name: read_secret(folder / "secrets", name) for name in GENERATORS}
    assert {name for name in first if first[name] != second[name]} == {"cursor_key"}


def test_only_the_owner_can_read_them(folder: Path) -> None:
    secrets = ensure_secrets(folder / "secrets")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in secrets.iterdir()}
    assert modes == ({0o600} if os.name == "posix" else {0o666})
    assert sorted(path.name for path in secrets.iterdir()) == sorted(
        f"junheng_{name}" for name in GENERATORS
    )


def test_keys_have_256_bits(folder: Path) -> None:
    secrets = ensure_secrets(folder / "secrets")
    pii = json.loads(read_secret(secrets, "pii_keys"))
    names = ("master_key", "cursor_key", "audit_key", "files_key")
    keys = [*(read_secret(secrets, name) for name in names), pii["index"]]
    keys.append(pii["keys"][pii["current"]])
    assert [len(base64.b64decode(key)) for key in keys] == [32] * 6
