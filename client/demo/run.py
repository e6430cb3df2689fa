"""The demo run: each step for all bureaus, in the order of the year."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from client.accounts import OFFICE_ROLES, Administrators, Login, bureau_logins
from client.api import JunhengClient
from client.cycles import find_cycle, get_cycle, has_reached
from client.demo import appraisal_steps, case_steps, clock, setup_steps
from client.demo.bureau import BureauRun
from client.demo.case_steps import PlannedCase
from client.demo.checks import faults_of
from client.demo.errors import DemoFailed
from client.demo.exports import export_year
from client.demo.outcome import BureauOutcome, read_outcome
from client.demo.parallel import work_in_parallel
from client.demo.progress import StepDisplay
from client.demo.report import Report
from client.demo.retrying import retry_step
from client.demo.tally import DONE, IMPORTED, MADE, PASSED, WRITTEN, CountLabels, Tally
from client.sample.model import Sample
from client.text import Language, Text

Item = TypeVar("Item")
_PEOPLE = Text("{people:,} 人", "{people:,} people")
_NOT_MOVED = Text("不需要", "not needed")
_WRONG = Text("结果检查未通过：\n{faults}", "the results are inconsistent:\n{faults}")
_MAX_FAULTS = 20


class Demo:
    """A run over any number of bureaus."""

    def __init__(
        self,
        client: JunhengClient,
        bootstrap_password: str,
        display: StepDisplay,
        language: Language,
    ) -> None:
        self._client, self._password = client, bootstrap_password
        self._administrators = Administrators.of(client, bootstrap_password)
        self._display, self._language = display, language
        self._runs: list[BureauRun] = []
        self._clock_is_ours = False

    def play(self, make_samples: Callable[[], Sequence[Sample]], output: Path) -> Report:
        """Run the year of every sample and check its outcome.

        Raises:
            DemoFailed: the run could not continue, or its outcome is wrong.
            Problem: the platform refused a request.
            Unreachable: the platform does not answer.
        """
        started = time.perf_counter()
        # Later outages are waited for; a platform that does not answer at first is an error.
        self._administrators.system.token()
        with self._display.step("sample", Text("生成示例数据", "Sample data")) as meter:
            self._runs = [BureauRun.of(sample, output) for sample in make_samples()]
            people = sum(run.uploads["staff"].rows for run in self._runs)
            meter.result = _PEOPLE.render(self._language, people=people)
        self._set_up()
        self._appraise()
        self._conclude()
        outcomes = self._read()
        seconds = self._display.seconds
        total = round(time.perf_counter() - started, 3)
        return Report(outcomes, {**seconds, "total": total})

    def _set_up(self) -> None:
        create = partial(setup_steps.create_bureau, administrators=self._administrators)
        self._each("bureaus", Text("教育局", "Bureaus"), create, labels=MADE)
        logins = [login for run in self._runs for login in self._logins_of(run)]
        title = Text("账号与授权", "Accounts and roles")
        with self._display.step("accounts", title, len(logins), MADE) as meter:
            work = partial(setup_steps.create_accounts, self._administrators, logins, meter)
            retry_step(work, meter.on_outage)
        self._import("schools", Text("导入学校", "Import schools"), setup_steps.import_schools)
        self._import("staff", Text("导入教职工", "Import staff"), setup_steps.import_staff)

    def _logins_of(self, run: BureauRun) -> list[Login]:
        logins = bureau_logins(run.bureau.bureau_code, self._password, roles=OFFICE_ROLES)
        for login in logins:
            run.logins[login.role] = self._client.acting_as(login.credentials)
        return logins

    def _appraise(self) -> None:
        with self._display.step("clock", Text("调整时钟", "Move the clock")) as meter:
            meter.result = self._moved(retry_step(self._begin_year, meter.on_outage))
        self._each("open", Text("启动考核", "Open the year"), appraisal_steps.open_year)
        title = Text("导入参加考核情况", "Import participation records")
        self._import("participation-records", title, appraisal_steps.record_participation)
        self._import("scores", Text("导入评分", "Import scores"), appraisal_steps.record_scores)
        self._cases("cases", Text("办理问责案件", "Handle cases"), "before_determination")
        self._each("determine", Text("确定档次", "Determine"), appraisal_steps.determine)
        title = Text("办理确定档次后的案件", "Handle late cases")
        self._cases("late_cases", title, "after_determination")
        title = Text("重新确定档次", "Determine again")
        self._each("determine_again", title, appraisal_steps.determine_again)

    def _conclude(self) -> None:
        self._each("publish_notice", Text("公示", "Public notice"), appraisal_steps.publish_notice)
        with self._display.step("wait", Text("公示期满", "End of public notice")) as meter:
            meter.result = self._moved(retry_step(self._end_public_notice, meter.on_outage))
        self._each("confirm", Text("确认结果", "Confirm the results"), appraisal_steps.confirm)
        title = Text("办理确认后的案件", "Handle last cases")
        self._cases("last_cases", title, "after_confirmation")
        late = [run for run in self._runs if run.has_late_cases]
        title = Text("更正结果", "Correct results")
        self._over("correct", title, late, case_steps.correct_results)
        self._each("export", Text("导出", "Export"), export_year, labels=WRITTEN)

    def _read(self) -> list[BureauOutcome]:
        """Read the outcome and check it.

        Raises:
            DemoFailed: the outcome has faults, which the exception lists.
        """
        title = Text("检查结果", "Check the results")
        with self._display.step("check", title, len(self._runs), PASSED) as meter:
            outcomes = []
            for run in self._runs:
                outcomes.append(retry_step(partial(read_outcome, run), meter.on_outage))
                meter.advance(1, Tally(kept=outcomes[-1].participants))
            if self._clock_is_ours:
                clock.return_to_real_time(self._administrators.system)
        faults = [fault for outcome in outcomes for fault in faults_of(outcome, self._language)]
        if faults:
            raise DemoFailed(_WRONG, faults="\n".join(faults[:_MAX_FAULTS]))
        return outcomes

    def _begin_year(self) -> datetime | None:
        """Move the clock to the start of the year, unless an earlier run has confirmed it."""
        cycles = [find_cycle(run.admin, run.year) for run in self._runs]
        if all(cycle and has_reached(cycle, "confirmed") for cycle in cycles):
            return None
        self._clock_is_ours = True
        moment = clock.start_of(self._runs[0].year)
        return clock.move_clock_to(self._administrators.system, moment)

    def _end_public_notice(self) -> datetime | None:
        """Move the clock past the end of the longest running public notice."""
        cycles = [get_cycle(run.admin, run.year) for run in self._runs]
        ends = [one.public_notice_to_on for one in cycles if one.state == "public_notice"]
        days = [day for day in ends if day]
        if not days:
            return None
        return clock.move_clock_to(self._administrators.system, clock.morning_after(max(days)))

    def _moved(self, moment: datetime | None) -> str:
        return f"{moment:%Y-%m-%d}" if moment else _NOT_MOVED.render(self._language)

    def _cases(self, key: str, title: Text, moment: str) -> None:
        planned = [PlannedCase(run, plan) for run in self._runs for plan in run.cases_at(moment)]
        self._over(key, title, planned, case_steps.complete_case)

    def _import(self, resource: str, title: Text, work: Callable[[BureauRun], Tally]) -> None:
        def rows(run: BureauRun) -> int:
            return run.uploads[resource].rows

        self._over(resource, title, self._runs, work, rows, IMPORTED)

    def _each(
        self, key: str, title: Text, work: Callable[[BureauRun], Tally], labels: CountLabels = DONE
    ) -> None:
        self._over(key, title, self._runs, work, labels=labels)

    def _over(
        self,
        key: str,
        title: Text,
        items: Sequence[Item],
        work: Callable[[Item], Tally],
        units: Callable[[Item], int] = lambda _: 1,
        labels: CountLabels = DONE,
    ) -> None:
        """Perform a step for every item, several in parallel."""
        with self._display.step(key, title, sum(map(units, items)), labels) as meter:
            work_in_parallel(items, work, units, meter)
