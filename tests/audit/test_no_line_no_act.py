"""If the line cannot be written the act does not happen: every place of kcc that writes one is brought there
by a walk, on both databases, while the database refuses lines (ACC-5).
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Permit, Subject, permit
from kcc.clock import Frozen
from kcc.coaching import boards, drawing, planning, reports, seed_chain, sheets
from kcc.coaching import erasure as report_erasure
from kcc.coaching.conversation import appointments, reading, signing, taking, writing
from kcc.coaching.draws import overview, phrases
from kcc.coaching.model import SeedChain
from kcc.errors import NotFound
from kcc.insight import exports, own, search, watch
from kcc.insight.model import WatchEvent
from kcc.people import account, directory, sessions, signin, tokens
from kcc.people.model import ServiceToken
from kcc.recordings import callers, extent, fates, intake
from kcc.recordings.model import Recording
from kcc.recordings.register import changing, importing
from kcc.recordings.register.changing import LineValues
from kcc.recordings.rules import LineKind
from kcc.scheduler import auditing
from kcc.sections import Limits
from kcc.stores import Stores
from kcc.threat import incidents
from kcc.timekeeping import guard
from tests.access import world as worlds
from tests.access.world import World
from tests.audit import walks_of_summaries
from tests.audit.test_acts import VERBS, Verb, _keyed
from tests.audit.walking import EDGES, of_stores, places, refusing_after, walk, with_session, written
from tests.audit.walks_of_cases import CASES
from tests.audit.walks_of_copies import COPIES
from tests.audit.walks_of_criteria import CRITERIA
from tests.audit.walks_of_listening_together import JOINT
from tests.audit.walks_of_opinions import OPINIONS
from tests.audit.walks_of_people import PEOPLE, make_ready
from tests.audit.walks_of_planning import PLANNING
from tests.audit.walks_of_sharing import SHARING
from tests.audit.walks_of_summaries import SUMMARIES
from tests.audit.walks_of_threats import THREATS
from tests.centre import PASSWORD, Centre
from tests.conftest import Client
from tests.timekeeping.wayward import Wayward


def _people(world: World) -> object:
    file = world.stores.settings.audit.key_file.with_name("people.toml")
    file.write_text('[[people]]\nnumber = "9999"\nname = "Nieuw"\n')
    with world.stores.database.write() as session:
        return directory.import_file(session, system("cli"), file)


def _lines(line: str) -> Verb:
    def run(world: World) -> object:
        file = world.stores.settings.audit.key_file.with_name("lines.toml")
        file.write_text(line)
        with world.stores.database.write() as session:
            return importing.import_file(session, system("cli"), file)

    return run


def _confirm(world: World) -> object:
    """Under a clock that nobody keeps right, on a machine that was off for long."""
    bad = Wayward(clock.now())
    bad.restart(timedelta(days=40))
    with clock.by(bad), world.stores.database.write() as session:
        return guard.confirm(session, system("cli"), "the station's clock")


def _later(days: int, verb: Verb) -> Verb:
    def run(world: World) -> object:
        world.now.move(timedelta(days=days))
        try:
            return verb(world)
        finally:
            world.now.move(timedelta(days=-days))

    return run


def _change_password(world: World) -> object:
    anna = world.centre.actor(world.centre.anna)
    return signin.change_password(world.stores, anna, PASSWORD, "een heel ander wachtwoord", key=b"k" * 32)


def _revoke(world: World) -> object:
    with world.stores.database.write() as session:
        token = session.scalars(select(ServiceToken.id)).first()
        return tokens.revoke(session, system("cli"), str(token))


def _settle(world: World) -> object:
    with world.stores.database.write() as session:
        event = session.scalars(select(WatchEvent.id).where(WatchEvent.settled_at.is_(None))).first()
        return watch.settle(session, world.centre.actor(world.centre.officer), str(event), "Oude links.")


def _propose(world: World) -> object:
    """The day after tomorrow."""
    soon = [clock.now() + timedelta(days=2)]
    return _keyed(appointments.propose, "coach", "report.finished", soon, 45, "Kamer 2.14")(world)


def _accept(world: World) -> object:
    """What was proposed just before."""
    soon = clock.now() + timedelta(days=2)
    return _keyed(appointments.accept, "anna", "report.finished", soon)(world)


def _of_draws(verb: Callable[..., object], who: str, thing: str | None) -> Verb:
    """What is told of draws, read by the same session that writes the line."""

    def run(world: World, session: Session) -> object:
        actor, keys = world.centre.actor(getattr(world.centre, who)), world.stores.keys
        return verb(session, session, keys, actor, world.ids[thing] if thing else None)

    return with_session(run)


def _bare_proof(*asked: Any) -> None:
    with suppress(NotFound):  # of a month with three draws there is none; the line comes first all the same
        overview.bare_proof(*asked)


TOGETHER = {"conclusions": "Het liep best goed.", "agreements": "Anna vat samen."}
LINE = LineValues("Nieuw", LineKind.DIRECT, None)
MORE: dict[str, Verb] = {
    "read a sheet that nobody began": _keyed(sheets.read, "coach", "sample.odd"),
    "say that a call is still needed": written(incidents.review, "anna", "call.threat"),
    "add a line": written(changing.add, "administrator", "third", LINE, "Besluit."),
    "set a phrase": _keyed(phrases.choose, "anna", "vier rode stoelen"),
    "look at one's phrase": _keyed(phrases.current, "anna"),
    "list one's draws": _of_draws(overview.own, "anna", None),
    "read a draw": _of_draws(overview.own_proof, "anna", "proof.annas"),
    "list all draws": _of_draws(overview.everybodys, "council", None),
    "take a bare proof": _of_draws(_bare_proof, "council", "proof.annas"),
    "import no new line": _lines("lines = []\n"),
    "board": written(boards.read, "coach", Limits()),
    "choose a language": written(account.choose_language, "anna", "en"),
    "change a password": _change_password,
    "sign out": written(sessions.end_all, "anna"),
    "revoke a token": _revoke,
    "import people": _people,
    "look at one's own": written(lambda s, a: own.look(s, a, own.Asked()), "anna"),
    "search": written(lambda s, a: search.look(s, a, search.Query()), "officer"),
    "take out what was found": of_stores(exports.begin, "officer", search.Query(), "csv"),
    "prove a line": of_stores(exports.line, "officer", 1),
    "take out the log": of_stores(lambda s, a: auditing.write_export(s, a, BytesIO()), "officer"),
    "watch": of_stores(watch.look, "system"),
    "judge": _settle,
    "sum up": _later(1, with_session(lambda _w, session: extent.sum_up(session))),
    "forget": _later(300, lambda world: _forget(world)),
    "find what became of a call": with_session(
        lambda w, s: fates.find(s, w.stores.keys, system("cli"), "exchange", "call-1")
    ),
    "find a caller's calls": with_session(
        lambda w, s: callers.calls_of_caller(w.stores, s, system("cli"), "+31201234567", "AVG-1")
    ),
    "make older calls findable": lambda world: _fill(world),
    "list one's reports": with_session(lambda w, s: reports.own(s, _listing(w, "anna"))),
    "read a conversation": _keyed(reading.read, "anna", "report.finished"),
    "take a report along": _keyed(taking.take, "anna", "report.finished"),
    "share a view": _keyed(writing.save_view, "coach", "report.finished", 1, "Anders."),
    "write together": _keyed(writing.save_together, "anna", "report.finished", 2, TOGETHER),
    "sign": _keyed(signing.sign, "coach", "report.finished", "3.1.2.3"),
    "ask for another moment": _keyed(appointments.ask_another, "anna", "report.finished", "Liever later."),
    "propose": _propose,
    "accept": _accept,
    "cancel": _keyed(appointments.cancel, "coach", "report.finished"),
    "list the reports one wrote": with_session(lambda w, s: reports.written(s, _listing(w, "coach"))),
    "note a broken delivery": of_stores(intake.note_refusal, "system", "metadata_invalid"),
    "close dates that nobody may draw": _later(
        40, with_session(lambda _, s: planning.close(s, system("draw"), clock.today(), []))
    ),
    "renew the audit's key": of_stores(auditing.renew_key, "system"),
    "say that the log was restored": of_stores(auditing.accept_restored, "system", "backup of Monday"),
    "discard a report": lambda world: report_erasure.discard(
        world.stores, world.ids["report.carlas-draft"], "test"
    ),
}


LAST: dict[str, Verb] = {"vouch for the clock": _confirm}
"""It lets the store live at another time."""


def _forget(world: World) -> object:
    auditing.checkpoint(world.stores)  # only what is proven by then is forgotten
    return auditing.forget(world.stores)


def _fill(world: World) -> object:
    with world.stores.database.write() as session:
        session.execute(update(Recording).values(caller_day_id=None, caller_digest=None))
    return callers.fill(world.stores, system("cli"))


def _listing(world: World, who: str) -> Permit:
    return permit(world.centre.actor(getattr(world.centre, who)), Action.REPORT_LIST, Subject("report"))


@pytest.fixture
def world(stores: Stores, centre: Centre, now: Frozen) -> World:
    return worlds.build(stores, centre, now)


@pytest.mark.rule("ACC-5")
@pytest.mark.in_part("postgresql")
def test_every_place_that_writes_a_line_stops_what_it_stands_before(world: World) -> None:
    """Together with the draw below and the pages: none is left out, so a new one is walked, too."""
    stores = world.stores
    with stores.database.write() as session:
        signin.set_password(session, system("cli"), world.centre.anna, PASSWORD, min_length=15)
        sessions.begin(session, world.centre.anna)
        session.add(_noticed(world))
        make_ready(session, world)
    walks_of_summaries.make_ready(world)
    guard.trusted(stores)
    auditing.checkpoint(stores)
    reached: set[tuple[str, str]] = set()
    walks = CASES | COPIES | JOINT | OPINIONS | SHARING | VERBS | MORE | PLANNING | SUMMARIES | THREATS
    walks |= PEOPLE | CRITERIA | LAST
    for name, verb in walks.items():
        reached |= walk(stores, lambda verb=verb: verb(world), name)  # type: ignore[misc]
    expected = {place for place in places() if Path(place[0]).stem not in EDGES} - DRAWING - COMPOSED
    if stores.database.engine.dialect.name == "sqlite":
        expected -= TRIED_AGAIN
    assert expected - reached == set(), "walk these, too"


DRAWING = {
    ("kcc/coaching/freezing.py", "_keep"),
    ("kcc/coaching/revealing.py", "_fill"),
    ("kcc/coaching/seed_chain.py", "_open"),
    ("kcc/coaching/seed_chain.py", "_retire_lost"),
}
TRIED_AGAIN = {("kcc/recordings/erasure.py", "_bury_now")}
"""There a row that the database refuses is one bad item, left and tried again (so SQLite calls it)."""
COMPOSED = {("kcc/line_commands.py", "list_lines")}
"""A command that only reads, after its line in the same transaction."""


def _noticed(world: World) -> WatchEvent:
    at = clock.now()
    return WatchEvent(kind="calls", actor_id=world.centre.coach, since=at, until=at, count=12, noticed_at=at)


@pytest.mark.rule("ACC-5", "SAM-3")
def test_a_draw_stops_wherever_its_line_cannot_be_written(
    stores: Stores, centre: Centre, now: Frozen
) -> None:
    """The chain, the commitment before the seed, the seed and its calls; then it is drawn all the same."""
    with stores.database.write() as session:
        planning.propose(session, system("announce"), clock.today(), stores.settings)
    now.set(clock.start_of_day(worlds.DRAW_DAY) + timedelta(hours=9))
    centre.calls(4, "anna")
    guard.trusted(stores)
    reached = walk(stores, lambda: drawing.run(stores, clock.today()), "draw")
    with stores.database.read() as session:
        (chain,) = session.scalars(select(SeedChain.id))
    stores.keys.destroy([chain])
    reached |= walk(stores, lambda: seed_chain.prepare(stores, 1), "retire a chain")
    assert reached == DRAWING


@pytest.mark.rule("ACC-5")
def test_no_page_is_shown_whose_line_cannot_be_written(
    world: World, browser_as: Callable[[str], Client]
) -> None:
    """Every page that writes its line itself, each as one who may; the others do so by a verb above."""
    pages = {
        ("kcc/recordings/views.py", "my_calls"): ("anna", "/calls"),
        ("kcc/recordings/register/views.py", "show_all"): ("administrator", "/lines"),
        ("kcc/recordings/register/views.py", "show"): ("administrator", "/line/main"),
        ("kcc/scheduler/views.py", "show"): ("administrator", "/status"),
        ("kcc/threat/views.py", "team"): ("lead", "/team"),
        ("kcc/notices/views.py", "show_all"): ("anna", "/notices"),
        ("kcc/investigation/views.py", "show_all"): ("officer", "/cases"),
        ("kcc/investigation/views.py", "counts"): ("officer", "/cases/counts"),
        ("kcc/investigation/own/views.py", "show"): ("anna", "/my-cases"),
        ("kcc/coaching/training/views.py", "show_all"): ("anna", "/trainings"),
        ("kcc/people/staff/views.py", "search"): ("administrator", "/people"),
        ("kcc/people/staff/views.py", "person"): ("administrator", f"/people/{world.centre.anna}"),
        ("kcc/coaching/planned/views.py", "_employee_page"): ("coach", f"/coached/{world.centre.anna}"),
        ("kcc/insight/officer/views.py", "_start"): ("officer", "/audit"),
        ("kcc/insight/officer/views.py", "checkpoints"): ("officer", "/checkpoints"),
    }
    assert {place for place in places() if Path(place[0]).stem in EDGES} == set(pages), "walk these, too"
    browsers = {who: browser_as(getattr(world.centre, who)) for who, _ in pages.values()}
    with refusing_after(world.stores, 0), capture_logs():
        for who, address in pages.values():
            answer = browsers[who].get(address)
            assert answer.status_code in (500, 503), address
            assert "<table" not in answer.text, address
    for who, address in pages.values():
        assert browsers[who].get(address).status_code == 200, address
