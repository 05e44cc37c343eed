"""The command line: what each command answers, in words and JSON, and with which exit status."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from kcc import clock, config, status
from kcc.audit.model import AuditLine
from kcc.cli import cli
from kcc.clock import Frozen
from kcc.people import passwords, tokens
from kcc.people.factors import apps
from kcc.people.factors import queries as factors
from kcc.recordings.decoding.proof import proof
from kcc.recordings.model import Recording
from kcc.stores import Stores
from tests.centre import Centre
from tests.sounds import wav
from tests.timekeeping.wayward import Wayward

Run = Callable[..., Result]


@pytest.fixture
def kcc(settings: config.Settings, stores: Stores, tmp_path: Path) -> Run:  # noqa: ARG001 - the stores must be open
    """Runs a command on the test's installation."""
    file = tmp_path / "kcc.toml"
    file.write_text(
        f"""
        [database]
        url = "{settings.database.url}"
        [keystore]
        url = "{settings.keystore.url}"
        root_file = "{settings.keystore.root_file}"
        [blobs]
        folder = "{settings.blobs.folder}"
        [server]
        secret_key_file = "{settings.server.secret_key_file}"
        [log]
        level = "error"
        """
    )

    def run(*arguments: str, **more: str) -> Result:
        return CliRunner().invoke(cli, ["--config", str(file), *arguments], **more)

    return run


def deliver(folder: Path, name: str, start: str, **described: object) -> Path:
    """A call as a recorder leaves it in a folder."""
    folder.mkdir(exist_ok=True)
    call = {
        "recorder": "exchange",
        "call_id": name,
        "start": start,
        "agent_id": "agent-anna",
        "direction": "incoming",
        "scope": "external",
        "line": "main",
    } | described
    (folder / f"{name}.json").write_text(json.dumps(call))
    (folder / f"{name}.wav").write_bytes(wav(2))
    return folder / f"{name}.wav"


@pytest.fixture
def an_hour_ago(now: Frozen) -> str:
    """As a recorder writes it."""
    return (now() - timedelta(hours=1)).isoformat()


@pytest.mark.usefixtures("centre")
def test_ingest_tells_per_file_and_ends_with_1_if_any_was_refused(
    kcc: Run, tmp_path: Path, an_hour_ago: str
) -> None:
    """One line of JSON a file; what is stored goes from the folder, what is refused stays."""
    folder = tmp_path / "recorder"
    stored = deliver(folder, "a", an_hour_ago)
    refused = deliver(folder, "b", an_hour_ago, line="silent")
    done = kcc("ingest", str(folder), "--json")
    *lines, last = map(json.loads, done.stdout.splitlines())
    answers = {Path(line["path"]).name: line for line in lines}
    assert done.exit_code == 1
    assert last["summary"]["stored"] == {"stored": 1}
    assert last["summary"]["refused"] == {"no_welcome_text": 1}
    assert last["summary"]["bytes"] == len(wav(2))
    assert answers["a.wav"]["answer"] == "stored"
    assert (answers["b.wav"]["answer"], answers["b.wav"]["rule"]) == ("refused", "PUR-5")
    assert not stored.exists()
    assert refused.exists()


@pytest.mark.usefixtures("centre")
def test_ingest_in_words(kcc: Run, tmp_path: Path, an_hour_ago: str) -> None:
    """A summary on standard output, refusals on standard error."""
    deliver(tmp_path / "recorder", "a", an_hour_ago)
    done = kcc("ingest", str(tmp_path / "recorder"))
    assert done.exit_code == 0
    assert done.stdout.split() == [
        *("stored", "1", "megabytes", "taken", "in", f"{len(wav(2)) / 1e6:.1f}"),
        *("seconds", done.stdout.split()[-1]),
    ]
    assert "\x1b" not in done.output  # no bar where nobody watches
    assert kcc("ingest", str(tmp_path / "recorder")).stdout.strip() == "nothing found"


@pytest.mark.usefixtures("centre")
def test_ingest_sums_up_by_code(kcc: Run, tmp_path: Path, an_hour_ago: str) -> None:
    """What waits and what was refused, with why."""
    folder = tmp_path / "recorder"
    deliver(folder, "a", an_hour_ago, agent_id="nobody")
    deliver(folder, "b", an_hour_ago, line="silent")
    done = kcc("ingest", str(folder))
    assert done.exit_code == 1
    told = done.stdout.split()
    assert told[:8] == ["quarantined", "1", "agent_unknown", "1", "refused", "1", "no_welcome_text", "1"]


