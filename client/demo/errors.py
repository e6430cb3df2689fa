"""Failure of a demo run."""

from typing import Any

from client.problems import JunhengError
from client.text import Language, Text


class DemoFailed(JunhengError):
    """The run cannot continue, or its outcome is wrong."""

    def __init__(self, text: Text, **params: Any) -> None:
        super().__init__(text.render("en", **params))
        self.text, self.params = text, params

    def describe(self, language: Language) -> str:
        """The reason in a language."""
        return self.text.render(language, **self.params)
