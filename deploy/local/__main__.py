"""`python -m deploy.local up|demo`: runs the platform on this machine; called by `dev.py`."""

import argparse
import signal
import sys

from deploy.errors import SetupError
from deploy.local.demo import demo
from deploy.local.options import Options
from deploy.local.session import say
from deploy.local.up import up
from services.chassis.core.standard_streams import occupy_standard_streams


def main(arguments: list[str]) -> int:
    """Run one command; faults that a person can correct are printed without a stack trace."""
    occupy_standard_streams()
    parser = argparse.ArgumentParser(prog="dev.py", allow_abbrev=False)
    parser.add_argument("command", choices=("up", "demo"))
    parser.add_argument("--data", metavar="DIR", help="数据目录 / data folder (.junheng)")
    chosen, rest = parser.parse_known_args(arguments)
    # A request to end, by a person or by the system, stops everything in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        options = Options.read(chosen.data)
        return (up if chosen.command == "up" else demo)(options, rest)
    except SetupError as error:
        say(error.chinese, error.english)
        return 1
    except OSError as error:
        if error.filename is None:
            raise
        file, reason = error.filename, error.strerror
        say(
            f"无法使用 {file}（{reason}）；请用 --data 或 JUNHENG_DATA 指定一个可写的目录",
            f"{file} cannot be used ({reason}): name a writable folder with --data or JUNHENG_DATA",
        )
        return 1
    except KeyboardInterrupt:
        if chosen.command != "up":
            return 130
        say("平台已停止，数据保持不变", "the platform has stopped; its data are kept")
        return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
