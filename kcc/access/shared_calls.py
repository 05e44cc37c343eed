"""Who may hear a call with its employee's consent, in a calibration session or in a training, and who gives
that consent (CAL-1, CAL-2, CAL-3): grants that the policy takes up.
"""

from kcc.access.actions import Action as A
from kcc.access.actor import Actor
from kcc.access.actor import Function as F
from kcc.access.demands import AUDIBLE, DRAWN, NO_THREAT, OWN_CALL
from kcc.access.facts import (
    CalibrationFacts,
    Consent,
    Facts,
    OfferFacts,
    TrainingCallFacts,
    TrainingFacts,
)
from kcc.access.grants import Demand, Grant
from kcc.access.purposes import Purpose as P
from kcc.errors import N_


def _given(_: Actor, facts: Facts) -> bool:
    shared = isinstance(facts, OfferFacts | CalibrationFacts | TrainingCallFacts)
    return shared and facts.consent is Consent.GIVEN  # type: ignore[union-attr] # these three have one


def _offered_to_me(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, OfferFacts)
        and actor.person_id in facts.coach_ids
        and facts.recording.owner_id != actor.person_id
    )


def _in_session(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, CalibrationFacts)
        and actor.person_id in facts.scorer_ids | {facts.facilitator_id}
        and facts.recording.owner_id != actor.person_id
    )


def _session_on(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, CalibrationFacts) and facts.going_on


def _scores(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, CalibrationFacts) and actor.person_id in facts.scorer_ids


def _blind(actor: Actor, facts: Facts) -> bool:
    return (
        isinstance(facts, CalibrationFacts)
        and not facts.compared
        and actor.person_id not in facts.finished_ids
    )


def _leads_session(actor: Actor, facts: Facts) -> bool:
    return isinstance(facts, CalibrationFacts) and facts.facilitator_id == actor.person_id


def _training(facts: Facts) -> TrainingFacts | None:
    if isinstance(facts, TrainingCallFacts):
        return facts.training
    return facts if isinstance(facts, TrainingFacts) else None


def _in_training(actor: Actor, facts: Facts) -> bool:
    training = _training(facts)
    return training is not None and actor.person_id in training.participant_ids | {training.trainer_id}


def _for_employees(_: Actor, facts: Facts) -> bool:
    training = _training(facts)
    return training is not None and not training.coaches_only


def _training_lasts(_: Actor, facts: Facts) -> bool:
    training = _training(facts)
    return training is not None and training.lasts


def _training_begun(_: Actor, facts: Facts) -> bool:
    training = _training(facts)
    return training is not None and training.begun


def _leads_training(actor: Actor, facts: Facts) -> bool:
    training = _training(facts)
    return training is not None and training.trainer_id == actor.person_id


GIVEN = Demand("CAL-1", N_("the employee consents to this use, and has not withdrawn it"), _given)
OFFERED = Demand("ACC-2", N_("somebody else, whom you coach now, offers the call"), _offered_to_me)
IN_SESSION = Demand("CAL-3", N_("you take part in the session, and the call is not yours"), _in_session)
SESSION_ON = Demand("CAL-3", N_("the session is going on"), _session_on)
SCORES = Demand("CAL-3", N_("you are one of those who score the call"), _scores)
BLIND = Demand("CAL-3", N_("you have not finished, and the sheets are not compared yet"), _blind)
LEADS_SESSION = Demand("CAL-3", N_("you lead the session"), _leads_session)
IN_TRAINING = Demand("CAL-2", N_("you are in the training, or its trainer"), _in_training)
FOR_EMPLOYEES = Demand("CAL-2", N_("it is a training in customer-contact skills"), _for_employees)
TRAINING_LASTS = Demand("CAL-2", N_("the training is not over"), _training_lasts)
TRAINING_BEGUN = Demand("CAL-2", N_("the training has begun"), _training_begun)
LEADS_TRAINING = Demand("CAL-2", N_("you are its trainer"), _leads_training)

_DRAWN = N_("it was drawn for an employee you coach")
_PROFILE = N_("it belongs to your function")
_YOURS_TO_SHARE = N_("it is about the use of your own call")
_SESSION = N_("you take part in this calibration session")
_TRAINING = N_("you take part in this training")
_OFFERED = N_("an employee you coach offers it")
_IN_SESSION = (IN_SESSION, SESSION_ON, NO_THREAT, AUDIBLE)
_HEARD_IN_SESSION = (*_IN_SESSION, GIVEN)
_HEARD_IN_TRAINING = (TRAINING_LASTS, TRAINING_BEGUN, GIVEN, NO_THREAT, AUDIBLE)

GRANTS: tuple[Grant, ...] = (
    Grant(F.EMPLOYEE, A.CONSENT_GIVE, _YOURS_TO_SHARE, (OWN_CALL, AUDIBLE, NO_THREAT)),
    Grant(F.EMPLOYEE, A.CONSENT_WITHDRAW, _YOURS_TO_SHARE, (OWN_CALL, AUDIBLE)),
    Grant(F.COACH, A.CONSENT_ASK, _DRAWN, (DRAWN, NO_THREAT, AUDIBLE)),
    Grant(F.COACH, A.CALIBRATION_LIST, _SESSION),
    Grant(F.COACH, A.CALIBRATION_CONVENE, _OFFERED, (OFFERED, GIVEN, NO_THREAT, AUDIBLE)),
    Grant(F.COACH, A.CALIBRATION_READ, _SESSION, _IN_SESSION),
    Grant(F.COACH, A.CALIBRATION_PLAY, _SESSION, _HEARD_IN_SESSION, (P.CALIBRATION,)),
    Grant(F.COACH, A.CALIBRATION_SCORE, _SESSION, (*_HEARD_IN_SESSION, SCORES, BLIND)),
    Grant(F.COACH, A.CALIBRATION_LEAD, _SESSION, (*_IN_SESSION, LEADS_SESSION)),
    *(
        Grant(function, action, _TRAINING, demands, purposes)
        for function, more in ((F.EMPLOYEE, (FOR_EMPLOYEES,)), (F.COACH, ()))
        for action, demands, purposes in (
            (A.TRAINING_LIST, (), ()),
            (A.TRAINING_READ, (IN_TRAINING, *more, TRAINING_LASTS), ()),
            (A.TRAINING_PLAY, (IN_TRAINING, *more, *_HEARD_IN_TRAINING), (P.TRAINING,)),
        )
    ),
    Grant(F.COACH, A.TRAINING_PLAN, _PROFILE),
    Grant(F.COACH, A.TRAINING_LEAD, _TRAINING, (LEADS_TRAINING, TRAINING_LASTS)),
)
