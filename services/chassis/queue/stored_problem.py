"""Problems that are stored with a job in both languages."""

from dataclasses import replace
from typing import Any, get_args

from services.chassis.core.errors import AppError, Fault
from services.chassis.core.safe_text import storable
from services.chassis.core.text import Language, current_language
from services.chassis.http.problems import problem_body

TwoProblems = dict[str, Any]


class Refused(Exception):
    """A job has to end with a problem that another process found."""

    def __init__(self, problem: TwoProblems) -> None:
        super().__init__(problem["en"]["code"])
        self.problem = problem


def two_problems(error: AppError) -> TwoProblems:
    """The problem documents of `error` by language; its parameters are made storable in place."""
    error.params, error.faults = storable(error.params), [*map(_storable, error.faults)]
    before = current_language.get()
    documents = {}
    for language in get_args(Language):
        current_language.set(language)
        documents[language] = problem_body(error, "")
    current_language.set(before)
    return documents


def _storable(fault: Fault) -> Fault:
    return replace(fault, pointer=storable(fault.pointer), params=storable(fault.params))
