"""Diagrams of procedures in the pages; `python -m tests.docs.diagrams` renews them.

A page asks for one by a comment before its block: `<!-- diagram appraisal/cycles en -->`.
"""

import os
import re
from importlib import import_module
from pathlib import Path

from services.chassis.core.text import Language
from services.chassis.procedures.diagram import mermaid
from services.chassis.procedures.machine import StateMachine
from services.chassis.runtime.feature import Service
from tests.docs.pages import PAGES

SERVICES = ("schools", "appraisal", "accountability")
LANGUAGES: dict[str, Language] = {"zh": "zh-CN", "en": "en"}
_DIAGRAM = re.compile(
    r"^<!-- diagram (?P<service>\w+)/(?P<name>[\w-]+) (?P<language>zh|en) -->\n"
    r"(?:```mermaid\n.*?^```\n)?",
    re.S | re.M,
)


def machine_of(service: str, name: str) -> StateMachine:
    """A procedure as its service declares it."""
    declared: Service = import_module(f"services.{service}.features").SERVICE
    return next(one for one in declared.procedures if one.name == name)


def with_diagrams(text: str) -> str:
    """The text of a page with its diagrams as they are now."""
    return _DIAGRAM.sub(_drawn, text)


def requested_diagrams(text: str) -> list[tuple[str, str, str]]:
    """Service, procedure and language of every diagram that a page asks for, in order."""
    return [
        (found["service"], found["name"], found["language"]) for found in _DIAGRAM.finditer(text)
    ]


def _drawn(found: re.Match[str]) -> str:
    machine = machine_of(found["service"], found["name"])
    comment = found[0].partition("\n")[0]
    return f"{comment}\n```mermaid\n{mermaid(machine, LANGUAGES[found['language']])}```\n"


def main() -> None:
    """Renew the diagrams of every page."""
    os.environ["JUNHENG_ENVIRONMENT"] = "development"
    for page in PAGES:
        renew(page)


def renew(page: Path) -> None:
    """Renew the diagrams of one page."""
    text = page.read_text("utf-8")
    if (drawn := with_diagrams(text)) != text:
        page.write_text(drawn, "utf-8")


if __name__ == "__main__":
    main()
