"""A report's words for paper, in the language of the request; how they are set is pdf's."""

from collections.abc import Iterator, Mapping, Sequence

from flask_babel import format_datetime, gettext

from kcc import clock
from kcc.coaching import notes
from kcc.coaching.conversation import texts
from kcc.coaching.conversation.paper.pdf import Block, Letter, Section
from kcc.coaching.conversation.reading import Talk
from kcc.coaching.conversation.rules import Side
from kcc.coaching.draft import Draft
from kcc.coaching.forms import FINDINGS, wording
from kcc.coaching.quality_plan import Form, Phase
from kcc.errors import N_
from kcc.web.i18n import long_day

SENTENCES = {
    "yes": N_("Met the norm:"),
    "no": N_("Did not meet the norm yet:"),
    "na": N_("Did not apply:"),
}


def letter(talk: Talk, names: Mapping[str, str], language: str) -> Letter:
    """The whole of a report as its two readers see it now: what is not shared or written is not in it."""
    day = long_day(clock.local_day(talk.finished_at))
    employee, coach = names.get(talk.employee_id, "–"), names.get(talk.coach_id or "", gettext("your coach"))
    lead = gettext("For %(employee)s, from %(coach)s.", employee=employee, coach=coach)
    alone = gettext(
        "Only the two of you can read this report. It is about one call that was drawn at random."
    )
    return Letter(
        language=language,
        title=gettext("Report of %(day)s", day=day),
        author=coach,
        lead=f"{lead} {alone}",
        footer=gettext("Report of %(day)s", day=day),
        sections=[
            *_monitoring(talk.form, talk.whole.monitoring),
            *_findings(talk.form, talk.whole.monitoring),
            *_conversation(talk, names),
            *_signatures(talk, names),
        ],
    )


def _monitoring(form: Form, draft: Draft) -> Iterator[Section]:
    yield Section(1, gettext("Monitoring: what met the norm"), [])
    for phase in form.phases:
        if any(item.observable for item in phase.items):
            yield Section(2, wording(phase.name), list(_phase(phase, draft)))


def _phase(phase: Phase, draft: Draft) -> Iterator[Block]:
    for code, said in SENTENCES.items():
        met = [wording(item.name) for item in phase.items if draft.get(f"answer-{item.number}") == code]
        if met:
            yield Block("text", f"{gettext(said)} {', '.join(met)}.")
    for item in phase.items:
        if remark := draft.get(f"remark-{item.number}"):
            yield Block("quote", f"{gettext('On %(item)s:', item=wording(item.name))} {remark}")


def _findings(form: Form, draft: Draft) -> Iterator[Section]:
    yield Section(1, gettext("Coaching: what stood out"), [])
    if in_call := [_note(form, draft, id_) for id_ in notes.in_order(draft)]:
        yield Section(2, gettext("Remarks in the call"), _list(in_call))
    for code, name in FINDINGS.items():
        if said := draft.get(f"finding-{code}"):
            yield Section(2, gettext(name), [Block("text", said)])
    noted = [draft[f"point-{number}"] for number in texts.POINTS if draft.get(f"point-{number}")]
    if noted:
        yield Section(2, gettext("Points that the coach noted for the conversation"), _list(noted))


def _note(form: Form, draft: Draft, id_: str) -> str:
    """A remark without its moment, which is gone as soon as the sound is (RET-8); paper would keep it."""
    about = draft.get(f"about-{id_}")
    item = wording(form.items[int(about)].name) if about else None
    said = draft.get(f"note-{id_}", "")
    return f"{gettext('On %(item)s:', item=item)} {said}" if item else said


def _conversation(talk: Talk, names: Mapping[str, str]) -> Iterator[Section]:
    whole, nothing = talk.whole, [Block("text", gettext("Not written yet."))]
    yield Section(1, gettext("The conversation"), [])
    for person_id, view in ((talk.employee_id, whole.employee_view), (talk.coach_id, whole.coach_view)):
        title = gettext("View of %(name)s", name=names.get(person_id or "", gettext("your coach")))
        yield Section(2, title, [Block("text", view)] if view else nothing)
    for title, said in (
        (gettext("Conclusions"), whole.text.conclusions),
        (gettext("Agreements"), whole.text.agreements),
    ):
        yield Section(2, title, [Block("text", said)] if said else nothing)
    if whole.text.points:
        agreed = [whole.text.points[number] for number in sorted(whole.text.points)]
        yield Section(2, gettext("Agreed points for improvement"), _list(agreed))
    if talk.earlier:
        closed, still = gettext("closed"), gettext("stays open")
        carried = [
            f"{point.text} ({closed if point.id in whole.text.closed else still})" for point in talk.earlier
        ]
        yield Section(2, gettext("Points from earlier reports"), _list(carried))


def _signatures(talk: Talk, names: Mapping[str, str]) -> Iterator[Section]:
    blocks = [
        Block(
            "text",
            gettext(
                "Signed by %(name)s on %(day)s at %(time)s.",
                name=names.get(row.person_id, "–"),
                day=long_day(clock.local_day(row.signed_at)),
                time=format_datetime(row.signed_at, "HH:mm"),
            ),
        )
        for side in Side
        if (row := talk.signatures.get(side))
    ]
    yield Section(1, gettext("Signatures"), blocks or [Block("text", gettext("Not signed yet."))])


def _list(items: Sequence[str]) -> list[Block]:
    return [Block("list", items=list(items))]
