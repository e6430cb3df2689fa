"""Reasons why a file cannot be read as a whole."""

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text


class FormatMismatch(AppError):
    """The file is not what its name or options say."""

    status = 422
    code = "import.format_mismatch"
    title = Text("文件格式与名称不符", "Format mismatch")
    detail = Text(
        "文件应为 {declared}，内容却是 {found}；请按实际格式命名，或另存为 {declared}。",
        "The file is declared as {declared} but contains {found}. Rename it, or save it as "
        "{declared}.",
    )


class FormatUnknown(AppError):
    """The file is nothing that can be imported."""

    status = 422
    code = "import.format_unknown"
    title = Text("无法识别的文件格式", "Unknown format")
    detail = Text(
        "请使用 CSV、NDJSON 或 XLSX（旧版 .xls 请另存为 .xlsx）。",
        "Send CSV, NDJSON or XLSX (save an old .xls as .xlsx).",
    )


class IsJsonArray(AppError):
    """JSON, but not a line for each object."""

    status = 422
    code = "import.json_array"
    title = Text("JSON 数组不能导入", "JSON array not accepted")
    detail = Text(
        "文件是一个 JSON 数组；请改为 NDJSON：每行一个对象，不加方括号与逗号。",
        "The file is one JSON array. Send NDJSON: one object per line, without brackets and "
        "commas around the objects.",
    )


class PackedDamaged(AppError):
    """The gzip data cannot be unpacked to the end."""

    status = 422
    code = "import.gzip_damaged"
    title = Text("gzip 文件已损坏", "Damaged gzip file")
    detail = Text(
        "gzip 文件不完整或已损坏（下载或复制未完成？）；请重新压缩后再上传。",
        "The gzip file is incomplete or damaged (interrupted download?). Compress it again and "
        "resend it.",
    )


class PackedTwice(AppError):
    """The unpacked file is itself compressed."""

    status = 422
    code = "import.gzip_twice"
    title = Text("重复压缩", "Compressed twice")
    detail = Text(
        "文件被 gzip 压缩了两次；请先解压一次再上传。",
        "The file is compressed with gzip twice. Decompress it once and send the result.",
    )


class HasNul(AppError):
    """A table has no NUL characters; PostgreSQL cannot store them."""

    status = 422
    code = "text.nul"
    title = Text("文件中有空字符", "NUL in the file")
    detail = Text(
        "第 {row} 行附近有空字符（NUL），文件可能已损坏。",
        "There is a NUL character near row {row}; the file may be damaged.",
    )


class EncodingUnknown(AppError):
    """The file is no text in the encoding it should be in."""

    status = 422
    code = "import.encoding"
    title = Text("文件编码有误", "Wrong encoding")
    detail = Text(
        "文件不是 {encoding} 编码；请另存为 UTF-8，或在 encoding 中指明。",
        "The file is not {encoding}. Save it as UTF-8, or specify its encoding.",
    )


class EncodingDoubtful(AppError):
    """The text is no UTF-8, and read as GB18030 it does not look like Chinese."""

    status = 422
    code = "import.encoding_doubtful"
    title = Text("文件编码存疑", "Doubtful encoding")
    detail = Text(
        "文件不是 UTF-8；按 GB18030 读出的第 {row} 行含“{sample}”，不像中文。请另存为 UTF-8，"
        "或用 encoding 指明编码（确为 GB18030 时填 gb18030）。",
        "The file is not UTF-8, and read as GB18030 its row {row} has “{sample}”, which does not "
        "look like Chinese. Save it as UTF-8, or specify `encoding` (`gb18030` if it is that).",
    )


class IsMarkup(AppError):
    """A web page or an XML document that is called a spreadsheet."""

    status = 422
    code = "import.is_markup"
    title = Text("文件不是电子表格", "Not a spreadsheet")
    detail = Text(
        "文件的内容是 {found}，只是用了表格文件的名称（网页系统常这样导出）。"
        "请用 Excel 或 WPS 打开，另存为 .xlsx 或 CSV 后再上传。",
        "The file contains {found} under the name of a spreadsheet, as web applications often "
        "export it. Open it in Excel or WPS, save it as .xlsx or CSV and send that.",
    )


class FileEmpty(AppError):
    """There is no row in the file."""

    status = 422
    code = "import.empty"
    title = Text("文件是空的", "The file is empty")
    detail = Text("文件没有数据行。", "The file has no data rows.")


class Bomb(AppError):
    """The file unpacks to far more than it should."""

    status = 422
    code = "import.zip_bomb"
    title = Text("压缩文件异常", "Suspicious compression")
    detail = Text(
        "文件解压后超过 {limit} 字节或压缩比超过 {ratio} 倍，已拒绝。",
        "Refused: the file unpacks to more than {limit} bytes or {ratio} times its size.",
    )


class WorkbookDamaged(AppError):
    """The file begins like a workbook and cannot be read as one."""

    status = 422
    code = "import.workbook_damaged"
    title = Text("工作簿已损坏", "Damaged workbook")
    detail = Text(
        "工作簿不完整或已损坏；请用 Excel 或 WPS 打开并重新保存后再上传。",
        "The workbook is incomplete or damaged. Open it, save it again and resend it.",
    )


class WorkbookEncrypted(AppError):
    """The workbook is locked with a password."""

    status = 422
    code = "import.workbook_encrypted"
    title = Text("工作簿已加密", "Encrypted workbook")
    detail = Text(
        "工作簿设有打开密码；请取消密码（文件→信息→保护工作簿）后再上传。",
        "The workbook is protected with a password. Remove the password and resend the file.",
    )


class SheetUnknown(AppError):
    """The workbook has no such sheet."""

    status = 422
    code = "import.sheet_unknown"
    title = Text("没有这个工作表", "No such sheet")
    detail = Text(
        "没有工作表“{sheet}”；文件中有：{sheets}。",
        "There is no sheet “{sheet}”; the file has: {sheets}.",
    )


class HasMergedCells(AppError):
    """Merged cells hold one value for several rows or columns: whose it is would be a guess."""

    status = 422
    code = "import.merged_cells"
    title = Text("工作表中有合并单元格", "Merged cells in the sheet")
    detail = Text(
        "数据区有合并单元格 {cells}；请取消合并，并在每一行填写。",
        "The cells {cells} are merged. Unmerge them and fill in every row.",
    )
