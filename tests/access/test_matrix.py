"""Every route of the application, for every profile and relation, through HTTP and on both databases."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from werkzeug.test import TestResponse

from kcc import clock, config
from kcc.access.actor import Actor, system
from kcc.clock import Frozen
from kcc.coaching import quality_plan
from kcc.coaching.criteria import editing, publishing, rules
from kcc.coaching.criteria.shape import Norm
from kcc.coaching.model import Report
from kcc.db import new_id
from kcc.insight.model import WatchEvent
from kcc.people import sessions, tokens
from kcc.people.model import CoachAssignment, FunctionPeriod
from kcc.recordings import erasure
from kcc.recordings.model import Recording
from kcc.scheduler import auditing
from kcc.stores import Stores
from kcc.web import pace
from kcc.web.pages import asset
from tests.access import world as worlds
from tests.access.copying import copies
from tests.access.planning import plan
from tests.access.staffing import staff
from tests.access.summing import summaries
from tests.access.world import UNKNOWN, World
from tests.audit.lines import everything
from tests.centre import Centre
from tests.conftest import Client
from tests.investigation import world as investigating

EMPLOYEES = ("anna", "bob", "carla")
COACHES = ("coach", "other_coach")
LEADS = ("lead", "other_lead")
MEASURED = (*EMPLOYEES, *COACHES)
PEOPLE = (*EMPLOYEES, *COACHES, *LEADS, "manager", "officer", "administrator", "council")
EVERYBODY = (*PEOPLE, "nobody", "recorder", "provisioner")
"""`nobody` is not signed in; `recorder` and `provisioner` show their tokens instead."""

Row = tuple[str, str, str, Iterable[str], int]
"""(method, endpoint, thing, who may, status they get), as it was promised; for everybody else it does not
exist."""


def calls() -> Iterator[Row]:
    """The employee alone, their own, while it exists; a report of threat only where there is sound."""
    for word in ("live", "to-report", "threat", "of-fresh", "of-finished"):
        yield "GET", "recordings.my_call", f"call.{word}", ["anna"], 200
        yield "GET", "threat.report_form", f"call.{word}", ["anna"], 200
        yield "POST", "recordings.listen", f"call.{word}", ["anna"], 303
    yield "GET", "recordings.my_call", "call.sealed", ["anna"], 200
    for word in ("bobs", "of-threat", "of-rejected"):
        yield "GET", "recordings.my_call", f"call.{word}", ["bob"], 200
        yield "POST", "recordings.listen", f"call.{word}", ["bob"], 303
    for word in ("sealed", "due", "erasing", "nobodys", "unknown"):
        yield "GET", "threat.report_form", f"call.{word}", [], 200
        yield "POST", "threat.report", f"call.{word}", [], 303
        yield "POST", "threat.review", f"call.{word}", [], 303
        yield "POST", "recordings.listen", f"call.{word}", [], 303
    for word in ("due", "erasing", "nobodys", "unknown"):
        yield "GET", "recordings.my_call", f"call.{word}", [], 200


def samples() -> Iterator[Row]:
    """The coach of that employee, while the call stands in the sample and is no threat."""
    for word in ("fresh", "begun", "draft", "complete", "odd"):
        yield "GET", "scoring.sample", f"sample.{word}", ["coach"], 200
        yield "GET", "scoring.finish_form", f"sample.{word}", ["coach"], 200
        yield "GET", "scoring.reject_form", f"sample.{word}", ["coach"], 200
        yield "POST", "scoring.listen", f"sample.{word}", ["coach"], 303
    for word in ("carlas", "carlas-draft"):
        yield "GET", "scoring.sample", f"sample.{word}", ["other_coach"], 200
        yield "POST", "scoring.listen", f"sample.{word}", ["other_coach"], 303
    yield "GET", "scoring.sample", "sample.finished", ["coach"], 303
    for word in ("rejected", "threat", "unknown"):
        yield "GET", "scoring.sample", f"sample.{word}", [], 200
        yield "GET", "scoring.finish_form", f"sample.{word}", [], 200
        yield "GET", "scoring.reject_form", f"sample.{word}", [], 200
    for word in ("finished", "rejected", "threat", "unknown"):
        yield "POST", "scoring.listen", f"sample.{word}", [], 303
        yield "POST", "scoring.save", f"sample.{word}", [], 303
        yield "POST", "scoring.autosave", f"sample.{word}", [], 200
        yield "POST", "scoring.finish", f"sample.{word}", [], 303
        yield "POST", "scoring.reject", f"sample.{word}", [], 303


def reports() -> Iterator[Row]:
    """The coach who wrote it; the employee once it is finished."""
    yield "GET", "coaching.report", "report.finished", ["anna", "coach"], 200
    for word in ("begun", "draft", "complete"):
        yield "GET", "coaching.report", f"report.{word}", ["coach"], 303
    yield "GET", "coaching.report", "report.carlas-draft", ["other_coach"], 303
    yield "GET", "coaching.report", "report.unknown", [], 200
    for door in ("show", "sign_form", "earlier", "calendar", "take"):
        yield "GET", f"conversation.{door}", "report.finished", ["anna", "coach"], 200
        yield "GET", f"conversation.{door}", "report.complete", [], 200
        yield "GET", f"conversation.{door}", "report.unknown", [], 200
    for door in ("propose", "answer", "cancel", "save_view", "save_text", "sign"):
        yield "POST", f"conversation.{door}", "report.complete", [], 303
        yield "POST", f"conversation.{door}", "report.unknown", [], 303


def draws() -> Iterator[Row]:
    """Whoever made the calls; all of them, without names, those who oversee."""
    yield "GET", "draws.own", "", EMPLOYEES, 200
    yield "GET", "draws.phrase_form", "", EMPLOYEES, 200
    for route in ("show", "proof"):
        yield "GET", f"draws.{route}", "proof.annas", ["anna"], 200
        yield "GET", f"draws.{route}", "proof.unknown", [], 200
    yield "GET", "draws.everybodys", "", ["officer", "council"], 200
    yield "GET", "draws.bare_proof", "proof.annas", [], 200  # of three draws: tests/coaching/draws
    yield "GET", "draws.bare_proof", "proof.unknown", [], 200
    yield "GET", "draws.checker", "", EVERYBODY, 200


def opinions() -> Iterator[Row]:
    """The employee who asked, the coach who took it, and the report's coach once both have scored."""
    yield "GET", "opinions.ask_form", "report.finished", ["anna"], 200
    yield "POST", "opinions.ask", "report.finished", ["anna"], 409  # one stands
    for word in ("begun", "complete", "unknown"):
        yield "GET", "opinions.ask_form", f"report.{word}", [], 200
        yield "POST", "opinions.ask", f"report.{word}", [], 303
    yield "GET", "giving.sheet", "opinion.taken", ["other_coach"], 200
    yield "GET", "giving.finish_form", "opinion.taken", ["other_coach"], 200
    yield "POST", "giving.listen", "opinion.taken", ["other_coach"], 303
    yield "GET", "giving.sheet", "opinion.scored", ["other_coach"], 303
    yield "GET", "opinions.compare", "opinion.scored", ["anna", "coach", "other_coach"], 200
    yield "GET", "opinions.confirm_form", "opinion.scored", ["anna", "coach"], 200


