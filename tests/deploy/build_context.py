"""What `docker build` would be sent, by the rules of .dockerignore."""

import fnmatch
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"


def is_sent(path: Path) -> bool:
    """Whether a file is sent to the builder: the last rule that fits decides."""
    relative = path.relative_to(ROOT)
    places = [str(place) for place in (relative, *relative.parents)]
    sent = True
    for rule in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = rule.removeprefix("!")
        if pattern.startswith("**/"):
            fits = any(fnmatch.fnmatch(part, pattern[3:]) for part in relative.parts)
        else:
            fits = any(fnmatch.fnmatch(place, pattern) for place in places)
        if pattern and not pattern.startswith("#") and fits:
            sent = rule.startswith("!")
    return sent


def copied_folders() -> list[str]:
    """The sources that the Dockerfile copies out of what it is sent."""
    return re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE.read_text("utf-8"), re.M)


def make_image_tree(target: Path) -> None:
    """Lay out the project's files as they lie in the image."""
    for name in copied_folders():
        for file in sorted((ROOT / name).rglob("*")):
            if file.is_file() and is_sent(file):
                place = target / file.relative_to(ROOT)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place)
