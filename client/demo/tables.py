"""The tables at the end of a run."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from client.cases import IN_FORCE
from client.demo import labels
from client.demo.outcome import Change, Person
from client.demo.report import Report
from client.text import Language, Text

_TOP = 5
_MAX_CHANGES = 12
_SHARE = Text("占比", "Share")
_PEOPLE = Text("人数", "People")
_ALL = Text("合计", "Total")
_NOT_COMPARED = Text(
    "没有首次确定档次的结果文件，只列出更正",
    "The file of the first results is missing: only corrections are shown",
)

Heading = tuple[Text, str]


class Tables:
    """Prints a report in one language."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console, self._language = console, language

    def show(self, report: Report) -> None:
        """Print every table."""
        self._results(report)
        self._quota(report)
        self._not_graded(report)
        self._cases(report)
        self._changes(report)
        self._files(report)

    def _render(self, text: Text, **params: object) -> str:
        return text.render(self._language, **params)

    def _table(
        self, title: Text, headings: Sequence[Heading], rows: Sequence[Sequence[str]]
    ) -> None:
        table = Table(title=self._render(title), title_justify="left", title_style="bold")
        for heading, justify in headings:
            table.add_column(self._render(heading), justify=justify, overflow="fold")  # type: ignore[arg-type]
        for row in rows:
            table.add_row(*row)
        self._console.print()
        self._console.print(table)

    def _results(self, report: Report) -> None:
        rows = [
            [self._render(labels.RESULTS[code]), f"{count:,}", _percent(count, report.participants)]
            for code, count in report.results.items()
        ]
        rows.append([self._render(_ALL), f"{report.participants:,}", ""])
        self._table(
            Text("考核结果", "Results"),
            [(Text("等次", "Result"), "left"), (_PEOPLE, "right"), (_SHARE, "right")],
            rows,
        )

    def _quota(self, report: Report) -> None:
        top = sorted(report.schools, key=lambda one: (-one.excellent, one.school_code))[:_TOP]
        self._table(
            Text("优秀名额使用最多的学校", "Schools with the most excellent results"),
            [
                (Text("学校", "School"), "left"),
                (Text("基数", "Base"), "right"),
                (Text("名额", "Limit"), "right"),
                (Text("优秀", "Excellent"), "right"),
                (Text("使用", "Used"), "right"),
            ],
            [
                [
                    one.school_name,
                    str(one.base),
                    str(one.limit),
                    str(one.excellent),
                    _percent(one.excellent, one.limit),
                ]
                for one in top
            ],
        )

    def _not_graded(self, report: Report) -> None:
        rows = [
            [self._render(labels.REASONS.get(code, Text(code, code))), f"{count:,}"]
            for code, count in report.not_graded.most_common()
        ]
        self._table(
            Text("不定等次的原因", "Undetermined, by reason"),
            [(Text("原因", "Reason"), "left"), (_PEOPLE, "right")],
            rows,
        )

    def _cases(self, report: Report) -> None:
        people: Counter[str] = Counter()
        cases: Counter[str] = Counter()
        ended: Counter[str] = Counter()
        for case in (case for outcome in report.outcomes for case in outcome.cases):
            ended["in_force" if case.state in IN_FORCE else case.state] += 1
            if case.state in IN_FORCE:
                measures = [one.measure for one in case.respondents if one.measure]
                people.update(measures)
                cases.update(set(measures))
        rows = [
            [f"{code} {self._render(label)}", str(cases[code]), str(people[code])]
            for code, label in labels.MEASURES.items()
        ]
        self._table(
            Text("问责措施", "Accountability by measure"),
            [
                (Text("措施", "Measure"), "left"),
                (Text("案件", "Cases"), "right"),
                (_PEOPLE, "right"),
            ],
            rows,
        )
        counted = Text(
            "共 {all} 件：已决定 {decided} 件，不予问责 {rejected} 件",
            "{all} cases: {decided} decided, {rejected} rejected",
        )
        self._console.print(
            self._render(
                counted,
                all=ended.total(),
                decided=ended["in_force"],
                rejected=ended["rejected"],
            )
        )

    def _changes(self, report: Report) -> None:
        changes = [change for outcome in report.outcomes for change in outcome.changes]
        if not all(outcome.is_compared for outcome in report.outcomes):
            self._console.print()
            self._console.print(self._render(_NOT_COMPARED))
        if not changes:
            return
        self._table(
            Text("确定档次后的决定引起的变动", "Changes by decisions after determination"),
            [
                (Text("工号", "Staff no."), "left"),
                (Text("姓名", "Name"), "left"),
                (Text("学校", "School"), "left"),
                (Text("原结果", "Before"), "left"),
                (Text("现结果", "After"), "left"),
                (Text("原因", "Cause"), "left"),
            ],
            [self._change(change) for change in changes[:_MAX_CHANGES]],
        )
        if (more := len(changes) - _MAX_CHANGES) > 0:
            self._console.print(self._render(Text("另有 {more} 人", "and {more} more"), more=more))

    def _change(self, change: Change) -> list[str]:
        person = change.person
        return [
            change.staff_no,
            person.name,
            person.school_name,
            self._render(labels.RESULTS[change.before]),
            self._render(labels.RESULTS[person.result]),
            self._cause(person),
        ]

    def _cause(self, person: Person) -> str:
        for code, label in labels.CAUSES.items():
            for reason in person.reasons:
                if reason.code == code:
                    return self._render(label, case_no=reason.params.get("case_no", ""))
        return "; ".join(reason.message for reason in person.reasons[-1:])

    def _files(self, report: Report) -> None:
        folders = sorted({file.parent for outcome in report.outcomes for file in outcome.files})
        files = sum(len(outcome.files) for outcome in report.outcomes)
        shown = folders[0] if len(folders) == 1 else folders[0].parent if folders else "–"
        said = Text("已导出 {files} 个文件，位于 {folder}", "{files} exported files in {folder}")
        self._console.print()
        self._console.print(self._render(said, files=files, folder=shown), soft_wrap=True)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"
