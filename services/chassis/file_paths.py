"""Which addresses of a service take files: larger than other bodies, and never held."""


def takes_file(path: str) -> bool:
    """Whether an address of a service takes files: as large as imports may be, and streamed."""
    return path in ("/v1/imports", "/v1/imports:preview") or (
        path.startswith("/v1/imports/") and path.endswith("/content")
    )
