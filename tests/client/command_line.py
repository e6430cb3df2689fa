"""Runs `junheng` as a test's terminal would."""

from typer.testing import CliRunner, Result

from client.cli import app

WHO = ["--username", "li.na", "--password", "correct horse", "--lang", "en"]


def run(*words: str, answers: str | None = None) -> Result:
    """What a command line prints, and how it ends."""
    return CliRunner().invoke(app, list(words), input=answers)
