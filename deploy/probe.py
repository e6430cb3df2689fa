"""`python -m deploy.probe /livez`: the health check of a container, standard library only."""

import http.client
import os
import sys

TIMEOUT_SECONDS = 4


def answers(path: str, port: int) -> bool:
    """Whether the process on this machine returns 200 at `path`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    raise SystemExit(not answers(sys.argv[1], int(os.environ.get("JUNHENG_PORT", "8700"))))
