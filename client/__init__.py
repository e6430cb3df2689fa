"""Client of the Junheng platform: the Python library and the command `junheng`."""

# As in pyproject.toml; a test compares them.
VERSION = "0.1.0"
