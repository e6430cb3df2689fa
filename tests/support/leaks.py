"""What no line of any log may hold, whatever is tested: ID numbers, people's names, tokens."""

import re
from datetime import datetime

from services.chassis.database.clock import CHINA
from services.chassis.schemas.id_numbers.checking import is_valid

# As the tests call people: `person` of tests/schools/county.py, and whoever is named otherwise.
_NAMES = "员工[A-Z][0-9]|王小明|王大明|李建国|欧阳|看不见"
_TOKENS = r"eyJ[\w-]{20,}\.|Bearer\s+\S|jhs_[\w-]{20,}"
_SECRET = re.compile(f"{_NAMES}|{_TOKENS}")
_NUMBER = re.compile(r"(?<![\w.-])[1-9][0-9]{16}[0-9X](?!\w)")


def leaked(said: str) -> list[str]:
    """What stands in the lines of logs among what was said, and must not."""
    lines = [line for line in said.splitlines() if line.startswith("{")]
    found = [match[0] for line in lines for match in _SECRET.finditer(line)]
    numbers = [number for line in lines for number in _NUMBER.findall(line)]
    today = datetime.now(CHINA).date()
    return found + [number for number in numbers if is_valid(number, today)]
