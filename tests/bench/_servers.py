"""The servers of a benchmark, each a process of its own as in earnest."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from deploy.local import ports
from tests.support.tokens import PUBLIC_JWK

_START_SECONDS = 30.0


@contextmanager
def serving(words: list[str], path: str, **environment: str) -> Iterator[str]:
    """Run `python words…` with JUNHENG_PORT set; its address, once `path` answers."""
    port = ports.find_free()
    variables = {"JUNHENG_PORT": str(port), "JUNHENG_HOST": "127.0.0.1"} | environment
    words = [word.format(port=port) for word in words]
    process = subprocess.Popen(
        [sys.executable, *words],
        env=os.environ | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_answer(f"http://127.0.0.1:{port}{path}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def keys_served() -> Iterator[str]:
    """A stand-in for the gateway that serves the key of the tests' tokens."""
    body = json.dumps({"keys": [PUBLIC_JWK | {"kid": "test"}]}).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def _await_answer(url: str, process: "subprocess.Popen[bytes]") -> None:
    give_up = time.monotonic() + _START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return  # it answers, which is all that is asked
        except OSError:
            if process.poll() is not None or time.monotonic() > give_up:
                raise
            time.sleep(0.05)
