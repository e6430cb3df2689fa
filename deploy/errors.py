"""What a person can put right, said in both languages."""


class SetupError(Exception):
    """A fault of the machine or of a setting, with its remedy; shown without a stack trace."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(f"{chinese}\n{english}")
        self.chinese = chinese
        self.english = english
