"""The command line of packages for the police: checking one; what it does is kcc.threat.police_copy's."""

import sys
from pathlib import Path

import click

from kcc.threat.police_copy import verify as verifying


@click.group("package")
def package_group() -> None:
    """Packages that were made for the police."""


@package_group.command()
@click.argument("package", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="The public key as you know it (`kcc audit key`), or a file that holds it.")
def verify(package: Path, key: str | None) -> None:
    """Check a package; needs no server and no database. Exit status 1 if anything was changed.

    The same file runs without kcc: python verify.py PACKAGE (kcc/threat/police_copy/verify.py).
    """
    sys.exit(verifying.verify(package, key))
