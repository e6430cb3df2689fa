"""One bureau in a demo run: the data to send and the logins that send them."""

from dataclasses import dataclass
from pathlib import Path

from client.api import JunhengClient
from client.demo.absence import absent_over_half
from client.sample.files import csv_bytes
from client.sample.model import Bureau, CasePlan, Sample

LATE = ("after_determination", "after_confirmation")


@dataclass(frozen=True, slots=True)
class Upload:
    """An import file and its number of rows."""

    content: bytes
    rows: int


@dataclass
class BureauRun:
    """A bureau during its demo year.

    Rows are kept as CSV files, which take a thirtieth of the memory.

    Attributes:
        bureau: code and name of the bureau.
        year: appraisal year.
        uploads: files by resource: `schools`, `staff`, `participation-records`, `scores`.
        cases: cases to be carried through the procedure.
        school_codes: all schools, with or without staff.
        absent: staff numbers whose result must be `undetermined`.
        folder: folder for the exported files.
        logins: clients by role, available once the accounts exist.
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
            "participation-records": sample.participation_records,
            "scores": sample.scores,
        }
        return cls(
            bureau=sample.bureau,
            year=sample.year,
            uploads={name: Upload(csv_bytes(rows), len(rows)) for name, rows in resources.items()},
            cases=sample.cases,
            school_codes=[row["school_code"] for row in sample.schools],
            absent=absent_over_half(sample.participation_records, sample.year),
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
        """The cases to be decided at this point of the year."""
        return [case for case in self.cases if case.moment == moment]

    @property
    def has_late_cases(self) -> bool:
        """Whether any case is decided after determination."""
        return any(case.moment in LATE for case in self.cases)

    def file(self, name: str) -> Path:
        """The path of an exported file."""
        return self.folder / f"{name}-{self.year}.csv"
