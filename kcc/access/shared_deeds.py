"""How the audit's lines about calibration sessions and trainings read; all others stand in deeds."""

from collections.abc import Mapping

from kcc.access.actions import Action
from kcc.errors import N_

DEEDS: Mapping[Action, str] = {
    Action.CALIBRATION_LIST: N_("Opened the list of their calibration sessions"),
    Action.CALIBRATION_CONVENE: N_("Called a calibration session about an offered call"),
    Action.CALIBRATION_READ: N_("Opened a calibration session"),
    Action.CALIBRATION_PLAY: N_("Opened a call to hear it in a calibration session"),
    Action.CALIBRATION_SCORE: N_("Scored a call in a calibration session"),
    Action.CALIBRATION_LEAD: N_("Led a calibration session"),
    Action.TRAINING_LIST: N_("Opened the list of their trainings"),
    Action.TRAINING_READ: N_("Opened a training"),
    Action.TRAINING_PLAY: N_("Opened a call to hear it in a training"),
    Action.TRAINING_PLAN: N_("Set up a training"),
    Action.TRAINING_LEAD: N_("Closed a training"),
}