def closed_opinions() -> Iterator[Row]:
    """What is not open for anybody in these states, whoever they are."""
    unscored = ["opinions.compare", "opinions.confirm_form", "opinions.conclude", "opinions.confirm"]
    scoring = [f"giving.{name}" for name in ("finish_form", "save", "finish", "listen", "autosave")]
    for routes, words in (
        (scoring, ("waiting", "unknown")),
        (unscored, ("taken", "unknown")),
        (["giving.take"], ("taken", "unknown")),
        (["opinions.withdraw"], ("scored", "unknown")),
        (["giving.sheet"], ("waiting", "unknown")),
    ):
        looks = ("giving.sheet", "giving.finish_form", "opinions.compare", "opinions.confirm_form")
        for endpoint, word in product(routes, words):
            yield "GET" if endpoint in looks else "POST", endpoint, f"opinion.{word}", [], 303


def leases() -> Iterator[Row]:
    """The session to which it was given."""
    for route in ("state", "addresses", "sound", "waveform", "conversation", "progress"):
        for thing, who in (("lease.annas", ["anna"]), ("lease.coachs", ["coach"]), ("lease.unknown", [])):
            yield "GET", f"recordings.{route}", thing, who, 204 if route == "state" else 200


def pages() -> Iterator[Row]:
    """Lists and pages of one's own, by function."""
    yield "GET", "recordings.my_calls", "", EMPLOYEES, 200
    yield "GET", "coaching.board", "", COACHES, 200
    yield "GET", "giving.show_all", "", COACHES, 200
    yield "GET", "coaching.reports", "", (*EMPLOYEES, *COACHES), 200
    yield from (
        ("GET", f"criteria.{name}", "version.first", MEASURED, 200) for name in ("show_current", "show")
    )
    for name in ("draft", "preview", "norm_form"):
        yield "GET", f"drafting.{name}", "", COACHES, 200
    yield "GET", "drafting.discard_form", "", COACHES, 303  # it has been put forward
    yield "GET", "drafting.item_form", "item.third", COACHES, 200
    yield "GET", "drafting.new_item_form", "phase.closing", COACHES, 200
    yield "GET", "drafting.phase_form", "phase.new", COACHES, 200
    yield "GET", "criteria.propose_form", "", COACHES, 303  # somebody else has done so
    yield "GET", "criteria.confirm_form", "", COACHES, 200
    yield "GET", "threat.team", "", LEADS, 200
    yield "GET", "threat_counts.show", "", ["manager", "council", "officer"], 200
    yield "GET", "deciding.show", "incident.annas", ["anna", "lead"], 200
    yield "GET", "deciding.show", "incident.bobs", ["bob", "lead"], 200
    yield "GET", "deciding.show", "incident.unknown", [], 200
    yield "GET", "status.show", "", ["administrator"], 200
    yield "GET", "lines.show_all", "", ["administrator"], 200
    yield "GET", "lines.new_form", "", ["administrator"], 200
    yield "GET", "lines.show", "line.main", ["administrator"], 200
    yield "GET", "lines.show", "line.unknown", [], 200
    yield "GET", "lines.change_form", "line.main", ["administrator"], 200
    yield "GET", "lines.change_form", "line.unknown", [], 200
    yield "GET", "staff.search", "", ["administrator"], 200
    yield "GET", "people.home", "", PEOPLE, 302
    yield "GET", "people.account", "", PEOPLE, 200
    yield "GET", "access.who_may_what", "", PEOPLE, 200
    yield "GET", "access.explain_form", "", ["officer"], 200
    yield "GET", "notices.show_all", "", PEOPLE, 200
    yield "GET", "notices.entry", "notice.unknown", [], 200
    yield "GET", "audit.start", "", ["officer"], 200
    yield "GET", "audit.found", "", ["officer"], 200
    yield "GET", "audit.checkpoints", "", ["officer", "council"], 200
    yield "GET", "audit.checkpoint", "checkpoint.first", ["officer", "council"], 200
    yield "GET", "insight.my_data", "", PEOPLE, 200
    yield "GET", "people.password_form", "", PEOPLE, 302
    for address in ("start", "back", "out"):  # tests/people/sso; here is no issuer
        yield "GET", f"sso.{address}", "", EVERYBODY, 404
    yield "GET", "people.sign_in", "", ["nobody", "recorder", "provisioner"], 200
    # half a sign-in, of which nobody here has one: tests/people/factors/test_entering.py
    yield "GET", "entering.code_form", "", EVERYBODY, 302
    yield "GET", "entering.enrol_form", "", EVERYBODY, 302
    yield "GET", "entering.again_form", "", PEOPLE, 200
    yield "GET", "factors.show", "", PEOPLE, 200
    yield "GET", "factors.app_form", "", PEOPLE, 200
    yield "GET", "factors.passkey_form", "", PEOPLE, 200
    yield "GET", "factors.codes_form", "", PEOPLE, 302
    yield "GET", "factors.reset_form", "person.anna", ["administrator"], 200
    yield "GET", "factors.reset_form", "person.unknown", [], 200
    yield "GET", "assets", "", EVERYBODY, 200
    yield "GET", "metrics.show", "", EVERYBODY, 200  # from this machine; tests/scheduler/test_alarms.py
    yield "GET", "recordings_api.description", "", EVERYBODY, 200
    yield "GET", "scim.serve", "scim.users", ["provisioner"], 200


def developments() -> Iterator[Row]:
    """One's own and of whom one coaches; the centre for the coaches' team, managers and the works council."""
    yield "GET", "progress.mine", "", EMPLOYEES, 200
    yield "GET", "progress.of_employee", "person.anna", ["anna", "coach"], 200
    yield "GET", "progress.of_employee", "person.unknown", [], 200
    yield "GET", "progress.centre", "", (*COACHES, "manager", "council"), 200


