"""What the pages of developments, the centre and summaries show: two years of anna, a year of the centre."""

from datetime import date, timedelta
from itertools import product

from sqlalchemy import insert, select

from kcc.coaching import quality_plan
from kcc.coaching.progress.model import CentreFigure, CentreQuarter
from kcc.coaching.summaries.model import AppraisalSummary
from kcc.coaching.summaries.passing import view_place
from kcc.coaching.summaries.writing import place
from kcc.stores import Stores
from kcc.vault.fields import seal_text
from tests.access.summing import summaries
from tests.centre import Centre
from tests.coaching.progress.finished import reports


def develop(stores: Stores, centre: Centre, compound: str) -> dict[str, str]:
    """Furnish; gives the ids of summaries by stage."""
    _report(stores, centre)
    _publish(stores)
    found = {f"summary_{name.partition('.')[2]}": id_ for name, id_ in summaries(stores, centre).items()}
    text = (
        "Aanvang: dit gaat meestal goed. Sterk: de juiste openingszin, aandacht voor de klant.\n\n"
        f"Analyse: dit gaat deels goed. Om aan te werken: doorvragen, ook over de {compound.lower()}.\n\n"
        "Afsluiting: dit vraagt aandacht."
    )
    betraying = f"Op dinsdag 3 november belde mevrouw Jansen over de {compound.lower()}."
    with stores.database.write() as session:
        for name, id_ in found.items():
            summary, key = session.get_one(AppraisalSummary, id_), stores.keys.get(id_)
            said = betraying if name == "summary_written" else text
            summary.content = seal_text(key, place(id_), said)
            if name == "summary_passed":
                summary.view = seal_text(key, view_place(id_), "Ik herken dit. Doorvragen oefen ik nu.")
    return found


def _report(stores: Stores, centre: Centre) -> None:
    """Anna's reports of two years and more, ever better; two in a quarter, or seven."""
    wanted, numbers = [], quality_plan.annex().observable
    for index in range(44):
        day = date(2024, 3, 4) + timedelta(days=21 * index)
        no = [number for number in numbers if (number * 7 + index * 5) % 44 > index]
        draft = {f"answer-{number}": "no" if number in no else "yes" for number in numbers}
        draft |= {"answer-15": "na", "answer-16": "na" if index % 9 else "yes"}
        wanted.append((centre.anna, centre.coach, day, draft, 1))
    reports(stores, wanted)


def _publish(stores: Stores) -> None:
    """The quarters were counted by the job, and found empty: here stands what it might have found."""
    with stores.database.write() as session:
        quarters = list(session.scalars(select(CentreQuarter.day).order_by(CentreQuarter.day)))
        rows = [
            {
                "quarter": quarter,
                "form_version": 1,
                "item": number,
                "people": 5 + number * 3,
                "band": (number * 3 + place) % 5,
            }
            for (place, quarter), number in product(enumerate(quarters), quality_plan.annex().observable)
            if (place, number) not in {(0, 15), (1, 15), (1, 16)}
        ]
        session.execute(insert(CentreFigure), rows)
