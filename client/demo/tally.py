"""Counts of a step: new, changed and existing items."""

from dataclasses import dataclass

from client.imports.job import ImportJob
from client.text import Language, Text


@dataclass(frozen=True, slots=True)
class CountLabels:
    """Texts for the counts of a kind of step."""

    new: Text
    kept: Text


IMPORTED = CountLabels(
    Text("新增 {count:,}", "{count:,} created"), Text("未变 {count:,}", "{count:,} unchanged")
)
MADE = CountLabels(
    Text("新建 {count:,}", "{count:,} created"), Text("已有 {count:,}", "{count:,} existing")
)
DONE = CountLabels(
    Text("完成 {count:,}", "{count:,} done"), Text("此前已完成 {count:,}", "{count:,} done before")
)
WRITTEN = CountLabels(
    Text("写入 {count:,} 个文件", "{count:,} files written"),
    Text("{count:,} 个文件未变", "{count:,} files unchanged"),
)
PASSED = CountLabels(
    Text("{count:,}", "{count:,}"), Text("{count:,} 人核对无误", "{count:,} people checked")
)
_CHANGED = Text("更新 {count:,}", "{count:,} updated")
_NOTHING = Text("无", "nothing")


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one step, over any number of bureaus."""

    new: int = 0
    changed: int = 0
    kept: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.new + other.new, self.changed + other.changed, self.kept + other.kept)

    @classmethod
    def of(cls, job: ImportJob) -> "Tally":
        """The counts of an import."""
        return cls(job.progress.created, job.progress.updated, job.progress.unchanged)

    @classmethod
    def one(cls, *, is_new: bool, count: int = 1) -> "Tally":
        """The counts of items that were all created now, or all existed before."""
        return cls(new=count) if is_new else cls(kept=count)

    def describe(self, language: Language, labels: CountLabels = IMPORTED) -> str:
        """The counts in words, without zeros."""
        counts = ((labels.new, self.new), (_CHANGED, self.changed), (labels.kept, self.kept))
        parts = [text.render(language, count=count) for text, count in counts if count]
        return (", " if language == "en" else "，").join(parts) or _NOTHING.render(language)
