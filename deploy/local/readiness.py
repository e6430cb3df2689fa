"""Readiness check of a process."""

import http.client


def is_ready(url: str) -> bool:
    """Whether `/readyz` returns 200."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
