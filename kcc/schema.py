"""The whole schema: importing this module imports every model, so that migrations and tests see all
tables.
"""

import kcc.audit.model
import kcc.coaching.calibration.model
import kcc.coaching.consents.model
import kcc.coaching.conversation.model
import kcc.coaching.criteria.model
import kcc.coaching.draws.model
import kcc.coaching.model
import kcc.coaching.opinions.model
import kcc.coaching.planned.model
import kcc.coaching.progress.model
import kcc.coaching.scoring.model
import kcc.coaching.summaries.model
import kcc.coaching.training.model
import kcc.insight.model
import kcc.investigation.model
import kcc.notices.model
import kcc.people.factors.model
import kcc.people.model
import kcc.people.scim.model
import kcc.recordings.model
import kcc.recordings.redaction.model
import kcc.scheduler.model
import kcc.threat.joint_listening.model
import kcc.threat.model
import kcc.threat.police_copy.model
import kcc.timekeeping.model
import kcc.web.model  # noqa: F401
from kcc.db import Base

metadata = Base.metadata
"""Every table of the main database; the key store has its own and is none of these."""
