"""Problems that are kept with a job and shown in whatever language somebody reads it."""

from typing import Any, get_args

from services.chassis.errors import AppError
from services.chassis.problems import problem_body
from services.chassis.text import Language, current_language

TwoProblems = dict[str, Any]


class Refused(Exception):
    """A job ends with a problem that another process has found."""

    def __init__(self, problem: TwoProblems) -> None:
        super().__init__(problem["en"]["code"])
        self.problem = problem


def two_problems(error: AppError) -> TwoProblems:
    """The problem document of `error` by language."""
    before = current_language.get()
    documents = {}
    for language in get_args(Language):
        current_language.set(language)
        documents[language] = problem_body(error, "")
    current_language.set(before)
    return documents