def summing() -> Iterator[Row]:
    """The coach writes, the employee reads what was given, the team lead what was passed on (REP-10)."""
    yield "GET", "summaries.show_all", "", (*EMPLOYEES, *COACHES, *LEADS), 200
    yield "GET", "summaries.begin_form", "person.anna", ["coach"], 200
    yield "GET", "summaries.begin_form", "person.unknown", [], 200
    for stage, who in (
        ("written", ["coach"]),
        ("given", ["anna", "coach"]),
        ("passed", ["anna", "coach", "lead"]),
        ("unknown", []),
    ):
        yield "GET", "summaries.show", f"summary.{stage}", who, 200
    yield "GET", "summaries.give_form", "summary.written", ["coach"], 200
    yield "GET", "summaries.give_form", "summary.given", ["coach"], 303
    yield "GET", "summaries.give_form", "summary.unknown", [], 200
    yield "POST", "summaries.begin", "person.anna", ["coach"], 409  # only one call is monitored yet
    yield "POST", "summaries.begin", "person.unknown", [], 303
    for verb, stage, who, status in (
        ("save", "given", ["coach"], 409),
        ("give", "given", ["coach"], 409),
        ("give", "written", ["coach"], 409),  # again too few calls
        ("save", "written", ["coach"], 303),
        ("take_back", "given-2", ["coach"], 303),
        ("discard", "written-2", ["coach"], 303),
        ("pass_on", "given", ["anna"], 303),  # read above
        ("pass_on", "read", ["anna"], 303),
    ):
        yield "POST", f"summaries.{verb}", f"summary.{stage}", who, status
    for verb in ("save", "give", "take_back", "discard", "pass_on"):
        for stage in ("passed", "unknown"):
            yield "POST", f"summaries.{verb}", f"summary.{stage}", [], 303
    yield "POST", "summaries.pass_on", "summary.written", [], 303


def changes() -> Iterator[Row]:
    """What changes something, after all that only looks."""
    yield "POST", "access.explain", "", ["officer"], 200
    yield "POST", "people.change_password", "", PEOPLE, 422
    yield "POST", "people.password_strength", "", PEOPLE, 200
    yield "POST", "people.sign_in_with_password", "", EVERYBODY, 422
    yield "POST", "people.preferences", "", EVERYBODY, 303
    yield "POST", "notices.choose_mail", "", PEOPLE, 422
    yield "POST", "people.end_session", "session.annas", ["anna"], 303
    yield "POST", "people.end_session", "session.unknown", [], 303
    yield "POST", "entering.give_code", "", EVERYBODY, 303
    yield "POST", "entering.enrol", "", EVERYBODY, 303
    yield "POST", "entering.enrol_options", "", EVERYBODY, 401
    yield "POST", "entering.give_passkey", "", EVERYBODY, 404  # reached by a number: no passkeys
    yield "POST", "entering.passkey_options", "", EVERYBODY, 404
    yield "POST", "entering.again", "", PEOPLE, 422
    yield "POST", "entering.again_options", "", PEOPLE, 404
    yield "POST", "factors.add_app", "", PEOPLE, 422
    yield "POST", "factors.passkey_options", "", PEOPLE, 404
    yield "POST", "factors.add_passkey", "", PEOPLE, 422
    yield "POST", "factors.remove", "factor.unknown", [], 303
    yield "POST", "factors.renew_codes", "", [], 200  # who has no factor needs none
    yield "POST", "factors.codes_file", "", PEOPLE, 400
    yield "POST", "factors.reset", "person.anna", ["administrator"], 422  # without a reason
    yield "POST", "factors.reset", "person.unknown", [], 303
    yield "PUT", "recordings_api.put", "", ["recorder"], 422
    for method, status in (("POST", 400), ("PUT", 405), ("PATCH", 405), ("DELETE", 405)):
        yield method, "scim.serve", "scim.users", ["provisioner"], status
    yield (
        "POST",
        "recordings_api.post_vcon",
        "",
        [],
        201,
    )  # whoever signs it: tests/recordings/test_vcons_api.py
    yield "POST", "threat.report", "call.to-report", ["anna"], 303
    yield "POST", "threat.report", "call.threat", ["anna"], 409
    yield "POST", "threat.review", "call.threat", ["anna"], 303
    yield "POST", "threat.review", "call.of-threat", ["bob"], 303
    yield "POST", "threat.review", "call.live", [], 303  # nothing keeps it
    for verb, thing, who, status in (
        ("withdraw", "incident.bobs", ["bob"], 303),
        ("confirm", "measure.annas", ["anna", "lead"], 303),
        ("drop", "measure.annas", ["anna", "lead"], 409),  # both agreed
        ("confirm", "measure.annas-2", ["anna", "lead"], 303),
        ("withdraw", "incident.annas", [], 303),  # something is decided
        ("close", "measure.annas", ["anna", "lead"], 422),
        ("propose", "incident.annas", ["anna", "lead"], 422),
        ("extend", "incident.annas", ["anna", "lead"], 422),
        ("review", "incident.annas", ["anna", "lead"], 303),
        ("settle", "incident.annas", ["anna", "lead"], 409),  # a measure runs
    ):
        yield "POST", f"deciding.{verb}", thing, who, status
    for verb in ("withdraw", "propose", "extend", "review", "settle"):
        for thing in ("incident.bobs", "incident.unknown"):  # it was taken back
            yield "POST", f"deciding.{verb}", thing, [], 303
    for verb in ("confirm", "drop", "close"):
        yield "POST", f"deciding.{verb}", "measure.unknown", [], 303
    yield "POST", "drafting.begin", "", COACHES, 303
    yield "POST", "drafting.item", "item.third", COACHES, 422
    yield "POST", "drafting.new_item", "phase.closing", COACHES, 422
    yield "POST", "drafting.phase", "phase.new", COACHES, 422
    yield "POST", "drafting.norm", "", COACHES, 422
    yield "POST", "drafting.discard", "", COACHES, 409  # it has been put forward
    yield "POST", "drafting.arrange", "", COACHES, 409  # it has been put forward
    yield "POST", "criteria.propose", "", COACHES, 409
    yield "POST", "criteria.confirm", "", COACHES, 303
    yield "POST", "criteria.take_back", "", COACHES, 303
    yield "POST", "conversation.save_view", "report.finished", ["anna", "coach"], 303
    yield "POST", "conversation.save_text", "report.finished", ["anna", "coach"], 409  # of an older revision
    yield "POST", "conversation.sign", "report.finished", ["anna", "coach"], 409  # what nobody saw
    yield "POST", "conversation.answer", "report.finished", ["anna"], 303
    yield "POST", "conversation.cancel", "report.finished", ["coach"], 303
    yield "POST", "conversation.propose", "report.finished", ["coach"], 303
    yield "POST", "scoring.save", "sample.begun", ["coach"], 303
    yield "POST", "scoring.finish", "sample.draft", ["coach"], 422
    yield "POST", "scoring.autosave", "sample.draft", ["coach"], 200
    yield "POST", "scoring.finish", "sample.complete", ["coach"], 303
    yield "POST", "scoring.reject", "sample.odd", ["coach"], 303
    yield "POST", "scoring.save", "sample.carlas", ["other_coach"], 303
    yield "POST", "scoring.finish", "sample.carlas-draft", ["other_coach"], 303
    yield "POST", "scoring.reject", "sample.carlas-2", ["other_coach"], 303
    yield "POST", "draws.phrase", "", EMPLOYEES, 303
    yield "POST", "giving.take", "opinion.waiting", ["other_coach"], 303
    yield "POST", "giving.autosave", "opinion.taken", ["other_coach"], 200
    yield "POST", "giving.save", "opinion.waiting", ["other_coach"], 303  # taken above
    yield "POST", "giving.finish", "opinion.waiting", ["other_coach"], 303
    yield "POST", "giving.finish", "opinion.taken", ["other_coach"], 409  # another revision
    yield "POST", "opinions.withdraw", "opinion.taken", ["anna"], 303
    yield "POST", "opinions.conclude", "opinion.scored", ["anna", "coach"], 422  # nothing is written
    yield "POST", "opinions.confirm", "opinion.scored", ["anna", "coach"], 422
    yield "POST", "recordings.close", "lease.annas", PEOPLE, 204  # as harmless for a foreign one as for none
    yield "POST", "recordings.close", "lease.unknown", PEOPLE, 204
    yield "POST", "status.confirm_clock", "", ["administrator"], 409  # nothing is wrong with the clock
    yield "POST", "audit.find", "", ["officer"], 303
    yield "POST", "audit.take", "", ["officer"], 200
    yield "POST", "audit.prove", "", ["officer"], 200
    yield "POST", "audit.settle", "watch.noticed", ["officer"], 303
    yield "POST", "audit.settle", "watch.unknown", [], 303
    yield "POST", "status.whole_log", "", ["officer"], 200
    yield "POST", "lines.add", "", ["administrator"], 303
    yield "POST", "lines.change", "line.main", ["administrator"], 303
    yield "POST", "lines.change", "line.unknown", [], 303
    yield "POST", "browser_reports.take", "", EVERYBODY, 204
    yield "POST", "entering.anew", "", PEOPLE, 303
    yield "POST", "people.sign_out", "", EVERYBODY, 303


