"""Asks the advisory services about the locked libraries (pip-audit); run by `make check`, no test by itself.

Fails for a known weakness. Where no service answers it says so and lets the build pass: whether a network is
there says nothing about the code.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[2] / "requirements" / "dev.txt"
SERVICES = ("pypi", "osv")
WEAK = f"jinja2==2.4.1 --hash=sha256:{'0' * 64}\n"
"""Known for years to be weak: a service that finds nothing wrong with it knows nothing."""
PATIENCE = 60
IGNORED: dict[str, str] = {}
"""Advisories that do not concern us, each with the reason."""


def asked(lock: Path, service: str) -> list[dict[str, Any]] | None:
    """What a service says of each library in a lock, or None when it says nothing that can be used."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--requirement",
        str(lock),
        "--format",
        "json",
    ]
    command += ["--vulnerability-service", service, "--timeout", "5", "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return None
    return found


def weak(found: list[dict[str, Any]]) -> list[str]:
    """Each known weakness, in a line."""
    return [
        f"{one['name']} {one['version']}: {each['id']}, mended in {', '.join(each['fix_versions']) or '-'}"
        for one in found
        for each in one.get("vulns", ())
        if each["id"] not in IGNORED
    ]


def answering() -> str | None:
    """The first service that knows the weakness that everybody knows."""
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "weak.txt"
        lock.write_text(WEAK)
        return next((service for service in SERVICES if weak(asked(lock, service) or [])), None)


def main() -> int:
    """0 when nothing is known or nobody could be asked, 1 when something is known to be weak."""
    service = answering()
    found = asked(LOCK, service) if service else None
    if found is None:
        print("NOT CHECKED for known weaknesses: no advisory service can be reached from here.")
        return 0
    unknown = [one["name"] for one in found if "skip_reason" in one]
    print(f"{len(found) - len(unknown)} libraries checked for known weaknesses ({service}).")
    if unknown:
        print(f"Not known there: {', '.join(unknown)}.")
    for line in weak(found):
        print(line)
    return 1 if weak(found) else 0


if __name__ == "__main__":
    sys.exit(main())
