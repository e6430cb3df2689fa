"""Software bill of materials: the runtime dependencies as a CycloneDX 1.6 document."""

import argparse
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from tools.licences import licence_of
from tools.locked import ROOT, RUNTIME_LOCK, LockedPackage, read_lock


def bill_of_materials() -> Bom:
    """Return every package of the runtime lock with version, licence, hashes and dependencies."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    bom = Bom()
    bom.metadata.component = root = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        description=project["description"],
        licenses=[LicenseExpression(project["license"])],
    )
    packages = {canonicalize_name(package.name): package for package in read_lock(RUNTIME_LOCK)}
    components = {name: _component(package) for name, package in packages.items()}
    for component in components.values():
        bom.components.add(component)
    bom.register_dependency(root, _named(components, project["dependencies"]))
    for name, package in packages.items():
        bom.register_dependency(components[name], _named(components, _requires(package)))
    return bom


def _component(package: LockedPackage) -> Component:
    installed = package.installed()
    licence = licence_of(installed.metadata) if installed else None
    purl = PackageURL("pypi", name=canonicalize_name(package.name), version=package.version)
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        licenses=[LicenseExpression(licence)] if licence else [],
        # One for each file that the package is published as: source and wheels.
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in package.sha256],
    )


def _requires(package: LockedPackage) -> list[str]:
    installed = package.installed()
    return (installed.requires or []) if installed else []


def _named(
    components: dict[NormalizedName, Component], requirements: list[str]
) -> Iterator[Component]:
    """The components that requirements name and that apply without extras."""
    for text in requirements:
        requirement = Requirement(text)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and (found := components.get(canonicalize_name(requirement.name))):
            yield found


def main() -> int:
    """Write the document to standard output or to a file."""
    parser = argparse.ArgumentParser(prog="dev.py sbom", description=__doc__)
    parser.add_argument("--output", type=Path, help="write to this file")
    output = parser.parse_args().output
    document = JsonV1Dot6(bill_of_materials()).output_as_string(indent=2) + "\n"
    if output:
        output.write_text(document, "utf-8")
    else:
        sys.stdout.write(document)
    return 0


if __name__ == "__main__":
    sys.exit(main())