def people() -> Iterator[Row]:
    """The administrator alone registers functions and coaches, and never their own."""
    for endpoint, thing in (
        ("staff.person", "person.anna"),
        ("changing.begin_form", "person.anna"),
        ("changing.change_form", "period.moved"),
        ("changing.end_form", "period.held"),
        ("pairing.assign_form", "person.pupil"),
        ("pairing.end_form", "pair.held"),
        ("pairing.successor_form", "person.leaver"),
    ):
        yield "GET", endpoint, thing, ["administrator"], 200
        yield "GET", endpoint, f"{thing.split('.')[0]}.unknown", [], 200
    for endpoint, thing in (
        ("changing.begin", "person.pupil"),
        ("changing.change", "period.moved"),
        ("changing.end", "period.held"),
        ("changing.undo_begin", "period.to-come"),
        ("changing.undo_end", "ending.planned"),
        ("changing.confirm", "ending.right"),
        ("changing.reopen", "ending.mistaken"),
        ("pairing.assign", "person.pupil"),
        ("pairing.end", "pair.held"),
        ("pairing.undo", "pair.to-come"),
        ("pairing.name_successor", "person.leaver"),
    ):
        yield "POST", endpoint, thing, ["administrator"], 303
        yield "POST", endpoint, f"{thing.split('.')[0]}.unknown", [], 303


def planning() -> Iterator[Row]:
    """The coach of that employee plans; the employee sees their own days, and asks not to."""
    yield "GET", "planned.month", "", COACHES, 200
    yield "GET", "own_days.show", "", EMPLOYEES, 200
    yield "GET", "planned.employee", "coached.anna", ["coach"], 200
    yield "GET", "planned.employee", "coached.carla", ["other_coach"], 200
    yield "GET", "own_days.calendar", "own-date.annas", ["anna"], 200
    for endpoint in ("planned.employee", "own_days.calendar"):
        yield "GET", endpoint, "coached.unknown", [], 200
    yield "POST", "planned.confirm", "", COACHES, 422  # without a day
    yield "POST", "planned.set_capacity", "", COACHES, 422  # without a number
    yield "POST", "own_days.ask", "", EMPLOYEES, 303
    for endpoint, thing in (
        ("planned.answer", "coached.bob"),
        ("planned.add", "coached.anna"),
        ("planned.move", "date.annas"),
        ("planned.withdraw", "date.annas"),
        ("planned.make_exception", "coached.bob"),
        ("planned.end_exception", "exception.annas"),
    ):
        yield "POST", endpoint, thing, ["coach"], 303
        yield "POST", endpoint, "coached.unknown", [], 303
    yield "POST", "own_days.revoke", "", EMPLOYEES, 303


def sharing() -> Iterator[Row]:
    """The employee answers; who leads or scores in a session, or is in a training, reaches what was given."""
    for word in ("live", "of-fresh", "of-begun", "of-draft"):
        yield "GET", "consents.own", f"call.{word}", ["anna"], 200
    for word in ("sealed", "due", "unknown"):
        yield "GET", "consents.own", f"call.{word}", [], 200
    for endpoint in ("give", "refuse"):
        yield "POST", f"consents.{endpoint}", "call.unknown", [], 303
    yield "GET", "consents.ask_form", "sample.fresh", ["coach"], 200
    yield "GET", "consents.ask_form", "sample.carlas", ["other_coach"], 200
    for word in ("finished", "threat", "unknown"):
        yield "GET", "consents.ask_form", f"sample.{word}", [], 200
    for endpoint in ("ask_training", "ask_calibration"):
        yield "POST", f"consents.{endpoint}", "sample.unknown", [], 303


def sessions_and_trainings() -> Iterator[Row]:
    """Sessions for who leads or scores in them, trainings for who is in them."""
    yield "GET", "calibrations.show_all", "", COACHES, 200
    yield "GET", "calibrations.convene_form", "offer.given", ["coach"], 200
    yield "GET", "trainings.show_all", "", (*EMPLOYEES, *COACHES), 200
    yield "GET", "trainings.new_form", "", COACHES, 200
    yield "GET", "trainings.show", "training.on", ["coach", "bob"], 200
    yield "GET", "trainings.call", "in_training.given", ["coach", "bob"], 200
    yield "POST", "trainings.listen", "heard.given", ["coach", "bob"], 303
    for word in ("given", "asked", "withdrawn"):
        yield "GET", "calibrations.show", f"session.{word}", ["coach"], 200
    yield "POST", "calibrations.listen", "session.given", ["coach"], 303
    for word in ("asked", "withdrawn", "unknown"):
        yield "GET", "trainings.call", f"in_training.{word}", [], 200
        yield "POST", "trainings.listen", f"heard.{word}", [], 303
        yield "POST", "calibrations.listen", f"session.{word}", [], 303
    for word in ("asked", "unknown"):
        yield "POST", "calibrations.save", f"session.{word}", [], 303
        yield "POST", "calibrations.autosave", f"session.{word}", [], 200
    for endpoint in ("show", "compare", "agree", "end"):
        yield "GET" if endpoint == "show" else "POST", f"calibrations.{endpoint}", "session.unknown", [], 200
    for endpoint in ("convene_form", "convene"):
        yield "POST" if endpoint == "convene" else "GET", f"calibrations.{endpoint}", "offer.unknown", [], 200
    yield "GET", "trainings.show", "training.unknown", [], 200
    yield "POST", "trainings.close", "training.unknown", [], 303


