"""Who makes covered copies of calls for callers and for disclosure (SUB-2, GOV-3): the data protection
officer, for a registered request, and nobody else; grants that the policy takes up.
"""

from kcc.access.actions import Action as A
from kcc.access.actor import Actor
from kcc.access.actor import Function as F
from kcc.access.demands import AUDIBLE
from kcc.access.facts import DisclosureFacts, Facts, RecordingFacts
from kcc.access.grants import Demand, Grant
from kcc.access.purposes import Purpose as P
from kcc.errors import N_


def _of_somebody_else(actor: Actor, facts: Facts) -> bool:
    recording = facts.recording if isinstance(facts, DisclosureFacts) else facts
    return isinstance(recording, RecordingFacts) and recording.owner_id != actor.person_id


def _runs(_: Actor, facts: Facts) -> bool:
    return isinstance(facts, DisclosureFacts) and facts.running


SOMEBODY_ELSES = Demand("ACC-1", N_("the call is not one of your own"), _of_somebody_else)
RUNS = Demand("SUB-1", N_("a request for it is registered, and its time has not passed"), _runs)
_REQUEST = N_("a registered request asks for it")
_PROFILE = N_("it belongs to your function")
_PURPOSES = (P.CALLER_REQUEST, P.DISCLOSURE)

GRANTS: tuple[Grant, ...] = (
    Grant(F.DATA_PROTECTION_OFFICER, A.DISCLOSURE_LIST, _PROFILE),
    Grant(F.DATA_PROTECTION_OFFICER, A.DISCLOSURE_REGISTER, _PROFILE, (SOMEBODY_ELSES, AUDIBLE)),
    Grant(F.DATA_PROTECTION_OFFICER, A.DISCLOSURE_MARK, _REQUEST, (SOMEBODY_ELSES, RUNS, AUDIBLE)),
    *(
        Grant(F.DATA_PROTECTION_OFFICER, action, _REQUEST, (SOMEBODY_ELSES, RUNS, AUDIBLE), _PURPOSES)
        for action in (A.DISCLOSURE_PLAY, A.DISCLOSURE_TAKE)
    ),
)
