"""The root file: private, whole, and never trusted when it is not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kcc.vault.roots import Root, RootFile, Roots, RootUnusable
from kcc.vault.sealing import SealBroken

NOW = datetime(2027, 3, 1, 3, tzinfo=UTC)


@pytest.fixture
def held(root_file: Path) -> Roots:
    """A root file with two roots in it."""
    roots = Roots(Root.new(NOW), Root.new(NOW))
    RootFile(root_file).replace(roots)
    return roots


def test_what_is_put_in_comes_out(root_file: Path, held: Roots) -> None:
    assert RootFile(root_file).read() == held
    assert set(held.by_id()) == {held.current.id, held.previous.id if held.previous else ""}


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_root_that_others_may_read_is_refused(root_file: Path, mode: int) -> None:
    root_file.chmod(mode)
    with pytest.raises(RootUnusable, match="600"):
        RootFile(root_file).read()


@pytest.mark.usefixtures("held")
def test_a_damaged_file_is_refused_whatever_is_cut_or_added(root_file: Path) -> None:
    whole = root_file.read_bytes()
    for damaged in [*(whole[:size] for size in range(len(whole))), whole + b"x", whole + whole, b"\xff" * 40]:
        root_file.write_bytes(damaged)
        if damaged.count(b"\n") == 2 and damaged.endswith(b"\n"):
            assert RootFile(root_file).read().previous is None  # cut after the first line: one whole root
            continue
        with pytest.raises(RootUnusable, match="damaged"):
            RootFile(root_file).read()


@pytest.mark.usefixtures("held")
def test_a_directory_or_nothing_in_its_place_is_refused(root_file: Path) -> None:
    root_file.unlink()
    with pytest.raises(RootUnusable, match="missing"):
        RootFile(root_file).read()
    root_file.mkdir()
    with pytest.raises(RootUnusable, match="cannot be read"):
        RootFile(root_file).read()


def test_a_draft_left_by_a_crash_does_not_stand_in_the_way(root_file: Path, held: Roots) -> None:
    root_file.with_name("root.key.new").write_bytes(b"half a ro")
    RootFile(root_file).replace(Roots(held.current))
    assert RootFile(root_file).read() == Roots(held.current)
    assert [path.name for path in root_file.parent.iterdir()] == ["root.key"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RootUnusable, match="cannot be written"):
        RootFile(tmp_path / "file" / "root.key").replace(Roots(Root.new(NOW)))


def test_a_symbolic_link_keeps_pointing_at_the_root(root_file: Path, held: Roots, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(root_file)
    RootFile(link).replace(Roots(held.current))
    assert link.is_symlink()
    assert RootFile(root_file).read() == Roots(held.current)


def test_a_wrapped_key_opens_only_under_its_root_and_row() -> None:
    root, other = Root.new(NOW), Root.new(NOW)
    wrapped = root.wrap("rec-1", b"k" * 32)
    assert root.unwrap("rec-1", wrapped) == b"k" * 32
    for opening in (lambda: root.unwrap("rec-2", wrapped), lambda: other.unwrap("rec-1", wrapped)):
        with pytest.raises(SealBroken):
            opening()
    for size in range(len(wrapped)):
        with pytest.raises(SealBroken):
            root.unwrap("rec-1", wrapped[:size])


def test_a_root_never_shows_its_key() -> None:
    root = Root.new(NOW)
    assert root.key.hex() not in repr(root)
    assert repr(root.key) not in repr(Roots(root))