def test_erase_and_status(kcc: Run, centre: Centre, now: Frozen) -> None:
    """A dry run counts, a run erases, the status shows it."""
    centre.call()
    now.move(timedelta(days=28))
    assert json.loads(kcc("erase", "--dry-run", "--json").stdout)["due"] == 1
    assert json.loads(kcc("status", "--json").stdout)["recordings"]["overdue"] == 1
    assert json.loads(kcc("erase", "--json").stdout)["erased"] == 1
    figures = json.loads(kcc("status", "--json").stdout)["recordings"]
    assert (figures["live"], figures["overdue"], figures["erased"]) == (0, 0, 1)
    assert "recordings: live 0" in kcc("status").stdout


def test_reconcile_ends_with_1_when_anything_differs(kcc: Run, centre: Centre, stores: Stores) -> None:
    """In words and in JSON."""
    centre.call()
    assert kcc("reconcile").exit_code == 0
    stores.keys.create("7" * 32)
    told = kcc("reconcile", "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["keys_without_rows"] == ["7" * 32]


@pytest.mark.rule("RET-8")
def test_a_call_is_found_by_the_recorders_id(kcc: Run, centre: Centre, now: Frozen) -> None:
    """Live, then erased, in words and JSON; another one is unknown."""
    centre.call(call_id="mine", start=now())
    asked = ("recordings", "find", "--recorder", "exchange", "--call-id")
    assert kcc(*asked, "mine").stdout == "live until 2026-12-01 08:00 UTC (RET-1)\n"
    now.move(timedelta(days=28))
    assert kcc("erase").exit_code == 0
    assert kcc(*asked, "mine").stdout == "erased at 2026-12-01 08:00 UTC (RET-1)\n"
    assert json.loads(kcc(*asked, "mine", "--json").stdout)["rule"] == "RET-1"
    assert kcc(*asked, "yours").stdout == "unknown\n"


@pytest.mark.rule("SEC-1")
def test_a_second_factor_is_reset_from_the_host(
    kcc: Run, centre: Centre, stores: Stores, settings: config.Settings
) -> None:
    """For the only administrator, who cannot do it for themself; with a reason, for somebody who is known."""
    administrator = centre.actor(centre.administrator)
    offer = apps.offer(settings.signin, administrator.person_id)
    code, _ = apps.current_code(offer.secret)
    with stores.database.write() as session:
        apps.add(session, settings.signin, administrator, offer.ticket, "Telefoon", code)
    for arguments in (["administrator"], ["administrator", "--reason", " "], ["nobody", "--reason", "lost"]):
        assert kcc("people", "reset-second-factor", *arguments).exit_code != 0
    assert kcc("people", "reset-second-factor", "administrator", "--reason", "lost").exit_code == 0
    with stores.database.read() as session:
        assert factors.held(session, administrator.person_id) == []
        last = session.scalars(select(AuditLine).order_by(AuditLine.id.desc())).first()
    assert last is not None
    assert (last.action, last.actor_id[:7] if last.actor_id else "") == ("second_factor:reset", "system:")


def test_status_says_whether_sound_is_decoded_and_how_much_disk_is_left(
    kcc: Run, settings: config.Settings
) -> None:
    """What the settings' example and the refusal of such a call send people here for."""
    told = kcc("status").stdout.splitlines()
    by = proof(settings.decoding).confined_by
    assert f"decoding: {by}" in told
    assert any(re.fullmatch(r"free bytes: [1-9][0-9]*", line) for line in told)
    off = {"on": False, "by": "", "reason": "settings"}
    found = json.loads(kcc("status", "--json").stdout) | {"decoding": off, "free_bytes": None}
    assert "decoding: off, settings" in status.lines(found)
    assert not any(line.startswith("free bytes") for line in status.lines(found))


@pytest.mark.rule("RET-1")
def test_status_check_ends_with_1_when_an_alarm_stands(kcc: Run, centre: Centre, now: Frozen) -> None:
    """For whatever watches from outside."""
    centre.call(start=now())
    assert kcc("status", "--check").exit_code == 0
    now.move(timedelta(days=28, hours=1))
    assert kcc("status").exit_code == 0
    told = kcc("status", "--check")
    assert (told.exit_code, "ALARM overdue: 1" in told.stdout) == (1, True)


@pytest.mark.rule("RET-7")
def test_a_clock_in_doubt_is_confirmed_with_a_reason(kcc: Run, centre: Centre, now: Frozen) -> None:
    """Nothing goes until somebody vouches; the same option with a good clock is refused."""
    wayward = Wayward(now.at)
    with clock.by(wayward):
        centre.call()
        assert kcc("erase").exit_code == 0
        wayward.restart(timedelta(days=42))
        doubtful = kcc("erase")
        assert doubtful.exit_code == 1
        assert "More than a day has gone by" in doubtful.stderr
        assert json.loads(kcc("erase", "--json", "--confirm-clock", "my watch").stdout)["erased"] == 1
        assert kcc("erase", "--confirm-clock", "my watch").exit_code == 1


@pytest.mark.usefixtures("centre")
def test_draw_of_a_day_to_come_is_refused_with_its_rule(kcc: Run) -> None:
    """A "no" is one line with the rule, and exit status 1."""
    done = kcc("draw", "--date", "2026-11-30", "--json")
    assert done.exit_code == 1
    assert "ANN-1" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("centre")
def test_draw_of_a_day_without_dates(kcc: Run) -> None:
    """Nothing to do is no fault."""
    done = kcc("draw", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["draws"] == 0


def test_a_token_is_shown_once_and_audited(kcc: Run, stores: Stores) -> None:
    """The text goes to standard output, a line to the audit."""
    done = kcc("token", "create", "exchange")
    assert done.stdout.startswith("kcc_")
    with stores.database.read() as session:
        assert session.scalar(select(AuditLine.action).where(AuditLine.action == "token:create"))


def test_an_identity_providers_token_is_its_own_kind(kcc: Run, stores: Stores) -> None:
    """It opens the door of providers and not that of recorders."""
    text = kcc("token", "create", "--scim", "idp").stdout.strip()
    with stores.database.read() as session:
        assert tokens.find(session, text) is None
        assert tokens.find(session, text, tokens.Kind.SCIM) is not None


def test_imports_and_a_first_password(kcc: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People and lines from files; a password for one of them, by number."""
    monkeypatch.setattr(passwords, "hasher", passwords.PasswordHasher(1, 8, 1))
    people, lines = tmp_path / "people.toml", tmp_path / "lines.toml"
    people.write_text('[[people]]\nnumber = "1"\nname = "Anna"\n')
    lines.write_text('[[lines]]\ncode = "main"\nname = "Hoofdlijn"\nkind = "recorded"\n')
    assert kcc("people", "import", "--yes", str(people)).exit_code == 0
    assert "created 1" in kcc("lines", "import", str(lines)).stdout
    lines.write_text('[[lines]]\ncode = "main"\nname = "Hoofdlijn"\nkind = "network"\n')
    unsaid = kcc("lines", "import", str(lines))
    assert (unsaid.exit_code, "--reason" in unsaid.stderr) == (1, True)
    assert "changed 1" in kcc("lines", "import", str(lines), "--reason", "Besluit van dinsdag").stdout
    assert "main  network   -           Hoofdlijn (kept 0, " in kcc("lines", "list").stdout
    (listed,) = json.loads(kcc("lines", "list", "--json").stdout)
    assert listed.pop("changed_at")
    assert listed == {
        "code": "main",
        "name": "Hoofdlijn",
        "kind": "network",
        "welcome_text_since": None,
        "kept": 0,
        "without_sound": 0,
        "refused": 0,
    }
    unbound = kcc("people", "bind", "1", "subject-1")
    assert (unbound.exit_code, "no single sign-on" in unbound.stderr) == (1, True)
    assert kcc("people", "unbind", "1").stdout == "0 unbound\n"
    typed = "een lange zin met paarden\n" * 2
    assert kcc("people", "password", "1", input=typed).exit_code == 0
    weak = kcc("people", "password", "1", "--password", "kort")
    assert weak.exit_code == 1
    nobody = kcc("people", "password", "9", input=typed)
    assert "9" in nobody.stderr


def test_wrong_settings_stop_every_command(tmp_path: Path) -> None:
    """All faults at once, exit status 2, no command runs."""
    file = tmp_path / "kcc.toml"
    file.write_text("[limits]\nrecording_days = 29\n[nonsense]\n")
    done = CliRunner().invoke(cli, ["--config", str(file), "status"])
    assert done.exit_code == 2
    assert "limits.recording_days" in done.stderr
    assert "nonsense" in done.stderr


def test_an_old_schema_stops_with_the_way_out(tmp_path: Path) -> None:
    """A database without tables: `kcc migrate` is named, and helps."""
    file = tmp_path / "kcc.toml"
    file.write_text("")
    missing = CliRunner().invoke(cli, ["--config", str(file), "status"])
    assert missing.exit_code == 1
    assert "kcc migrate" in missing.stderr
    assert not (tmp_path / "var").exists()
    assert CliRunner().invoke(cli, ["--config", str(file), "migrate"]).exit_code == 0
    assert CliRunner().invoke(cli, ["--config", str(file), "status"]).exit_code == 0


def test_a_foreign_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    """Making the stores where something else lies: no stack trace."""
    file = tmp_path / "kcc.toml"
    file.write_text('[blobs]\nfolder = "sound"\n')
    (tmp_path / "sound").mkdir()
    (tmp_path / "sound" / "something.txt").write_text("else")
    done = CliRunner().invoke(cli, ["--config", str(file), "migrate"])
    assert done.exit_code == 1
    assert "not empty" in done.stderr
    assert isinstance(done.exception, SystemExit)


def test_migrate_makes_drop_folders_ready_and_names_one_that_is_away(tmp_path: Path) -> None:
    """The folder itself is the recorder's or a mount: kcc makes only its own inside."""
    file = tmp_path / "kcc.toml"
    file.write_text('[[drops]]\nfolder = "in"\n[server]\nsecret_key_file = "key"\n')
    away = CliRunner().invoke(cli, ["--config", str(file), "migrate"])
    assert (away.exit_code, "drop folder" in away.stderr) == (1, True)
    assert (tmp_path / "var" / "audit.key").exists()  # a mount that is away leaves no log unsigned
    (tmp_path / "in").mkdir()
    for _ in range(2):
        assert CliRunner().invoke(cli, ["--config", str(file), "migrate"]).exit_code == 0
    assert {path.name for path in (tmp_path / "in").iterdir()} == {".kcc", "refused"}
    assert (tmp_path / "in" / "refused").stat().st_mode & 0o777 == 0o700
    told = CliRunner().invoke(cli, ["--config", str(file), "status"])
    assert "job drop: never ran" in told.stdout


def test_the_commands_are_the_documented_ones() -> None:
    """What the README may name."""
    assert set(cli.commands) == {
        *("migrate", "serve", "jobs", "ingest", "draw", "erase", "reconcile", "status"),
        *("access", "people", "lines", "token", "recordings", "audit", "database", "demo", "package"),
    }
    assert clock.now().tzinfo is not None


def test_a_decision_is_explained_in_words_and_in_json(kcc: Run, centre: Centre) -> None:
    """May or not, each demand with its rule, the facts; no name but that of the person asked about."""
    centre.call()
    with centre.stores.database.read() as session:
        call_id = session.scalars(select(Recording.id)).one()
    said = kcc("access", "explain", "bob", "recording:read", f"recording:{call_id}")
    assert said.exit_code == 0, said.output
    assert said.output.splitlines()[:3] == [
        "Bob Jansen (bob), employee",
        "may see one call: when it was, who heard it, when it is erased: no (RGT-1)",
        "  as employee, because it is your own call",
    ]
    assert "    fails  RGT-1   the call is one of your own\n    holds  RET-7 " in said.output
    assert "facts: whose call it is: somebody else; state: live; kept until: 2026-12-01" in said.output
    assert "Anna" not in said.output
    answer = json.loads(
        kcc("access", "explain", "anna", "recording:play", f"recording:{call_id}", "--json").output
    )
    assert (answer["may"], answer["rule"], answer["functions"]) == (False, "PUR-1", ["employee"])
    (grant,) = answer["grants"]
    assert (grant["held"], grant["opens"], grant["purposes"], grant["purpose_fits"]) == (
        True,
        False,
        ["inspection"],
        False,
    )
    assert [demand["holds"] for demand in grant["demands"]] == [True, True]
    gone = kcc("access", "explain", "anna", "recording:read", f"recording:{'0' * 32}")
    assert "no (there is no such object)" in gone.output
    lists = kcc("access", "explain", "council", "recording:list")
    assert "as employee (not held)" in lists.output
    assert "facts: none" in lists.output
    assert kcc("access", "explain", "nobody", "recording:list").exit_code == 1
    assert kcc("access", "explain", "anna", "recording:fly").exit_code == 2
