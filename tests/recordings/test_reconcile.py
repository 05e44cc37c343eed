"""What a killed intake left behind goes, what lives stays, and what is lost is named."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from kcc import clock
from kcc.clock import Frozen
from kcc.errors import Unavailable
from kcc.recordings import reconcile
from kcc.recordings.reconcile import GRACE, Strays, clear_strays, missing
from kcc.stores import Stores
from tests.centre import Centre
from tests.recordings import traces

STRAY = "5" * 32


@pytest.fixture(autouse=True)
def _by_the_files_clock(now: Frozen) -> None:
    """Files bear the machine's own time: live in it."""
    now.set(datetime.now(UTC) + timedelta(seconds=2))


def blob(stores: Stores, name: str, hours_old: float = 0) -> None:
    with stores.blobs.writer(name) as writer:
        writer.write(b"noise")
        writer.commit()
    age(stores, name, hours_old)


def age(stores: Stores, name: str, hours: float) -> None:
    for path in traces.files(stores):
        if path.name.startswith(name):
            then = clock.now().timestamp() - hours * 3600
            os.utime(path, (then, then))


def draft(stores: Stores, name: str, hours_old: float = 0) -> None:
    """What a writer leaves that was killed."""
    path = stores.settings.blobs.folder / ".arriving" / f"{name}.00000000"
    path.write_bytes(b"noise")
    age(stores, name, hours_old)


def test_whatever_has_a_row_stays(centre: Centre, stores: Stores) -> None:
    centre.calls(3)
    for path in traces.files(stores):
        age(stores, path.name, 1000)
    assert clear_strays(stores) == Strays(0, 0, 0)
    assert clear_strays(stores, timedelta(0)) == Strays(0, 0, 0)
    assert traces.amounts(stores) == (3, 3, 3)
    assert list(missing(stores)) == []


@pytest.mark.rule("RET-8")
@pytest.mark.parametrize("leave", [draft, blob])
@pytest.mark.parametrize("with_key", [True, False])
def test_what_a_killed_intake_left_goes_with_its_key(stores: Stores, leave: object, with_key: bool) -> None:
    if with_key:
        stores.keys.create(STRAY)
    leave(stores, STRAY, 2)  # type: ignore[operator]
    cleared = clear_strays(stores)
    assert (cleared.drafts, cleared.blobs) == ((1, 0) if leave is draft else (0, 1))
    assert cleared.keys == with_key
    assert traces.amounts(stores) == (0, 0, 0)
    assert clear_strays(stores) == Strays(0, 0, 0)


@pytest.mark.parametrize("leave", [draft, blob])
def test_what_is_young_may_still_be_registered(stores: Stores, leave: object) -> None:
    stores.keys.create(STRAY)
    leave(stores, STRAY, GRACE / timedelta(hours=1) - 0.1)  # type: ignore[operator]
    assert clear_strays(stores) == Strays(0, 0, 0)
    assert traces.amounts(stores) == (0, 1, 1)


def test_a_living_writer_keeps_draft_and_key_however_long_it_takes(stores: Stores) -> None:
    with stores.blobs.writer(STRAY) as writer:
        stores.keys.create(STRAY)
        writer.write(b"slow")
        age(stores, STRAY, 50)
        assert clear_strays(stores) == Strays(0, 0, 0)
        assert stores.keys.holds([STRAY]) == {STRAY}
        writer.commit()


def test_keys_of_other_things_are_never_touched(stores: Stores) -> None:
    # Reports and the seeds of draws have keys with ids of the same kind, and no blob.
    others = ["6" * 32, "report:" + "7" * 32, "chain"]
    stores.keys.create_many(others)
    assert clear_strays(stores, timedelta(0)) == Strays(0, 0, 0)
    assert traces.keys(stores) == sorted(others)


def test_a_draft_beside_a_registered_blob_goes_and_the_key_stays(centre: Centre, stores: Stores) -> None:
    centre.call()
    id_ = traces.recording(stores).id
    draft(stores, id_, 2)
    assert clear_strays(stores) == Strays(1, 0, 0)
    assert traces.amounts(stores) == (1, 1, 1)
    assert list(missing(stores)) == []


def test_a_recording_without_its_sound_or_key_is_named(
    centre: Centre, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "_PAGE", 2)
    centre.calls(5)
    centre.call(scope="internal")
    rows = [row.id for row in traces.recordings(stores) if row.state == "live"]
    stores.blobs.delete([rows[0]])
    stores.keys.destroy([rows[3]])
    assert set(missing(stores)) == {rows[0], rows[3]}


def test_an_absent_volume_is_not_a_volume_without_blobs(centre: Centre, stores: Stores) -> None:
    centre.call()
    folder = stores.settings.blobs.folder
    folder.rename(folder.with_name("unmounted"))
    for ask in (lambda: clear_strays(stores, timedelta(0)), lambda: list(missing(stores))):
        with pytest.raises(Unavailable):
            ask()
    folder.with_name("unmounted").rename(folder)
    assert traces.amounts(stores) == (1, 1, 1)
