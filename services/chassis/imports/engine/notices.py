"""Notices of an import: what its caller must know although no row is faulty."""

from collections.abc import Iterable

from pydantic import BaseModel, Field

from services.chassis.core.text import Language
from services.chassis.imports.declaration.reported import Reported
from services.chassis.imports.declaration.spec import ImportSpec

_NONE = "'[]'::json"
# Those of the file, in words that were kept when it was read.
_OF_FILE = """coalesce((select jsonb_agg(jsonb_build_object(
    'code', n->'code', 'message', n->'{language}', 'rows', n->'rows'))
    from jsonb_array_elements(reading->'notices') as n), '[]')"""


class NoticeRead(BaseModel):
    """A notice about an import (提示)."""

    code: str = Field(description="Stable code (代码)", examples=["id_number.not_applied"])
    message: str = Field(
        description="Message in the request's language (说明)",
        examples=["120 行对应已登记人员：其身份证号由教育局核对，不直接写入。"],
    )
    rows: int = Field(description="Number of rows concerned (行数)", examples=[120])


def notices_sql(specs: Iterable[ImportSpec], language: Language) -> str:
    """SQL: the notices of a row of `import_job`, as JSON.

    They follow from the file and from how many rows have a stored record; never from what is
    stored in it.
    """
    cases = [
        _case(spec.resource, spec.reported, language) for spec in specs if spec.reported is not None
    ]
    of_rows = f"case {' '.join(cases)} else {_NONE} end" if cases else _NONE
    of_file = _OF_FILE.format(language="zh" if language == "zh-CN" else "en")
    return f"({of_file} || ({of_rows})::jsonb)"


def _case(resource: str, reported: Reported, language: Language) -> str:
    before, _, after = reported.notice[0 if language == "zh-CN" else 1].partition("{rows}")
    rows = "(updated + unchanged)"
    return (
        f"when resource = '{resource}' and {rows} > 0 and operation <> 'insert' "
        f"and not caller->'scopes' ? '{reported.scope}' "
        f"and (layout->'fields' ? '{reported.field}' or exists (select from "
        f"jsonb_each_text(layout->'names') as n where n.value = '{reported.field}')) "
        f"then json_build_array(json_build_object('code', '{reported.code}', "
        f"'message', '{_quoted(before)}' || {rows} || '{_quoted(after)}', 'rows', {rows}))"
    )


def _quoted(words: str) -> str:
    return words.replace("'", "''")
