"""A light HTTP client that keeps a server busy: it must cost less than what it measures."""

import asyncio
import time
from dataclasses import dataclass
from statistics import median, quantiles
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Round:
    """What one round of equal requests took."""

    rate: float
    seconds: list[float]

    @property
    def p50(self) -> float:
        """The median in milliseconds."""
        return median(self.seconds) * 1000

    @property
    def p95(self) -> float:
        """The 95th percentile in milliseconds."""
        return quantiles(self.seconds, n=20)[-1] * 1000


async def measure(url: str, headers: dict[str, str], requests: int, connections: int) -> Round:
    """Send `requests` equal requests over `connections` connections."""
    parts = urlsplit(url)
    lines = [f"GET {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    left, seconds = requests, list[float]()

    async def work() -> None:
        nonlocal left
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while left > 0:
            left -= 1
            begin = time.perf_counter()
            writer.write(request)
            await _read_answer(reader)
            seconds.append(time.perf_counter() - begin)
        writer.close()
        await writer.wait_closed()

    begin = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    return Round(requests / (time.perf_counter() - begin), seconds)


async def _read_answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(f"the server answered {head.decode()}")
    _, _, rest = head.partition(b"content-length:")
    return await reader.readexactly(int(rest.partition(b"\r\n")[0]))
