"""One bureau's part of the run: what will be sent, kept small, and who sends it."""

from dataclasses import dataclass
from pathlib import Path

from client.api import JunhengClient
from client.demo.absence import absent_over_half
from client.sample.files import csv_bytes
from client.sample.model import Bureau, CasePlan, Sample

LATE = ("after_determination", "after_confirmation")


@dataclass(frozen=True, slots=True)
class Upload:
    """An import file with its number of rows."""

    content: bytes
    rows: int


@dataclass
class BureauRun:
    """A bureau that goes through its year.

    The rows of a sample are turned into files at once: thirty times smaller than the rows.

    Attributes:
        bureau: code and name.
        year: the year appraised.
        uploads: the files by resource: `schools`, `staff`, `facts`, `scores`.
        cases: the cases to be played.
        school_codes: all schools, with or without staff.
        head_of: a school with one of its staff, for the logins of that school.
        absent: who must come out as undetermined.
        folder: where its files go.
        logins: a client by role, once there are accounts.
    """

    bureau: Bureau
    year: int
    uploads: dict[str, Upload]
    cases: list[CasePlan]
    school_codes: list[str]
    absent: set[str]
    folder: Path
    logins: dict[str, JunhengClient]

    @classmethod
    def of(cls, sample: Sample, output: Path) -> "BureauRun":
        """Prepare a sample for its run."""
        resources = {
            "schools": sample.schools,
            "staff": sample.staff,
            "facts": sample.facts,
            "scores": sample.scores,
        }
        return cls(
            bureau=sample.bureau,
            year=sample.year,
            uploads={name: Upload(csv_bytes(rows), len(rows)) for name, rows in resources.items()},
            cases=sample.cases,
            school_codes=[row["school_code"] for row in sample.schools],
            absent=absent_over_half(sample.facts, sample.year),
            folder=output / sample.bureau.bureau_code,
            logins={},
        )

    @property
    def admin(self) -> JunhengClient:
        """The bureau's administrator (局管理员)."""
        return self.logins["bureau_admin"]

    @property
    def leader(self) -> JunhengClient:
        """The bureau's leading group (局领导小组)."""
        return self.logins["bureau_leader"]

    @property
    def supervisor(self) -> JunhengClient:
        """The supervisor (督学)."""
        return self.logins["supervisor"]

    def cases_at(self, moment: str) -> list[CasePlan]:
        """The cases that are decided at this moment of the year."""
        return [case for case in self.cases if case.moment == moment]

    @property
    def has_late_cases(self) -> bool:
        """Whether a decision comes when results are there already."""
        return any(case.moment in LATE for case in self.cases)

    def file(self, name: str) -> Path:
        """A file among its exports."""
        return self.folder / f"{name}-{self.year}.csv"