def shared_changes() -> Iterator[Row]:
    """What changes something in what is shared."""
    yield "POST", "consents.give", "call.live", ["anna"], 303
    yield "POST", "consents.give", "call.of-begun", ["anna"], 303
    yield "POST", "consents.refuse", "call.of-draft", ["anna"], 303
    yield "POST", "consents.ask_training", "sample.odd", ["coach"], 303
    yield "POST", "consents.ask_calibration", "sample.odd", ["coach"], 303
    yield "POST", "calibrations.convene", "offer.given", ["coach"], 303
    yield "POST", "calibrations.save", "session.given", ["coach"], 303
    yield "POST", "calibrations.autosave", "session.given", ["coach"], 200
    yield "POST", "calibrations.compare", "session.given", ["coach"], 409
    yield "POST", "calibrations.agree", "session.given", ["coach"], 409
    yield "POST", "calibrations.end", "session.given", ["coach"], 303
    yield "POST", "trainings.new", "", COACHES, 422
    yield "POST", "trainings.close", "training.on", ["coach"], 303


def together() -> Iterator[Row]:
    """A joint session is for whoever reported the call and the team lead who joined; nobody is there yet."""
    both = ["anna", "lead"]
    yield "GET", "joint.open_form", "call.threat", ["anna"], 200
    yield "GET", "joint.open_form", "call.of-threat", ["bob"], 200
    for thing in ("call.live", "call.unknown"):
        yield "GET", "joint.open_form", thing, [], 200
        yield "POST", "joint.open_session", thing, [], 303
    yield "GET", "joint.show", "joint.annas", both, 200
    yield "GET", "joint.show", "joint.unknown", [], 200
    for endpoint in ("here", "steer", "mark"):
        yield "POST", f"joint_live.{endpoint}", "joint.annas", both, 422
    yield "POST", "joint_live.listen", "joint.annas", both, 409
    for endpoint in ("here", "steer", "mark", "listen", "leave"):
        yield "POST", f"joint_live.{endpoint}", "joint.unknown", [], 422
    for endpoint in ("join", "beside", "apart", "end"):
        yield "POST", f"joint.{endpoint}", "joint.unknown", [], 303
    yield "POST", "joint.beside", "joint.annas", ["anna"], 422
    yield "POST", "joint_live.leave", "joint.annas", both, 204
    yield "POST", "joint.apart", "joint.annas", both, 303
    yield "POST", "joint.join", "joint.annas", ["lead"], 303
    yield "POST", "joint.open_session", "call.threat", ["anna"], 303
    yield "POST", "joint.open_session", "call.of-threat", ["bob"], 303
    yield "POST", "joint.end", "joint.annas", both, 303


def copies_of_calls() -> Iterator[Row]:
    """The officer for a registered request; the team lead once both decided on a report to the police."""
    yield "GET", "disclosures.show_all", "", ["officer"], 200
    yield "GET", "disclosures.new_form", "", ["officer"], 200
    yield "POST", "disclosures.new", "", ["officer"], 422
    yield "GET", "disclosures.show", "entry.open", ["officer"], 200
    yield "GET", "police_copies.show", "measure.police", ["lead"], 200
    for endpoint in ("save", "listen", "take"):
        yield "POST", f"disclosures.{endpoint}", "entry.unknown", [], 303
    yield "GET", "disclosures.show", "entry.unknown", [], 200
    yield "GET", "disclosures.result", "entry.unknown", [], 200
    yield "GET", "police_copies.show", "measure.unknown", [], 200
    yield "POST", "police_copies.make", "measure.unknown", [], 303
    yield "POST", "police_copies.take", "copy.unknown", [], 200
    yield "POST", "disclosures.save", "entry.open", ["officer"], 303
    yield "POST", "disclosures.listen", "entry.open", ["officer"], 303
    yield "POST", "disclosures.take", "entry.open", ["officer"], 409  # what is covered changed meanwhile
    yield "POST", "police_copies.make", "measure.police", ["lead"], 404  # of a call that is not there
    yield "POST", "police_copies.take", "copy.waits", ["lead"], 200


def cases() -> Iterator[Row]:
    """A case about anna that two have signed: its deciders, its listener (the manager), the officer."""
    deciders = ["lead", "manager"]
    yield "GET", "cases.show_all", "", ["lead", "other_lead", "manager", "officer"], 200
    yield "GET", "cases.counts", "", ["manager", "officer", "council"], 200
    yield "GET", "case_own.show", "", EMPLOYEES, 200
    yield "GET", "case_signing.new_form", "", ["lead", "other_lead", "manager"], 200
    yield "GET", "cases.show", "case.open", [*deciders, "officer"], 200
    yield "GET", "cases.call", "in_case.open", ["manager"], 200
    yield "POST", "cases.listen", "case_call.open", ["manager"], 303
    for endpoint in ("more", "end"):
        yield "GET", f"case_signing.{endpoint}_form", "case.open", deciders, 200
        yield "POST", f"case_signing.{endpoint}", "case.open", deciders, 422
        yield "GET", f"case_signing.{endpoint}_form", "case.unknown", [], 200
        yield "POST", f"case_signing.{endpoint}", "case.unknown", [], 303
    yield "POST", "case_signing.new", "", ["lead", "other_lead", "manager"], 422
    yield "POST", "case_signing.sign", "case.open", deciders, 409
    yield "POST", "case_signing.withdraw", "case.open", deciders, 409
    yield "GET", "cases.show", "case.unknown", [], 200
    yield "GET", "cases.call", "in_case.unknown", [], 200
    for endpoint in ("sign", "withdraw", "suspend", "resume"):
        yield "POST", f"case_signing.{endpoint}", "case.unknown", [], 303
    yield "POST", "cases.listen", "case_call.unknown", [], 303
    yield "POST", "case_signing.suspend", "case.open", ["officer"], 303
    yield "POST", "case_signing.resume", "case.open", ["officer"], 303


