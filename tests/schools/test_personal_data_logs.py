"""What is shown in full is never logged, whatever goes wrong."""

import json
import subprocess
import sys

from tests.schools.county import id_number
from tests.schools.revealing import NAME


def test_no_log_holds_a_number_or_a_name(bureau: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.schools.revealing", bureau],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    entries = [json.loads(line) for line in done.stderr.splitlines()]
    statuses = {entry["status"] for entry in entries if entry["event"] == "request"}
    assert statuses >= {200, 201, 409, 422, 500, 503}
    crashed = [entry for entry in entries if entry.get("code") == "platform.internal_error"]
    assert len(crashed) == 2
    for secret in (id_number(1), id_number(1)[:-1], id_number(1)[6:17], id_number(2), NAME):
        assert secret not in done.stderr + done.stdout
