"""A summary for the appraisal cycle at each of its stages, for the matrix of routes; asks nothing."""

from datetime import date

from kcc import clock
from kcc.coaching.summaries.model import AppraisalSummary
from kcc.coaching.summaries.writing import place
from kcc.db import new_id
from kcc.stores import Stores
from kcc.vault.fields import seal_text
from tests.centre import Centre

STAGES = {
    "written": (),
    "written-2": (),
    "given": ("sent_at",),
    "given-2": ("sent_at",),
    "read": ("sent_at", "read_at"),
    "passed": ("sent_at", "read_at", "passed_at"),
}


def summaries(stores: Stores, centre: Centre) -> dict[str, str]:
    """Summaries about anna by her coach, one a cycle: their ids by stage."""
    found = {f"summary.{stage}": new_id() for stage in STAGES}
    with stores.database.write() as session:
        for year, (stage, reached) in enumerate(STAGES.items(), 2020):
            id_ = found[f"summary.{stage}"]
            summary = AppraisalSummary(id=id_, employee_id=centre.anna, coach_id=centre.coach, cycle=year)
            summary.since, summary.until = date(year, 1, 1), date(year, 12, 31)
            summary.content = seal_text(stores.keys.create(id_), place(id_), "Anna luistert goed.")
            summary.saved_at = clock.now()
            for moment in reached:
                setattr(summary, moment, clock.now())
            session.add(summary)
    return found
