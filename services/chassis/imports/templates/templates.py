"""The templates of one service, each made once."""

import csv
import io
from collections.abc import Sequence
from functools import cache
from typing import Literal

from services.chassis.core.text import Language
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.templates.columns import template_columns
from services.chassis.imports.templates.workbook import template_workbook

Form = Literal["csv", "xlsx"]
_MARK = "\ufeff"


class Templates:
    """Files to fill in; the same call gives the same file."""

    def __init__(self, specs: Sequence[ImportSpec]) -> None:
        self._specs = {spec.resource: spec for spec in specs}

    @cache  # noqa: B019 -- lives as long as the service, for a few resources and two languages
    def file(self, resource: str, form: Form, language: Language) -> bytes:
        """The template of a resource: a workbook, or the header alone as CSV that Excel opens."""
        spec = self._specs[resource]
        if form == "xlsx":
            return template_workbook(spec, language)
        header = [column.title.render(language) for column in template_columns(spec)]
        output = io.StringIO(_MARK)
        output.seek(0, io.SEEK_END)
        csv.writer(output, lineterminator="\r\n").writerow(header)
        return output.getvalue().encode()
