"""Loads the sample county: creates records that never existed and leaves all others unchanged.

People experiment with the sample. Loading it again keeps their work: it changes no row, restores
none that was removed, and advances no year that anyone else has changed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from client.api import JunhengClient
from client.cycles import act_on_cycle, ensure_cycle, has_reached
from client.imports.options import Mode
from client.models import Cycle
from client.problems import Problem
from client.resources import RESOURCES
from client.sample.files import csv_bytes
from client.sample.model import Row, Sample
from client.text import Text

_GONE = 410
# Version of a year in each state if only the sample has changed it.
_UNTOUCHED = {"draft": 1, "open": 2}
_TITLES = {
    "schools": Text("学校", "schools"),
    "staff": Text("教职工", "staff"),
    "participation-records": Text("参加考核情况", "participation records"),
    "scores": Text("评分", "scores"),
}
_KEYS = {
    "schools": ("school_code",),
    "staff": ("staff_no",),
    "participation-records": ("staff_no", "kind", "starts_on"),
    "scores": ("staff_no",),
}
_LEFT = Text(
    "{title}：新增 {created} 条；已改动 {changed} 条、已删除 {removed} 条，均保持不变",
    "{title}: {created} added; {changed} changed and {removed} removed since, left unchanged",
)
_REFUSED = Text(
    "{title}：{refused} 条与现有数据不符，未写入",
    "{title}: {refused} conflict with existing data and were not added",
)
_YEAR = Text(
    "{year} 年度考核的状态为 {state}，保持不变；不再补充 {title}",
    "the appraisal of {year} is {state} and is left unchanged; no {title} are added",
)

Notify = Callable[[Text, Mapping[str, Any]], None]


@dataclass(frozen=True)
class SampleLoader:
    """Loads a county as its bureau's administrator.

    Attributes:
        admin: the administrator's client.
        county: the sample to load.
        notify: receives a notice for records that are left unchanged.
    """

    admin: JunhengClient
    county: Sample
    notify: Notify

    def load(self) -> None:
        """Create missing schools, staff, the year, its participation records and its scores.

        Raises:
            ImportFailed: a first import was refused.
            Problem: the platform refused something.
            Unreachable: the platform does not answer.
        """
        self._add("schools", self.county.schools)
        self._add("staff", self.county.staff)
        cycle, is_ours = self._bring_to("open", "open")
        if cycle.state == "draft" or has_reached(cycle, "determined"):
            self._notify_year("participation-records", cycle)
        else:
            self._add("participation-records", self.county.participation_records, cycle)
        cycle, _ = self._bring_to("scoring", "start-scoring", is_ours=is_ours)
        if cycle.state == "scoring":
            self._add("scores", self.county.scores, cycle)
        else:
            self._notify_year("scores", cycle)

    def _bring_to(self, state: str, verb: str, *, is_ours: bool = False) -> tuple[Cycle, bool]:
        """The year, advanced by one verb if nobody else has changed it; whether that is so."""
        cycle, is_new = ensure_cycle(self.admin, self.county.year)
        is_ours = is_ours or is_new or cycle.version == _UNTOUCHED.get(cycle.state)
        if is_ours and not has_reached(cycle, state):
            cycle = act_on_cycle(self.admin, cycle, verb)
        return cycle, is_ours

    def _notify_year(self, resource: str, cycle: Cycle) -> None:
        title = _TITLES[resource]
        self.notify(_YEAR, {"year": cycle.year, "state": cycle.state, "title": title})

    def _add(self, resource: str, rows: Sequence[Row], cycle: Cycle | None = None) -> None:
        stock = Stock.of(self.admin, resource, cycle)
        missing = [row for row in rows if stock.key_of(row) not in stock.ever]
        here = [row for row in rows if stock.key_of(row) in stock.present]
        created = refused = changed = 0
        if missing:
            mode: Mode = "valid_rows" if stock.ever else "all_or_nothing"
            job = self.admin.import_bytes(
                resource, csv_bytes(missing), operation="insert", mode=mode, **stock.within
            )
            created, refused = job.progress.created, job.progress.failed
        if here:
            compared = self.admin.import_bytes(
                resource, csv_bytes(here), dry_run=True, **stock.within
            )
            changed = compared.progress.updated + compared.progress.failed
        removed = len(rows) - len(missing) - len(here)
        title = _TITLES[resource]
        if changed or removed or (created and stock.ever):
            counts = {"created": created, "changed": changed, "removed": removed}
            self.notify(_LEFT, {"title": title, **counts})
        if refused:
            self.notify(_REFUSED, {"title": title, "refused": refused})


class Stock(NamedTuple):
    """The rows of a resource on the platform.

    Attributes:
        key: the fields of its natural key.
        prefix: parts of the key that precede them in the change log.
        present: the keys of existing rows.
        ever: the keys of existing and former rows.
        within: options for importing the resource.
    """

    key: tuple[str, ...]
    prefix: tuple[str, ...]
    present: frozenset[str]
    ever: frozenset[str]
    within: dict[str, Any]

    @classmethod
    def of(cls, client: JunhengClient, resource: str, cycle: Cycle | None) -> "Stock":
        """Read a resource from its list and its changes."""
        key, prefix = _KEYS[resource], (cycle.id,) if cycle else ()
        kind = RESOURCES[resource]
        rows = client.iterate(kind.rows(cycle.id if cycle else None), fields=",".join(key))
        present = frozenset(_joined((*prefix, *(row[name] for name in key))) for row in rows)
        logged = frozenset(_logged_keys(client, kind.service, resource))
        within = {"within": {"cycle_id": cycle.id}} if cycle else {}
        return cls(key, prefix, present, present | logged, within)

    def key_of(self, row: Row) -> str:
        """The key of a row of the sample, as the change log writes it."""
        return _joined((*self.prefix, *(row[name] for name in self.key)))


def _joined(parts: Iterable[Any]) -> str:
    return "/".join(map(str, parts))


def _logged_keys(client: JunhengClient, service: str, resource: str) -> Iterable[str]:
    """Every key that a row has ever had, as far back as changes are kept."""
    path, after = f"/{service}/v1/changes", None
    while True:
        try:
            page = client.get(path, resource=resource, after=after, limit=1000)
        except Problem as problem:
            if problem.status == _GONE:
                return
            raise
        for change in page["data"]:
            yield from filter(None, (change["key"], change["old_key"]))
        if not page["data"]:
            return
        after = page["next_cursor"]
