"""docs/operations.md names only commands, options, settings and files that exist."""

import re
import shlex
from pathlib import Path

import click
import pytest

from kcc import config
from kcc.cli import cli
from kcc.vault import folder, s3

ROOT = Path(__file__).parents[2]
PAGES = ["docs/operations.md", "README.md"]


def commands(page: str) -> list[list[str]]:
    """Every command of kcc in backticks or in a block, as words."""
    text = (ROOT / page).read_text()
    inline = re.findall(r"`(kcc [^`]*)`", text)
    blocks = re.findall(r"^    (kcc [^#\n]*)", text, re.MULTILINE)
    return [shlex.split(found)[1:] for found in inline + blocks]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_exists(page: str) -> None:
    """Groups lead to their commands, and an option is the command's own."""
    found = commands(page)
    assert len(found) >= 5
    for words in found:
        here: click.Command = cli
        while isinstance(here, click.Group) and words:
            name = words.pop(0)
            assert name in here.commands, f"{page}: kcc … {name}"
            here = here.commands[name]
        options = {option for parameter in here.params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= options, f"{page}: {here.name} {words}"


def test_every_setting_exists() -> None:
    """`[section] name` is a setting of that section."""
    found = re.findall(r"`\[(\w+)\] (\w+)`", (ROOT / PAGES[0]).read_text())
    assert len(found) >= 8
    for section, name in found:
        assert name in type(getattr(config.Settings(), section)).model_fields, f"[{section}] {name}"


def test_the_example_of_a_bucket_starts(tmp_path: Path) -> None:
    """As it stands there."""
    (url,) = re.findall(r'url = "(s3:[^"]*)"', (ROOT / PAGES[0]).read_text())
    assert config.parse({"blobs": {"url": url}}, tmp_path).blobs.s3


def test_the_marker_is_named() -> None:
    """The same on a disk and in a bucket."""
    assert folder.MARKER == s3.MARKER
    assert f"`{folder.MARKER}`" in (ROOT / PAGES[0]).read_text()
