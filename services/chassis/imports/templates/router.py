"""Routes of templates: what can be imported, and files to fill in."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.chassis.core.errors import documents
from services.chassis.core.resources import resource
from services.chassis.core.tags import IMPORTS_TAG
from services.chassis.core.text import current_language
from services.chassis.core.threads import in_thread
from services.chassis.files.formats import MEDIA_TYPES
from services.chassis.imports.engine.access import CanImport, TheImports
from services.chassis.imports.engine.imports import ResourceUnknown
from services.chassis.imports.templates.schemas import TemplateList, template_read
from services.chassis.imports.templates.templates import Form, Templates
from services.chassis.imports.uploads.opening import require_scope
from services.chassis.openapi.response_headers import references

router = APIRouter(prefix="/v1/import-templates", tags=[IMPORTS_TAG])

TheTemplates = Annotated[Templates, resource(Templates)]
Resource = Annotated[str, Path(description="Resource of the template (资源)", examples=["staff"])]


def _answers(form: Form) -> dict[int | str, dict[str, object]]:
    content: dict[str, object] = {MEDIA_TYPES[form].partition(";")[0]: {}}
    headers = references("Content-Disposition")
    template = {"description": "The template", "content": content, "headers": headers}
    return {200: template, **documents(ResourceUnknown)}


@router.get("", summary="List import templates (导入模板列表)")
async def list_import_templates(caller: CanImport, imports: TheImports) -> TemplateList:
    """The resources that the caller may import, with everything about their columns."""
    specs = [spec for spec in imports.specs.values() if caller.may(spec.scope)]
    return TemplateList(data=[template_read(spec) for spec in specs])


@router.get(
    "/{resource}.xlsx",
    summary="Download a workbook template (下载 XLSX 模板)",
    response_class=Response,
    responses=_answers("xlsx"),
)
async def get_workbook_template(
    resource: Resource, caller: CanImport, imports: TheImports, templates: TheTemplates
) -> Response:
    """Headers in your language, drop-down lists, and sheets with explanations and an example.

    Its first sheet is imported as it is once it is filled in.
    """
    require_scope(imports.spec(resource), caller)
    return await _file(templates, resource, "xlsx")


@router.get(
    "/{resource}.csv",
    summary="Download a CSV template (下载 CSV 模板)",
    response_class=Response,
    responses=_answers("csv"),
)
async def get_csv_template(
    resource: Resource, caller: CanImport, imports: TheImports, templates: TheTemplates
) -> Response:
    """The header in your language, as CSV that Excel opens."""
    require_scope(imports.spec(resource), caller)
    return await _file(templates, resource, "csv")


async def _file(templates: Templates, resource: str, form: Form) -> Response:
    content = await in_thread(templates.file, resource, form, current_language.get())
    disposition = f'attachment; filename="{resource}.{form}"'
    return Response(
        content, media_type=MEDIA_TYPES[form], headers={"Content-Disposition": disposition}
    )
