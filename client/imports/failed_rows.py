"""The file with the faulty rows of an import."""

import re
from pathlib import Path

from client.api import JunhengClient
from client.imports.job import ImportJob
from client.text import Language, Text

_SAVED = Text(
    "错误行已保存到 {file}，修改后可直接导入该文件",
    "the faulty rows are in {file}: correct them and import that file",
)
_REPLACED = Text(
    "错误行已保存到 {file}（已覆盖原文件），修改后可直接导入该文件",
    "the faulty rows are in {file} (replaced): correct them and import that file",
)
_NOT_SAVED = Text(
    "无法写入 {file}：{reason}。另存：junheng imports failed {id} --output FILE",
    "cannot write {file}: {reason}; to save it elsewhere: "
    "junheng imports failed {id} --output FILE",
)
_NUMBERED = re.compile(r"\.failed(-\d+)?$")


class FailedRows:
    """Saves the faulty rows of one import; saving again rewrites the same file.

    A file chosen by the user is overwritten. Otherwise a free name beside the upload is used.
    """

    def __init__(self, upload: Path, chosen: Path | None) -> None:
        self._upload, self._file, self._is_ours = upload, chosen, False

    def save(self, client: JunhengClient, job: ImportJob, language: Language) -> str:
        """Save the rows. Returns a message about it."""
        file = self._file or free_name(self._upload, job.format or "csv")
        is_replaced = file.exists() and not self._is_ours
        try:
            client.failed_rows(job, file)
        except OSError as error:
            reason = error.strerror or error
            return _NOT_SAVED.render(language, file=file, reason=reason, id=job.id)
        self._file, self._is_ours = file, True
        return (_REPLACED if is_replaced else _SAVED).render(language, file=file)


def free_name(upload: Path, ending: str) -> Path:
    """A free file name beside the upload: `staff.failed.csv`, numbered if taken."""
    stem = upload.name.removesuffix(".gz").rpartition(".")[0] or upload.name
    stem = _NUMBERED.sub("", stem)
    file, number = upload.with_name(f"{stem}.failed.{ending}"), 1
    while file.exists():
        number += 1
        file = upload.with_name(f"{stem}.failed-{number}.{ending}")
    return file
