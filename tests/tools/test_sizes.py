from pathlib import Path

from tools.sizes import APPLICATION, FILES, FUNCTIONS, Limits, file_sizes, function_sizes

_HINT = "see `python3 dev.py sizes`"


def test_functions_of_the_application_are_short() -> None:
    functions = function_sizes(APPLICATION)
    assert functions.within(FUNCTIONS), f"{_HINT}: {functions}"


def test_files_of_the_application_are_short() -> None:
    files = file_sizes(APPLICATION)
    assert files.within(FILES), f"{_HINT}: {files}"


def test_lines_are_counted_by_percentiles(tmp_path: Path) -> None:
    for number in range(1, 21):
        body = "".join(f"    {line}\n" for line in range(number - 1))
        (tmp_path / f"f{number:02}.py").write_text(f"def f{number}() -> None:\n{body}    pass\n")
    (tmp_path / "__init__.py").touch()
    for sizes in (file_sizes(["."], tmp_path), function_sizes(["."], tmp_path)):
        assert (sizes.count, sizes.median, sizes.p95, sizes.longest) == (20, 11, 20, 21)
        assert sizes.longest_names[0].startswith("f20.py")
        assert sizes.within(Limits(p95=20, longest=21))
        assert not sizes.within(Limits(p95=19, longest=21))
        assert not sizes.within(Limits(p95=20, longest=20))


def test_migrations_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "k001.py").write_text("x = 1\n" * 1000)
    (tmp_path / "a.py").write_text("def f() -> None:\n    pass\n")
    assert file_sizes(["."], tmp_path).longest == 2