ROWS = [
    *cases(),
    *calls(),
    *samples(),
    *reports(),
    *opinions(),
    *closed_opinions(),
    *draws(),
    *leases(),
    *pages(),
    *developments(),
    *summing(),
    *people(),
    *planning(),
    *sharing(),
    *sessions_and_trainings(),
    *shared_changes(),
    *together(),
    *copies_of_calls(),
    *changes(),
]
SENT: dict[str, dict[str, Any]] = {
    "summaries.begin": {"since": "2026-01-01", "until": "2026-11-16"},
    "summaries.save": {"revision": "0", "text": "Anna luistert goed."},
    "summaries.pass_on": {"revision": "0", "view": ""},
    "disclosures.save": {"revision": "1", "begins-0": "0:01", "ends-0": "0:02", "manner": "bleep"},
    "disclosures.take": {"revision": "1", "form": "wav"},
    "police_copies.make": {"call": UNKNOWN, "why": "Aangifte"},
    "consents.give": {"purpose": "calibration"},
    "consents.refuse": {"purpose": "calibration"},
    "calibrations.save": {"revision": "0", "answer-3": "yes"},
    "calibrations.agree": {"item": "5", "nl": "Twee open vragen."},
    "changing.begin": {"function": "works_council", "begins": "2026-11-20"},
    "changing.change": {"function": "works_council", "begins": "2026-11-20"},
    "changing.end": {"ends": "2026-11-20"},
    "pairing.end": {"day": "2026-11-20"},
    "planned.answer": {"agree": "yes"},
    "planned.add": {"day": "2026-12-14", "calls": "1"},
    "planned.move": {"day": "2026-12-11"},
    "planned.make_exception": {
        "reason": "new_subject",
        "explanation": "Nieuwe regeling.",
        "number": "5",
        "begins": "2026-12-01",
        "last": "2026-12-31",
    },
    "threat.report": {"kind": "verbal", "account": "Hij schold mij uit."},
    "drafting.discard": {"revision": "1"},
    "drafting.arrange": {"revision": "1", "what": "24", "how": "up"},
    "criteria.propose": {"revision": "1", "starts_on": "2026-12-24"},
    "criteria.confirm": {"revision": "1"},
    "criteria.take_back": {"revision": "1"},
    "conversation.propose": {
        "option-1": "2026-11-20",
        "time-1": "10:00",
        "minutes": "45",
        "where": "Kamer 2.14",
    },
    "conversation.answer": {"moment": "another", "wish": "Liever later."},
    "conversation.save_view": {"revision": "1", "view": "Het viel mee."},
    "conversation.save_text": {"revision": "0", "conclusions": "Anders."},
    "scoring.save": {"revision": "0", "answer-3": "yes"},
    "scoring.finish": {"revision": "1"},
    "scoring.reject": {"reason": "private"},
    "draws.phrase": {"phrase": "vier rode stoelen"},
    "opinions.ask": {"why": "Was dit gelijk?"},
    "opinions.conclude": {"revision": "0", "conclusion": " "},
    "opinions.confirm": {"revision": "0"},
    "giving.save": {"revision": "0", "answer-3": "no"},
    "giving.finish": {"revision": "1"},
    "lines.add": {
        "code": "second",
        "name": "Second",
        "kind": "recorded",
        "welcome_text_since": "2026-11-01",
        "reason": "It was decided.",
    },
    "lines.change": {
        "revision": "1",
        "name": "First",
        "kind": "recorded",
        "welcome_text_since": "2024-01-01",
        "reason": "It was decided.",
    },
    "access.explain": {"number": "anna", "action": "recording:list"},
    "audit.find": {"kind": "heard"},
    "audit.take": {"kind": "heard", "form": "csv"},
    "audit.prove": {"line": "1"},
    "audit.settle": {"remark": "Zij leerde een nieuwe collega in."},
    "status.confirm_clock": {"reason": "the station's clock"},
}
OF_OPINIONS = (
    *(f"giving.{name}" for name in ("sheet", "take", "save", "autosave", "listen", "finish_form", "finish")),
    *(f"opinions.{name}" for name in ("withdraw", "compare", "conclude", "confirm_form", "confirm")),
)
OF_THREATS = ("show", "withdraw", "propose", "confirm", "drop", "close", "extend", "review", "settle")
HEAVY = ("cases.", "case_signing.", "joint.", "joint_live.", "disclosures.", "police_copies.")
"""The pages of threats and weighty reasons, but for those that are about no one thing."""
LEASED = {
    f"recordings.{name}"
    for name in ("addresses", "sound", "state", "waveform", "conversation", "progress", "close")
}
HARMLESS = {"recordings.close", "people.sign_out"}


def put_forward(stores: Stores, by: Actor) -> None:
    """A coach puts a version forward with another norm."""
    with stores.database.write() as session:
        editing.begin(session, by)
        editing.change_norm(session, by, rules.stamp(quality_plan.annex().norm), Norm((3,)))
        publishing.propose(session, by, 1, clock.today() + timedelta(days=30), 7)


def a_case(world: World) -> dict[str, str]:
    """A case about anna's living call, of which she is not told yet."""
    with world.stores.database.read() as session:
        call_id = session.get_one(Recording, world.ids["call.live"]).call_id
    later = investigating.later()
    found = investigating.open_case(world.stores, world.centre, calls=(call_id,), **later)
    (call,) = investigating.calls(world.stores, found)
    return {"case.open": found, "case_call.open": call.id, "in_case.open": f"{found}/{call.id}"}


class Matrix:
    """Everybody's open browser on one world."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world
        self.browsers = {name: Client(app, world.stores) for name in EVERYBODY}
        for name in PEOPLE:
            self.browsers[name].sign_in(getattr(world.centre, name))
        with world.stores.database.write() as session:
            token = tokens.create(session, system("test"), "exchange")
            other = tokens.create(session, system("test"), "idp", tokens.Kind.SCIM)
        self.bearers = {"recorder": f"Bearer {token}", "provisioner": f"Bearer {other}"}
        auditing.checkpoint(world.stores)
        event = WatchEvent(kind="calls", actor_id=world.centre.coach, count=12, noticed_at=clock.now())
        event.since = event.until = clock.now()
        with world.stores.database.write() as session:
            session.add(event)
        world.ids |= {"checkpoint.first": "1", "watch.noticed": event.id}
        world.ids["line.main"] = "main"
        world.ids["scim.users"] = "Users"
        world.ids |= staff(world.stores, world.centre)
        world.ids |= copies(world.stores, world.centre, world.ids)
        world.ids |= summaries(world.stores, world.centre)
        world.ids |= a_case(world)
        world.ids |= {"version.first": "1", "item.third": "3", "phase.closing": "closing", "phase.new": "new"}
        put_forward(world.stores, world.centre.actor(world.ids["person.leaver"]))
        world.ids |= plan(world.stores, world.centre)
        coach = {"coach": world.centre.coach, "successor": world.centre.coach, "day": "2026-11-20"}
        scorers = {"scorers": [world.centre.coach, world.centre.other_coach], "ends": "2026-11-20"}
        self.sent = SENT | {"pairing.assign": coach, "pairing.name_successor": coach}
        self.sent |= {"consents.ask_calibration": scorers, "calibrations.convene": scorers}
        self.sent["disclosures.new"] = {"call": world.ids["call.live"]}  # what for, nobody says
        self.sent["consents.ask_training"] = {"training_id": world.ids["training.on"]}
        with world.stores.database.write() as session:
            secret = sessions.begin(session, world.centre.anna)
            world.ids["session.annas"] = str(sessions.id_of(session, sessions.digest(secret)))
        world.ids["lease.annas"] = self._lease("anna", "/calls", "call.live")
        world.ids["lease.coachs"] = self._lease("coach", "/samples", "sample.fresh")
        self.form_tokens = {name: browser.token() for name, browser in self.browsers.items()}

    def _lease(self, name: str, under: str, thing: str) -> str:
        url = f"{under}/{self.world.ids[thing]}/listen"
        answer = self.browsers[name].post(url, headers={"Accept": "application/json"})
        found = re.fullmatch(r"/listening/([0-9a-f]{32})/addresses", answer.headers["Location"])
        assert found
        return found.group(1)

    def address(self, endpoint: str, thing: str) -> str:
        """The address of a route about a thing."""
        with self.app.test_request_context():
            if endpoint == "assets":
                return asset("kcc.css")
            (rule,) = self.app.url_map.iter_rules(endpoint)
            value = UNKNOWN if thing.endswith("unknown") else self.world.ids.get(thing, "call-1")
            names = re.findall(r"<(?:[^:<>]*:)?(\w+)>", rule.rule)
            parts = value.split("/") if len(names) > 1 and value.count("/") else [value] * len(names)
            return self.app.url_map.bind("").build(endpoint, dict(zip(names, parts, strict=True)))

    def make_room(self, endpoint: str) -> None:
        """Let the time pass after which one more export is allowed: six a minute are fewer than the rows."""
        if getattr(self.app.view_functions[endpoint], "kcc_action", None) in pace.EXPORTS:
            self.world.now.move(timedelta(seconds=10))

    def ask(self, name: str, method: str, endpoint: str, thing: str) -> TestResponse:
        """What somebody is answered."""
        headers = {"X-CSRFToken": self.form_tokens[name]}
        if name in self.bearers:
            headers["Authorization"] = self.bearers[name]
        sent: dict[str, Any] = {"data": self.sent.get(endpoint, b"x") if method != "GET" else None}
        if endpoint.endswith(".autosave"):
            sent = {"json": {"revision": 1, "changes": {"answer-4": "no"}}}
        address = self.address(endpoint, thing)
        return self.browsers[name].flask.open(address, method=method, headers=headers, buffered=True, **sent)


@pytest.fixture
def settings(settings: config.Settings) -> config.Settings:
    """Whoever shows no token at the machines' doors comes there more often than a minute allows."""
    patient = settings.server.model_copy(update={"strangers_per_minute": 10_000})
    return settings.model_copy(update={"server": patient})


