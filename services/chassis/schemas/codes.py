"""Code lists: codes with Chinese and English labels, accepted by either, served as a resource."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_before_validator_function

from services.chassis.core.safe_text import cleaned
from services.chassis.core.text import Text
from services.chassis.core.visible_text import visible_code
from services.chassis.schemas.validation import invalid_value

_ONE_OF = Text("应为其中之一：{allowed}", "Must be one of {allowed}")
_NOT_LISTED = Text(
    "没有代码“{value}”，应为其中之一：{allowed}", "There is no code “{value}”. Use one of {allowed}"
)
_DID_YOU_MEAN = Text(
    "没有代码“{value}”，是否为：{nearest}？可填：{allowed}",
    "There is no code “{value}”. Did you mean {nearest}? Use one of {allowed}",
)
# Patterns of values that begin with a letter or a digit.
_SAFE_BEGINNINGS = ("^[0-9]", "^[A-Za-z0-9]", "^[a-z0-9]", "^[a-z]")
_LONGEST, _SHOWN, _MOST, _LIKE = 40, 60, 3, 0.5


def _likeness(words: str, label: frozenset[str]) -> float:
    """How alike a word and a label are: the share of characters that they have in common."""
    letters = frozenset(words)
    return 2 * len(letters & label) / (len(letters) + len(label))


@dataclass(frozen=True, eq=False)
class CodeList:
    """The values of a field: `Annotated[str, SCHOOL_TYPES]` takes a code or its label.

    Attributes:
        name: in the address `/v1/code-lists/{name}`.
        title: what is coded.
        labels: code → label in both languages.
        standard: the standard the codes come from, if any.
        synonyms: words in use for what several codes distinguish. They are suggested, never taken.
    """

    name: str
    title: Text
    labels: dict[str, Text]
    standard: str | None = None
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_code(self, value: Any) -> Any:
        """The code of a code or of a label in either language.

        Raises:
            PydanticCustomError: `code.unknown`, with what is allowed.
        """
        code = self._code_of(value) if isinstance(value, str) else None
        if code is None:
            words, params = self._unknown(value)
            raise invalid_value("code.unknown", words, **params)
        return code

    def fault_of(self, value: str) -> tuple[Text, dict[str, Any]] | None:
        """The fault of a value: words and their parameters; None of a good one."""
        return None if self._code_of(value) is not None else self._unknown(value)

    def _code_of(self, value: str) -> str | None:
        return self._by_name.get(value) or self._by_name.get(visible_code(value))

    def nearest(self, value: str) -> list[str]:
        """The codes that a value probably means, the likeliest first."""
        words = visible_code(value)
        if codes := self.synonyms.get(words):
            return [*codes]
        if not words or len(words) > _LONGEST:
            return []
        scores = {code: _likeness(words, label) for code, label in self._letters.items()}
        found = [code for code, score in scores.items() if score >= _LIKE]
        return sorted(found, key=lambda code: -scores[code])[:_MOST]

    def _unknown(self, value: Any) -> tuple[Text, dict[str, Any]]:
        """Words with the labels in their language, and parameters with the codes as lists."""
        params: dict[str, Any] = {"allowed": [*self.labels]}
        if value is None or value == "":
            return _ONE_OF.filled(allowed=self.allowed), params
        shown = cleaned(str(value))
        params["value"] = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
        nearest = self.nearest(shown) if isinstance(value, str) else []
        if not nearest:
            return _NOT_LISTED.filled(allowed=self.allowed), params
        words = _DID_YOU_MEAN.filled(nearest=self._named(nearest), allowed=self.allowed)
        return words, params | {"nearest": nearest}

    @cached_property
    def allowed(self) -> Text:
        """Every code with its label, for messages."""
        return self._named(self.labels)

    def _named(self, codes: Iterable[str]) -> Text:
        labels = [(code, self.labels[code]) for code in codes]
        return Text(
            "、".join(f"{code} {label.zh}" for code, label in labels),
            ", ".join(f"{code} {label.en}" for code, label in labels),
        )

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """Every code and label, as they are and as codes are written, with its code."""
        names = {label.en: code for code, label in self.labels.items()}
        names |= {label.zh: code for code, label in self.labels.items()}
        names |= {code: code for code in self.labels}
        return {visible_code(name): code for name, code in names.items()} | names

    @cached_property
    def _letters(self) -> dict[str, frozenset[str]]:
        return {code: frozenset(label.zh) for code, label in self.labels.items()}

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_before_validator_function(self.to_code, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema) | {"enum": list(self.labels), "x-code-list": self.name}


def code_list_of(info: Any) -> CodeList | None:
    """The code list of a field of a schema, where it is coded."""
    return next((found for found in _marks(info) if isinstance(found, CodeList)), None)


def begins_with_letter_or_digit(info: Any) -> bool:
    """Whether every value of a field does: of a code, or by the field's pattern."""
    if code_list_of(info):
        return True
    patterns = (getattr(mark, "pattern", None) for mark in _marks(info))
    return any(str(one).startswith(_SAFE_BEGINNINGS) for one in patterns if one)


def _marks(info: Any) -> Iterator[Any]:
    """Everything that a field's annotation is marked with, at any depth."""
    yield from info.metadata
    pending = [info.annotation]
    while pending:
        annotation = pending.pop()
        yield from getattr(annotation, "__metadata__", ())
        pending += getattr(annotation, "__args__", ())
