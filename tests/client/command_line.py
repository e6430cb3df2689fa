"""Runs `junheng` in a test."""

from typer.testing import CliRunner, Result

from client.cli import app

WHO = ["--username", "li.na", "--password", "correct horse", "--lang", "en"]


def run(*words: str, answers: str | None = None) -> Result:
    """Run a command line. Returns its output and exit code."""
    return CliRunner().invoke(app, list(words), input=answers)
