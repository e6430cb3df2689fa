"""Why a demo ends early, in words."""

from typing import Any

from client.problems import JunhengError
from client.text import Language, Text


class DemoFailed(JunhengError):
    """The run cannot go on, or its outcome is wrong."""

    def __init__(self, text: Text, **params: Any) -> None:
        super().__init__(text.render("en", **params))
        self.text, self.params = text, params

    def says(self, language: Language) -> str:
        """The reason in words."""
        return self.text.render(language, **self.params)
