"""Short views of responses, for comparisons."""

import httpx


def status_and_code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    return answer.status_code, answer.json()["code"]
