"""kcc.config: every setting has its place in the example, and a wrong one stops the start with all faults
named.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from kcc import config
from kcc.sections import Drop

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def _flat(model: type[BaseModel], prefix: str = "") -> set[str]:
    names = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names |= _flat(kind, f"{prefix}{name}.")
        else:
            names.add(prefix + name)
    return names


def test_the_example_has_every_setting_and_no_other() -> None:
    """What can be set stands in config.example.toml, with its default."""
    raw = tomllib.loads(EXAMPLE.read_text())
    raw |= {f"audit.{name}": raw["audit"].pop(name) for name in ["terms", "watch"]}
    named = {f"{section}.{name}" for section, table in raw.items() for name in table}
    assert named | {"drops"} == _flat(config.Settings)  # of which there may be several, and are none
    assert config.load(EXAMPLE) == config.parse({}, EXAMPLE.parent)


def test_the_example_of_a_drop_folder_has_every_setting_with_its_default() -> None:
    """It stands there as a comment, which works once its signs are taken away."""
    lines = EXAMPLE.read_text().split("# [[drops]]\n")[1].split("\n\n")[0].splitlines()
    (drop,) = tomllib.loads("\n".join(["[[drops]]", *(line.removeprefix("# ") for line in lines)]))["drops"]
    assert set(drop) == set(Drop.model_fields)
    assert Drop(folder=drop["folder"], recorder=drop["recorder"]) == Drop(**drop)


def test_drop_folders_lie_apart_from_each_other_and_from_the_sound(tmp_path: Path) -> None:
    """A folder inside another would be looked at twice; sealed sound is no call."""
    for folders in (["in", "in/side"], ["in", "in"], ["var"]):
        with pytest.raises(config.ConfigError, match="drops"):
            config.parse({"drops": [{"folder": folder} for folder in folders]}, tmp_path)
    found = config.parse({"drops": [{"folder": "in"}, {"folder": "/srv/out"}]}, tmp_path)
    assert [drop.folder for drop in found.drops] == [tmp_path / "in", Path("/srv/out")]
    for wrong in ({"recorder": "a b"}, {"done_mark": "done"}, {"stable_seconds": 0}, {}):
        with pytest.raises(config.ConfigError):
            config.parse({"drops": [wrong | ({"folder": "in"} if wrong else {})]}, tmp_path)


def test_every_setting_of_the_example_has_a_reason() -> None:
    """Each table's settings stand below a comment."""
    for block in EXAMPLE.read_text().split("\n\n")[1:]:
        assert "#" in block, block


@pytest.mark.rule("GOV-2")
@pytest.mark.parametrize(
    ("name", "loosest"),
    [
        ("calls_per_month", 4),
        ("calls_with_exception", 8),
        ("exception_days", 184),
        ("recording_days", 28),
        ("threat_months", 6),
        ("quarantine_days", 7),
    ],
)
def test_a_limit_can_be_made_stricter_only(name: str, loosest: int, tmp_path: Path) -> None:
    """One below the protocol's number starts, one above does not and names the setting."""
    assert config.parse({"limits": {name: loosest - 1}}, tmp_path)
    with pytest.raises(config.ConfigError, match=rf"limits\.{name}: at most {loosest}.*GOV-2"):
        config.parse({"limits": {name: loosest + 1}}, tmp_path)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    """A wrong value, an unknown key and an unknown table: three lines."""
    raw: dict[str, Any] = {"server": {"port": 0, "prot": 1}, "nonsense": {}}
    with pytest.raises(config.ConfigError) as told:
        config.parse(raw, tmp_path)
    assert sorted(fault.split(":")[0] for fault in told.value.faults) == [
        "nonsense",
        "server.port",
        "server.prot",
    ]


def test_keys_and_data_may_not_lie_together(tmp_path: Path) -> None:
    """The key store is never the database."""
    raw = {"database": {"url": "sqlite:///same.db"}, "keystore": {"url": "sqlite:///./a/../same.db"}}
    with pytest.raises(config.ConfigError, match="together"):
        config.parse(raw, tmp_path)


def test_contradictions_are_named_beside_other_faults(tmp_path: Path) -> None:
    """A port that is wrong hides neither keys beside data nor a draw without calls."""
    same = {"url": "sqlite:///same.db"}
    raw = {"server": {"port": 0}, "database": same, "keystore": same, "limits": {"recording_days": 7}}
    with pytest.raises(config.ConfigError) as told:
        config.parse(raw, tmp_path)
    places = [fault.split(":")[0] for fault in told.value.faults]
    assert places == ["server.port", "keystore.url", "sampling.min_days_left"]


@pytest.mark.parametrize("name", ["directions", "natures"])
def test_a_filter_that_lets_nothing_through_is_a_fault(name: str, tmp_path: Path) -> None:
    """It would silently end all drawing."""
    with pytest.raises(config.ConfigError, match=rf"sampling\.{name}"):
        config.parse({"sampling": {name: []}}, tmp_path)


def test_relative_paths_count_from_the_file(tmp_path: Path) -> None:
    """Wherever kcc is started."""
    file = tmp_path / "kcc.toml"
    file.write_text('[blobs]\nfolder = "sound"\n[database]\nurl = "sqlite:///data/kcc.db"\n')
    found = config.load(file)
    assert found.blobs.folder == tmp_path / "sound"
    assert found.database.url == f"sqlite:///{tmp_path}/data/kcc.db"


@pytest.mark.parametrize("content", [b"[server", b"\xff\xfe", b"server = 3"])
def test_a_broken_file_is_told_plainly(content: bytes, tmp_path: Path) -> None:
    """No stack trace, but the file and the fault."""
    file = tmp_path / "kcc.toml"
    file.write_bytes(content)
    with pytest.raises(config.ConfigError):
        config.load(file)


def test_jobs_keep_out_of_the_hour_that_nights_skip(tmp_path: Path) -> None:
    """02:30 does not exist on a night in March, and happens twice in October."""
    with pytest.raises(config.ConfigError, match=r"scheduler\.draw_at"):
        config.parse({"scheduler": {"draw_at": "02:30:00"}}, tmp_path)


SSO = {"issuer": "https://sso.example", "client_id": "kcc"}


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"issuer": "http://sso.example", "client_id": "kcc"}, "https"),
        ({"issuer": "https://", "client_id": "kcc"}, "https"),
        ({"issuer": "https://sso.example"}, "client_id"),
        (SSO | {"scopes": ["profile"]}, "openid"),
        (SSO | {"local_signin": False}, "break_glass"),
        ({"local_signin": False, "break_glass": "9001"}, "issuer"),
    ],
)
def test_single_sign_on_is_whole_or_not_at_all(values: dict[str, Any], why: str, tmp_path: Path) -> None:
    """Over TLS, and never without a way in for emergencies."""
    with pytest.raises(config.ConfigError, match=rf"sso.*{why}"):
        config.parse({"sso": values}, tmp_path)
    found = config.parse({"sso": SSO | {"local_signin": False, "break_glass": "9001"}}, tmp_path).sso
    assert found.client_secret_file == tmp_path / "var/sso.secret"
    assert not config.parse({}, tmp_path).sso.on
