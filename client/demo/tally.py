"""How much of a step was new, and how much was there already."""

from dataclasses import dataclass

from client.models import ImportReport
from client.text import Language, Text

_NEW = Text("新增 {count:,}", "{count:,} new")
_CHANGED = Text("更新 {count:,}", "{count:,} updated")
_KEPT = Text("已有 {count:,},未作改动", "{count:,} there already, unchanged")
_NOTHING = Text("没有可做的", "nothing to do")


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one step, over any number of bureaus."""

    new: int = 0
    changed: int = 0
    kept: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.new + other.new, self.changed + other.changed, self.kept + other.kept)

    @classmethod
    def of(cls, report: ImportReport) -> "Tally":
        """What an import did."""
        return cls(report.created, report.updated, report.unchanged)

    @classmethod
    def one(cls, *, is_new: bool) -> "Tally":
        """A single thing, done now or before."""
        return cls(new=1) if is_new else cls(kept=1)

    def says(self, language: Language) -> str:
        """The counts in words, leaving out what is zero."""
        counts = ((_NEW, self.new), (_CHANGED, self.changed), (_KEPT, self.kept))
        said = [text.render(language, count=count) for text, count in counts if count]
        return (", " if language == "en" else ",").join(said) or _NOTHING.render(language)
