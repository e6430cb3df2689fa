"""Checks of wording: banned words, module openings, and punctuation of Chinese texts."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

# Also inside identifiers: `test_faults_are_told`.
_BANNED_WORD = re.compile(r"(?<![a-z])(whoever|tells|told)(?![a-z])", re.IGNORECASE)
_CHINESE = r"[\u2018-\u201d\u2026\u3001-\u303f\u3400-\u9fff\uff01-\uff5e]"
_PUNCTUATION = r"[,;:!?()]"
_BETWEEN_CHINESE = re.compile(rf"(?<={_CHINESE}){_PUNCTUATION}(?={_CHINESE})")
_BESIDE_CHINESE = re.compile(
    rf"(?<={_CHINESE}){_PUNCTUATION}(?={_CHINESE}|\s*$)|(?<=\S)[,;:!?](?={_CHINESE})"
)
# "List accounts (账号列表)": a Chinese gloss in an English text; or nothing but a gloss.
_GLOSS = re.compile(r"(?<=[!-~〇] )\([^()]*\)|^\([^()]*\)$")
# Lines of CSV.
_TABLE = re.compile(r"^\w+(?:,\w+)+(?:\n|\\n)[^。]*$")
_PARAMETER = re.compile(r"\{[^{}]*\}")
_CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`[^`\n]*`")
# In a page that is Chinese throughout, also beside Latin letters: "CSV, NDJSON", "（HTTP)".
_IN_CHINESE_PAGE = re.compile(
    r"(?<![0-9A-Za-z])[,;:!?]|[,;:!?](?![0-9A-Za-z])|[()\"']"
    rf"|(?<={_CHINESE})\.|(?<=[A-Za-z])\.(?!\w)"
)
_NOT_PROSE = re.compile(r"(?<=\])\([^()\s]*\)|<!--.*?-->|!(?=\[)|\*\*|^[|:\- ]+$", re.MULTILINE)


def faults_of(file: Path) -> list[str]:
    """Every fault of a Python or Markdown file, with its line number."""
    text = file.read_text("utf-8")
    faults = [*_words(text)]
    if file.suffix == ".py":
        faults += [*_openings(text), *_literals(text)]
    else:
        faults += _prose(
            text, _IN_CHINESE_PAGE if file.name.endswith(".zh-CN.md") else _BETWEEN_CHINESE
        )
    return faults


def _words(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        for found in _BANNED_WORD.finditer(line):
            yield f"{number}: banned word: {found[0]}"


def _openings(text: str) -> Iterator[str]:
    """Docstrings and comments that begin with "What"."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node) or ""
            if re.match(r"What\b", docstring):
                yield f"{getattr(node, 'lineno', 1)}: docstring begins with: What"
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and re.match(r"# What\b", token.string):
            yield f"{token.start[0]}: comment begins with: What"


def _literals(text: str) -> Iterator[str]:
    """Half-width punctuation in Chinese string literals; a parameter counts as Chinese."""
    for number, literal in _strings(ast.parse(text)):
        if not re.search(r"[\u3400-\u9fff]", literal):
            continue
        plain = _CODE_SPAN.sub("〇", _GLOSS.sub("", _PARAMETER.sub("〇", _TABLE.sub("", literal))))
        for found in _BESIDE_CHINESE.finditer(plain):
            yield f"{number}: half-width {found[0]!r} in: {literal}"


def _strings(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.JoinedStr):
        values = [one.value if isinstance(one, ast.Constant) else "{}" for one in node.values]
        yield node.lineno, "".join(map(str, values))
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    for child in ast.iter_child_nodes(node):
        yield from _strings(child)


def _prose(text: str, half_width: re.Pattern[str]) -> Iterator[str]:
    """Half-width punctuation in Chinese prose; a code span counts as Chinese."""
    plain = _CODE_BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
    for number, line in enumerate(plain.splitlines(), start=1):
        if not re.search(r"[\u3400-\u9fff]", line):
            continue
        prose = _NOT_PROSE.sub("", _CODE_SPAN.sub("〇", line))
        for found in half_width.finditer(prose):
            around = prose[max(0, found.start() - 20) : found.end() + 20]
            yield f"{number}: half-width {found[0]!r} in: {around}"