@pytest.fixture
def world(stores: Stores, centre: Centre, now: Frozen) -> World:
    return worlds.build(stores, centre, now)


@pytest.fixture
def matrix(app: Flask, world: World) -> Matrix:
    return Matrix(app, world)


def refused_as(name: str, method: str, endpoint: str) -> int:
    """How an act that somebody may not do is answered: as if it did not exist, or by asking to sign in."""
    if endpoint.startswith(("recordings_api.p", "scim.")) or (endpoint in LEASED and name not in PEOPLE):
        return 401  # for machines and players, which follow no way to a page
    if endpoint == "people.sign_in":
        return 302
    if name in PEOPLE:
        return 404
    return 302 if method == "GET" else 401


def test_every_route_stands_in_the_table(app: Flask) -> None:
    """And each with a thing in every relation that it can have; a new one is thought about here first."""
    known = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(method, endpoint) for method, endpoint, *_ in ROWS} == known
    for rule in app.url_map.iter_rules():
        things = {thing for _, endpoint, thing, *_ in ROWS if endpoint == rule.endpoint}
        if any(argument.endswith("_id") for argument in rule.arguments - {"call_id"}):
            assert any(thing.endswith(".unknown") for thing in things), rule


@pytest.mark.in_part("postgresql")
@pytest.mark.rule("ACC-1", "ACC-2", "ACC-3", "ACC-4", "ACC-6", "REP-4", "REP-9", "SAM-6", "RET-7")
def test_everybody_is_answered_as_was_promised(matrix: Matrix) -> None:
    """First all who may not, which changes nothing; then those who may."""
    wrong = []
    for method, endpoint, thing, who, status in ROWS:
        matrix.make_room(endpoint)
        before = None if method == "GET" or endpoint in HARMLESS else kept(matrix.world.stores)
        for name in sorted(EVERYBODY, key=lambda name: name in who):
            if name in who and before is not None:
                if (after := kept(matrix.world.stores)) != before:
                    wrong.append(
                        f"{method} {endpoint} {thing} by the others changed {differing(before, after)}"
                    )
                before = None
            answer = matrix.ask(name, method, endpoint, thing)
            expected = status if name in who else refused_as(name, method, endpoint)
            if answer.status_code != expected:
                wrong.append(f"{name} {method} {endpoint} {thing}: {answer.status_code}, not {expected}")
            elif expected == 302 and name not in PEOPLE:
                assert answer.headers["Location"].startswith("/signin"), (name, endpoint)
        if before is not None and kept(matrix.world.stores) != before:
            wrong.append(f"{method} {endpoint} {thing} by people who may not changed something")
    assert wrong == []


def kept(stores: Stores) -> dict[str, object]:
    """All that is kept, but the refusals that were written down and when a session was used."""
    found = everything(stores)
    passing = ("audit_line", "signin_session", "signin_throttle", "budget")
    return {name: found[name] for name in found if name not in passing}


def differing(before: dict[str, object], after: dict[str, object]) -> list[str]:
    return [name for name in before if before[name] != after[name]]


def bare(answer: TestResponse) -> tuple[int, dict[str, str], str]:
    """An answer without the token that is new each time, and without the address that was asked for."""
    text = re.sub(r'(name="csrf[-_]token" (?:content|value)=)"[^"]*"', r"\1", answer.text)
    text = re.sub(r'name="next" value="[^"]*"', "", text)
    return (
        answer.status_code,
        {name: v for name, v in answer.headers.items() if name != "Content-Length"},
        text,
    )


@pytest.mark.rule("ACC-1")
@pytest.mark.in_part("postgresql")
def test_what_is_forbidden_looks_like_what_is_not_there(matrix: Matrix) -> None:
    """Byte for byte, headers too, as a page and for a program: nobody learns that something exists."""
    things = {
        "recordings.my_call": "call",
        "recordings.listen": "call",
        "threat.report_form": "call",
        "threat.report": "call",
        "threat.review": "call",
        "scoring.sample": "sample",
        "scoring.finish_form": "sample",
        "scoring.reject_form": "sample",
        "scoring.save": "sample",
        "scoring.autosave": "sample",
        "scoring.finish": "sample",
        "scoring.reject": "sample",
        "scoring.listen": "sample",
        "coaching.report": "report",
        "draws.show": "proof",
        "draws.proof": "proof",
        "planned.employee": "coached",
        "planned.add": "coached",
        "planned.move": "date",
        "planned.withdraw": "date",
        "planned.answer": "coached",
        "planned.make_exception": "coached",
        "planned.end_exception": "exception",
        "own_days.calendar": "date",
        "opinions.ask_form": "report",
        "opinions.ask": "report",
        **dict.fromkeys(OF_OPINIONS, "opinion"),
        **dict.fromkeys((f"deciding.{name}" for name in OF_THREATS), "incident"),
    }
    assert matrix.ask("bob", "POST", "deciding.withdraw", "incident.bobs").status_code == 303
    asked = ("anna", "carla", "coach", "other_coach", "lead", "other_lead", "manager", "officer", "council")
    for name in (*asked, "administrator"):
        for accept in ("text/html", "application/json"):
            matrix.browsers[name].flask.environ_base["HTTP_ACCEPT"] = accept
            nothing = bare(matrix.browsers[name].get("/no-such-page"))
            for method, endpoint, thing, who, _ in ROWS:
                # An export is counted before anybody is asked for a right: the rows ask it.
                heavy = bool(thing) and endpoint.startswith(HEAVY) and not endpoint.endswith(".take")
                if (endpoint in things or heavy) and name not in who:
                    assert bare(matrix.ask(name, method, endpoint, thing)) == nothing, (name, endpoint, thing)
            for address in ("/status", "/lines", "/team", "/samples", "/calls", "/reports"):
                answer = matrix.browsers[name].get(address)
                assert answer.status_code == 200 or bare(answer) == nothing, (name, address)


