"""The demo from nothing to a served address: generate, take in, draw, erase, serve; each step is kcc's own
verb.
"""

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import kcc
from kcc import clock, config, migrating, server, status
from kcc.access.actor import system
from kcc.demo import accounts, calls, centre, history, recorder, speech, story
from kcc.people import directory
from kcc.people.factors import apps
from kcc.recordings import delivery, volume
from kcc.recordings.register import importing
from kcc.scheduler import auditing, runner
from kcc.stores import Stores
from kcc.timekeeping import guard
from kcc.vault.folder import Folder

MADE = "made.json"
DEMO = system("demo")
SETTINGS = """# Written by `make demo`; config.example.toml explains every setting.
[database]
url = "sqlite:///kcc.db"
[keystore]
url = "sqlite:///keys/keys.db"
root_file = "keys/root.key"
[blobs]
folder = "blobs"
[server]
secret_key_file = "secret.key"
# A name and no number: else there are no passkeys.
public_url = "http://localhost:8000"
[signin]
factor_key_file = "factors.key"
[sampling]
# So that this month's draw falls on the demo's last working day.
day_of_month = {day}
[log]
level = "warning"
"""

say = Console(stderr=True)


def run(folder: Path, *, seed: int, fresh: bool, serve: bool) -> None:
    """Make the demo centre in `folder` unless it is there, run the jobs, then serve it or print its
    status.
    """
    made = _made(folder)
    if fresh or made is None or made.get("seed") != seed:
        _clear(folder)
        _make(folder, seed)
    settings = config.load(folder / "kcc.toml")
    stores = Stores.open(settings)
    try:
        migrating.upgrade(stores.database)  # one that was made before kcc was brought up to date
        auditing.make_key(settings)
        _vouch(stores)
        accounts.enrol(stores, folder / "demo", seed)
        for run_ in runner.catch_up(stores):
            say.print(f"  {run_.job}: {run_.detail}", highlight=False)
        if not serve:
            click.echo(json.dumps(status.gather(stores), indent=2))
            return
        say.print(
            _accounts(folder),
            "\n",
            _codes(folder),
            f"\n[bold]{settings.server.public_url}[/bold]  (Ctrl-C stops)",
        )
        sys.stderr.flush()
        os.environ[config.ENVIRONMENT] = str((folder / "kcc.toml").resolve())  # for the workers
        server.serve(settings, stores)
    finally:
        stores.close()


def _vouch(stores: Stores) -> None:
    """Whoever runs a demo means this time, also on a machine whose clock nobody keeps right."""
    with stores.database.write() as session:
        if guard.look(session).confirmable:
            guard.confirm(session, DEMO, "the demo lives in several times; whoever runs it means this one")


def _made(folder: Path) -> dict[str, object] | None:
    """What an earlier demo left about itself, if it was finished by this version of kcc."""
    try:
        found: dict[str, object] = json.loads((folder / MADE).read_text())
    except (OSError, ValueError):
        return None
    return found if found.get("version") == kcc.__version__ else None


def _clear(folder: Path) -> None:
    """Empty the demo's folder; one that holds anything but a demo is left alone."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "kcc.toml").exists() or not (folder / "demo").exists():
            raise click.ClickException(
                f"{folder} holds something that is no demo; empty it or choose another"
            )
        shutil.rmtree(folder)
    (folder / "demo").mkdir(parents=True)


def _make(folder: Path, seed: int) -> None:
    now = clock.now()
    target = draw_day(clock.local_day(now))
    (folder / "kcc.toml").write_text(SETTINGS.format(day=target.day))
    settings = config.load(folder / "kcc.toml")
    Folder.create(settings.blobs.folder)
    stores = Stores.open(settings)
    migrating.upgrade(stores.database)
    volume.check(stores)
    auditing.make_key(settings)
    people = centre.generate(seed, clock.local_day(now))
    _register(stores, folder / "demo", people, seed)
    _take_in(stores, folder / "demo", people, seed, now, target)
    story.tell(stores, people, target, now)
    stores.close()
    (folder / MADE).write_text(json.dumps({"seed": seed, "version": kcc.__version__, "at": now.isoformat()}))


def draw_day(today: date) -> date:
    """The last working day up to today on which a month's draw can fall."""
    day = today
    while day.weekday() >= 5 or day.day > 28:
        day -= timedelta(days=1)
    return day


