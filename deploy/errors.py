"""Errors that an administrator can correct, in both languages."""


class SetupError(Exception):
    """A fault of the machine or of a setting, with its remedy; printed without a stack trace."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(f"{chinese}\n{english}")
        self.chinese = chinese
        self.english = english
