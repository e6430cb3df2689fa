"""Error of a school list, in both languages."""


class SchoolListError(Exception):
    """A school list that cannot be used; `zh` and `en` contain reason and place."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"
