"""The purposes for which a recording may be used (PUR-1); nothing else is one."""

from enum import StrEnum

from kcc.errors import N_


class Purpose(StrEnum):
    """One purpose of PUR-1, the employee's own right (RGT-1), or a legal duty (SUB-1, GOV-3)."""

    INSPECTION = "inspection"
    COACHING = "coaching"
    MONITORING = "monitoring"
    SECOND_OPINION = "second_opinion"
    TRAINING = "training"
    CALIBRATION = "calibration"
    THREAT = "threat"
    WEIGHTY_REASONS = "weighty_reasons"
    CALLER_REQUEST = "caller_request"
    DISCLOSURE = "disclosure"


SENTENCES = {
    Purpose.INSPECTION: N_("hearing your own call"),
    Purpose.COACHING: N_("coaching and development"),
    Purpose.MONITORING: N_("monitoring call quality"),
    Purpose.SECOND_OPINION: N_("giving a second opinion"),
    Purpose.TRAINING: N_("training"),
    Purpose.CALIBRATION: N_("calibration"),
    Purpose.THREAT: N_("verifying a threat"),
    Purpose.WEIGHTY_REASONS: N_("weighty reasons"),
    Purpose.CALLER_REQUEST: N_("answering a caller's request"),
    Purpose.DISCLOSURE: N_("disclosure under the open-government act"),
}
"""How each purpose reads on a page."""
