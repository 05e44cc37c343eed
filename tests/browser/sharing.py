"""Sessions, trainings and offers in the centre whose pages are looked at: one scored, one compared."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Function
from kcc.coaching.calibration import convening, interpretations, scoring
from kcc.coaching.consents import answering, asking
from kcc.coaching.model import SampledCall
from kcc.coaching.training import holding
from kcc.people.model import FunctionPeriod, Person
from kcc.recordings.model import Recording
from kcc.stores import Stores
from tests.centre import BEGAN, Centre

YES = {f"answer-{number}": "yes" for number in range(3, 24)} | {"answer-15": "na"}
LONG = "Doorvragen bij arbeidsongeschiktheidsverzekeringsadministratiekwesties"


def share(stores: Stores, session: Session, centre: Centre, ids: dict[str, str], text: str) -> dict[str, str]:
    """Do it all through the verbs; gives the ids of pages by the names in pages.py."""
    coach, anna = centre.actor(centre.coach), centre.actor(centre.anna)
    other, last = centre.actor(centre.other_coach), clock.today() + timedelta(days=10)
    third = _hire(session)
    calls = {name: session.get_one(SampledCall, ids[name]).recording_id for name in ("fresh", "whole")}
    scorers = [centre.other_coach, third]
    held = convening.ask(session, coach, ids["fresh"], scorers, last).id
    answering.give(session, anna, calls["fresh"], "calibration")
    scoring.save(session, stores.keys, other, held, 0, {"answer-3": "yes", "remark-5": text})
    compared = convening.ask(session, coach, ids["whole"], [centre.coach, centre.other_coach], last).id
    answering.give(session, anna, calls["whole"], "calibration")
    for who, said in ((coach, {"answer-5": "no", "remark-5": text}), (other, {"answer-18": "no"})):
        scoring.save(session, stores.keys, who, compared, 0, YES | said)
        scoring.finish(session, stores.keys, who, compared, 1)
    interpretations.agree(session, coach, compared, 5, ("Twee open vragen.", "Two open questions."))
    wanted = holding.Plan(LONG, "customer_contact", clock.today(), last, [centre.bob, third])
    training = holding.plan(session, coach, wanted).id
    heard = asking.ask_for_training(session, coach, ids["whole"], training)
    answering.give(session, anna, calls["whole"], "training")
    asking.ask_for_training(session, coach, ids["fresh"], training)
    offer = answering.give(session, anna, ids["call"], "calibration").id
    bobs = session.scalars(select(Recording.id).where(Recording.employee_id == centre.bob)).first()
    found = {"scoring": held, "compared": compared, "training": training, "heard": heard, "offer": offer}
    return found | {"shared": calls["fresh"], "bobs": str(bobs)}


def _hire(session: Session) -> str:
    third = Person(number="third", name="Third Jansen", language="nl")
    session.add(third)
    session.flush()
    session.add(FunctionPeriod(person_id=third.id, function=Function.COACH, begins=BEGAN))
    session.flush()
    return third.id