def listed(browser: Client, address: str, kind: str) -> set[str]:
    """The ids that a list links to, on all its pages."""
    found: set[str] = set()
    following: str | None = address
    while following:
        page = browser.get(following).text
        found |= set(re.findall(rf'href="/{kind}/([0-9a-f]{{32}})"', page))
        older = re.search(r'href="(/\w+\?[^"]*before=[^"]+)"', page)
        following = older.group(1).replace("&amp;", "&") if older else None
    return found


def opened(browser: Client, kind: str, ids: Iterable[str]) -> set[str]:
    """The ids whose page opens."""
    return {id_ for id_ in ids if browser.get(f"/{kind}/{id_}").status_code == 200}


def lists_agree(matrix: Matrix) -> dict[str, tuple[int, int, int]]:
    """Hold everybody's lists against all doors; how many calls, samples and reports each reaches."""
    world, reached = matrix.world, {}
    things = {"calls": world.recordings(), "samples": world.samples(), "reports": world.reports()}
    for name in PEOPLE:
        browser, counted = matrix.browsers[name], []
        for kind, ids in things.items():
            doors = opened(browser, kind, ids)
            assert listed(browser, f"/{kind}", kind) == doors, (name, kind)
            counted.append(len(doors))
        reached[name] = (counted[0], counted[1], counted[2])
    return reached


def only(**reached: tuple[int, int, int]) -> dict[str, tuple[int, int, int]]:
    """What these people reach, and everybody else nothing."""
    return dict.fromkeys(PEOPLE, (0, 0, 0)) | reached


@pytest.mark.rule("ACC-2", "ACC-3", "ACC-6", "REP-4", "REP-9", "SAM-7", "RET-7")
@pytest.mark.in_part("postgresql")
def test_lists_show_what_doors_open_and_nothing_else(matrix: Matrix, now: Frozen) -> None:
    """Today, when the deadline has come though no job ran, and when all is erased."""
    coaches = {"coach": (0, 5, 1), "other_coach": (0, 4, 0)}
    assert lists_agree(matrix) == only(anna=(8, 0, 1), bob=(5, 0, 0), carla=(4, 0, 0), **coaches)

    now.move(timedelta(days=28))
    everybody_again(matrix)
    # What was flagged is kept for its employee; drafts outlive their sound, finished reports stay.
    drafts = {"coach": (0, 3, 1), "other_coach": (0, 1, 0)}
    assert lists_agree(matrix) == only(anna=(1, 0, 1), bob=(1, 0, 0), **drafts)

    erasure.erase_due(matrix.world.stores, system("erase"))
    assert lists_agree(matrix) == only(anna=(1, 0, 1), bob=(1, 0, 0), **drafts)
    assert len(matrix.world.recordings()) == 2


@pytest.mark.rule("ACC-1", "ACC-2", "REP-4", "REP-6")
def test_lists_and_doors_follow_the_relations(matrix: Matrix, stores: Stores, centre: Centre) -> None:
    """Another coach from today: the old one reaches nothing of anna, the new one no foreign report."""
    with stores.database.write() as session:
        session.execute(
            update(CoachAssignment)
            .where(CoachAssignment.employee_id == centre.anna)
            .values(ends=clock.today())
        )
        row = {"id": new_id(), "employee_id": centre.anna, "begins": clock.today()}
        session.execute(insert(CoachAssignment), [row | {"coach_id": centre.other_coach}])
    reached = lists_agree(matrix)
    assert reached["coach"] == (0, 2, 0), "bob's drafts alone"
    assert reached["other_coach"] == (0, 7, 0), "carla's four, and of anna's what is not finished"
    assert reached["anna"] == (8, 0, 1)


@pytest.mark.rule("ACC-1", "ACC-2")
def test_somebody_who_changes_function_is_another_actor(
    matrix: Matrix, stores: Stores, centre: Centre
) -> None:
    """The coach becomes a department manager: the open browser is signed out, and a new session reaches
    nothing of before.
    """
    with stores.database.write() as session:
        session.execute(
            update(FunctionPeriod)
            .where(FunctionPeriod.person_id == centre.coach)
            .values(function="department_manager")
        )
    assert matrix.ask("coach", "GET", "scoring.sample", "sample.fresh").status_code == 302
    assert matrix.ask("coach", "GET", "recordings.sound", "lease.coachs").status_code in (401, 404, 410)
    matrix.browsers["coach"].sign_in(centre.coach)
    assert lists_agree(matrix)["coach"] == (0, 0, 0)
    for thing in ("sample.fresh", "sample.draft"):
        assert matrix.ask("coach", "GET", "scoring.sample", thing).status_code == 404
    assert matrix.ask("coach", "GET", "coaching.report", "report.finished").status_code == 404
    assert matrix.ask("coach", "GET", "recordings.sound", "lease.coachs").status_code in (404, 410)


@pytest.mark.rule("SAM-6", "THR-3")
@pytest.mark.in_part("postgresql")
def test_a_call_flagged_after_the_draw_leaves_lists_and_doors_at_once(matrix: Matrix, stores: Stores) -> None:
    """Also the draft about it, before any job has run; what was finished stays."""
    before = lists_agree(matrix)["coach"]
    for thing in ("call.of-fresh", "call.of-draft", "call.of-finished"):
        assert matrix.ask("anna", "POST", "threat.report", thing).status_code == 303
    assert lists_agree(matrix)["coach"] == (before[0], before[1] - 2, before[2])
    assert matrix.ask("coach", "GET", "coaching.report", "report.finished").status_code == 200
    with stores.database.read() as session:
        assert session.scalar(select(Report.id).where(Report.id == matrix.world.ids["report.finished"]))


def everybody_again(matrix: Matrix) -> None:
    """Sign everybody in anew: their sessions are long over."""
    for name in PEOPLE:
        matrix.browsers[name].sign_in(getattr(matrix.world.centre, name))
