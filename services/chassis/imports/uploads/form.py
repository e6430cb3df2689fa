"""A multipart form with one file: its fields are collected, its file is passed on as it comes."""

from collections.abc import AsyncIterator

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.chassis.core.errors import BadRequest
from services.chassis.core.text import Text

FILE = "file"
_MOST_FIELDS, _MOST_BYTES = 40, 1 << 16


class FormInvalid(BadRequest):
    """The form cannot be read, or is none of this kind."""

    code = "import.form_invalid"
    title = Text("表单有误", "Invalid form")
    detail = Text(
        "multipart 表单须有一个名为 file 的文件，其余为选项"
        "（各一次，最多 {fields} 项，共 {bytes} 字节）。",
        "The multipart form needs one file named `file`; the rest are options "
        "(each once, at most {fields}, {bytes} bytes together).",
    )

    def __init__(self) -> None:
        super().__init__(fields=_MOST_FIELDS, bytes=_MOST_BYTES)


class Form:
    """The form of one request.

    Attributes:
        fields: the options, complete when the file has been read to its end.
        file_name: of the file.
    """

    def __init__(self, request: Request) -> None:
        kind, options = parse_options_header(request.headers.get("content-type"))
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise FormInvalid
        self._request = request
        self._parser = MultipartParser(boundary, self._callbacks())  # type: ignore[arg-type]
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self._name = ""
        self._header, self._value = b"", b""
        self._collected = bytearray()
        self._file = bytearray()
        self._size = 0
        self._is_whole = False

    async def file(self) -> AsyncIterator[bytes]:
        """The content of the file.

        Raises:
            FormInvalid: the form is not what it should be.
        """
        try:
            async for chunk in self._request.stream():
                self._parser.write(chunk)
                if self._file:
                    yield bytes(self._file)
                    self._file.clear()
        except MultipartParseError as error:
            raise FormInvalid from error
        if not self._is_whole or self.file_name is None:
            raise FormInvalid

    def _callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header,
            "on_part_data": self._on_data,
            "on_part_end": self._end,
            "on_end": self._on_end,
        }

    def _begin(self) -> None:
        self._name, self._collected = "", bytearray()
        if len(self.fields) > _MOST_FIELDS:
            raise FormInvalid

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self._name = options.get(b"name", b"").decode("utf-8", "replace")
            if self._name == FILE:
                if self.file_name is not None:
                    raise FormInvalid
                self.file_name = options.get(b"filename", b"").decode("utf-8", "replace")
        self._header, self._value = b"", b""

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._name == FILE:
            self._file += data[start:end]
            return
        self._size += end - start
        if self._size > _MOST_BYTES:
            raise FormInvalid
        self._collected += data[start:end]

    def _end(self) -> None:
        if self._name in self.fields:  # one of both would count, and nobody would know which
            raise FormInvalid
        if self._name != FILE:
            self.fields[self._name] = self._collected.decode("utf-8", "replace")

    def _on_end(self) -> None:
        self._is_whole = True
