"""What followed a threat in the demo centre, a case of weighty reasons about a colleague, and a request for a
covered copy; the threat itself is reported in story.
"""

from datetime import timedelta

from kcc import clock
from kcc.access.actor import Actor
from kcc.coaching import queries as coaching
from kcc.demo import words
from kcc.investigation import decisions
from kcc.investigation.decisions import Plan as CasePlan
from kcc.recordings.redaction import entries
from kcc.stores import Stores
from kcc.threat import measures
from kcc.threat.measures import Plan


def decide(stores: Stores, employee: Actor, lead: Actor, incident_id: str) -> None:
    """Both agree to a talk with the caller, which runs; the team lead's second proposal waits."""
    with stores.database.write() as session:
        due = clock.today() + timedelta(days=7)
        talk = Plan("talk", lead.person_id, due, words.TALK)
        agreed = measures.propose(stores, session, employee, incident_id, talk)
        measures.confirm(session, lead, agreed.id)
        care = Plan("aftercare", lead.person_id, due, words.AFTERCARE)
        measures.propose(stores, session, lead, incident_id, care)


def suspect(stores: Stores, lead: Actor, manager: Actor, employee_id: str) -> None:
    """A case about an employee, which the manager signs; its subject is told at once."""
    today = clock.today()
    with stores.database.write() as session:
        plan = CasePlan(
            employee_id=employee_id,
            ground="fraud",
            ground_words="",
            indications=words.INDICATIONS,
            calls=(),
            since=today - timedelta(days=20),
            until=today,
            listener_id=manager.person_id,
            last_day=today + timedelta(days=10),
            tell_on=None,
            why_not_yet="",
        )
        case = decisions.propose(stores, session, lead, plan)
        decisions.sign(stores, session, manager, case.id, coaching.monitored)


def register(stores: Stores, officer: Actor, recording_id: str) -> None:
    """Somebody asks for a copy under the open-government act; nothing is covered in it yet."""
    with stores.database.write() as session:
        entries.register(stores, session, officer, recording_id, "disclosure", words.REQUEST)
