"""How much of a step was new, and how much was there already."""

from dataclasses import dataclass

from client.imports.job import ImportJob
from client.text import Language, Text


@dataclass(frozen=True, slots=True)
class Words:
    """How a kind of step puts its counts."""

    new: Text
    kept: Text


IMPORTED = Words(
    Text("新增 {count:,}", "{count:,} created"), Text("未变 {count:,}", "{count:,} unchanged")
)
MADE = Words(
    Text("新建 {count:,}", "{count:,} created"), Text("已有 {count:,}", "{count:,} there already")
)
DONE = Words(
    Text("完成 {count:,}", "{count:,} done"), Text("此前已完成 {count:,}", "{count:,} done before")
)
WRITTEN = Words(
    Text("写入 {count:,} 个文件", "{count:,} files written"),
    Text("{count:,} 个文件未变", "{count:,} files unchanged"),
)
PASSED = Words(Text("{count:,}", "{count:,}"), Text("{count:,} 人无误", "{count:,} people as due"))
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
        """What an import did."""
        return cls(job.progress.created, job.progress.updated, job.progress.unchanged)

    @classmethod
    def one(cls, *, is_new: bool, count: int = 1) -> "Tally":
        """Something that was done now, or before."""
        return cls(new=count) if is_new else cls(kept=count)

    def says(self, language: Language, words: Words = IMPORTED) -> str:
        """The counts in words, leaving out what is zero."""
        counts = ((words.new, self.new), (_CHANGED, self.changed), (words.kept, self.kept))
        said = [text.render(language, count=count) for text, count in counts if count]
        return (", " if language == "en" else ",").join(said) or _NOTHING.render(language)