def _register(stores: Stores, folder: Path, people: centre.Centre, seed: int) -> None:
    (folder / "people.toml").write_text(people.people_toml())
    (folder / "lines.toml").write_text(people.lines_toml())
    with stores.database.write() as session:
        directory.import_file(session, DEMO, folder / "people.toml")
        importing.import_file(session, DEMO, folder / "lines.toml", "Begin van de demo")
    accounts.set_up(stores, folder, people, seed)


def _take_in(
    stores: Stores, folder: Path, people: centre.Centre, seed: int, now: datetime, target: date
) -> None:
    """Write every call as a recorder would and deliver it, after the year before; those past due by now are
    delivered in their own time.
    """
    with _progress() as bar:
        speaking = bar.add_task("Speaking", total=None)
        bank = speech.Bank.build(seed, lambda done, whole: bar.update(speaking, completed=done, total=whole))
        _remember(stores, folder, people, bank, target, now, bar)
        planned = calls.plan(people, seed, now)
        writing = bar.add_task("Recording", total=len(planned))
        late, ordinary = folder / "recorder" / "late", folder / "recorder" / "calls"
        for place in (late, ordinary):
            place.mkdir(parents=True)
        for call in planned:
            place = late if call.start + calls.TERM <= now else ordinary
            recorder.write(call, bank, place)
            bar.advance(writing)
        taking = bar.add_task("Taking in", total=len(planned))
        answers: Counter[str] = Counter()
        with clock.frozen(now - timedelta(days=3)):
            _deliver(stores, late, answers, bar, taking)
        _deliver(stores, ordinary, answers, bar, taking)
    told = ", ".join(f"{number} {word}" for word, number in sorted(answers.items()))
    say.print(f"  {told}", highlight=False)


def _remember(
    stores: Stores,
    folder: Path,
    people: centre.Centre,
    bank: speech.Bank,
    target: date,
    now: datetime,
    bar: Progress,
) -> None:
    """The year before; then the present again, which no clock of this machine may have seen since."""
    earlier = history.rounds(target, clock.local_day(now))
    remembering = bar.add_task("Year before", total=len(earlier))
    for _ in history.tell(stores, people, bank, folder / "recorder" / "earlier", earlier):
        bar.advance(remembering)
    _vouch(stores)


def _deliver(stores: Stores, folder: Path, answers: Counter[str], bar: Progress, task: object) -> None:
    for answer in delivery.deliver(stores, DEMO, [folder]):
        answers[f"{answer.answer} ({answer.code})" if answer.code != answer.answer else answer.code] += 1
        bar.advance(task)  # type: ignore[arg-type]


@contextmanager
def _progress() -> Iterator[Progress]:
    columns = (TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=say) as bar:
        yield bar


def code(folder: Path, word: str) -> str:
    """The code that the app of an account, named by profile or number, would show now."""
    account = accounts.find(folder / "demo", word)
    if account is None or not account.secret:
        known = ", ".join(one.profile for one in accounts.shown(folder / "demo"))
        raise click.ClickException(f"no account {word!r} in {folder}; there are: {known or 'none'}")
    digits, seconds = apps.current_code(account.secret)
    return f"{digits}  (the next one in {seconds} s)"


def _accounts(folder: Path) -> Table:
    rows = [(one.profile, one.number, one.name, one.password) for one in accounts.shown(folder / "demo")]
    return _table("Accounts", ("profile", "number", "name", "password"), rows)


def _codes(folder: Path) -> Table:
    found = [one for one in accounts.shown(folder / "demo") if one.secret]
    rows = [(one.profile, apps.current_code(one.secret)[0], one.secret) for one in found]
    return _table(
        "Second factor: the code of this half minute, or put the secret in an app.\n"
        "Another code: kcc demo --code PROFILE, or make demo-code ACCOUNT=PROFILE",
        ("profile", "code", "secret for an app"),
        rows,
    )


def _table(title: str, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
    for heading, *column in zip(headings, *rows, strict=True):
        # Only a name may be folded: a password that is cut off lets nobody in.
        width = None if heading == "name" else max(map(len, (heading, *column)))
        table.add_column(heading, overflow="fold", min_width=width)
    for row in rows:
        table.add_row(*row)
    return table
