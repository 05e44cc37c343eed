"""Every column that can hold words or bytes has a class; a new one fails here until somebody says which."""

from enum import Enum

import pytest
from sqlalchemy import LargeBinary, String

from kcc.schema import metadata
from kcc.vault.keyrows import metadata as keystore


class Class(Enum):
    """What may stand in a column. Nothing else of what people say or write is stored."""

    ID = "a random id of ours, or the name of one of our own things"
    WORD = "one of kcc's own words: a state, a kind, a code, a rule"
    HOUSE = (
        "what the organisation calls its own lines, teams and machines, why it changed a line; its criteria"
    )
    NOTICE = (
        "names, numbers and days in a sentence that kcc tells somebody, never content; goes on its own term"
    )
    STAFF = "what the organisation's people file says of those who work here, or they chose themselves"
    RECORDER = "the recorder's own id of a call or an agent; goes with its recording"
    SEALED = "sealed under a key that dies with what it belongs to; bytes, never text"
    DIGEST = "a digest, a proof, a public key or a secret from which nothing can be read"
    AUDIT = "the audit's line, personal by nature, never content; goes on its own term"


COLUMNS = {
    "case_call.hold_id": Class.ID,
    "case_call.recording_id": Class.ID,
    "case_count.what": Class.WORD,
    "case_decision.content": Class.SEALED,
    "case_decision.kind": Class.WORD,
    "case_signature.seat": Class.WORD,
    "weighty_case.ending": Class.SEALED,
    "weighty_case.how": Class.WORD,
    "alarm.name": Class.WORD,
    "appraisal_summary.content": Class.SEALED,
    "appraisal_summary.view": Class.SEALED,
    "audit_checkpoint.note": Class.DIGEST,
    "audit_checkpoint.proof": Class.DIGEST,
    "audit_checkpoint.root": Class.DIGEST,
    "audit_place.fault": Class.WORD,
    "audit_place.name": Class.WORD,
    "audit_seal.broken": Class.WORD,
    "audit_seal.first_key": Class.DIGEST,
    "audit_seal.origin": Class.ID,
    "audit_tile.hashes": Class.DIGEST,
    "audit_line.about_id": Class.AUDIT,
    "audit_line.action": Class.WORD,
    "audit_line.actor_id": Class.AUDIT,
    "audit_line.body": Class.AUDIT,
    "audit_line.commitment": Class.DIGEST,
    "audit_line.purpose": Class.WORD,
    "audit_line.salt": Class.DIGEST,
    "audit_line.subject": Class.AUDIT,
    "agent_id.agent_id": Class.STAFF,
    "browser_report.directive": Class.WORD,
    "budget.key": Class.DIGEST,
    "authenticator_app.name": Class.STAFF,
    "authenticator_app.secret": Class.SEALED,
    "calibration_sheet.content": Class.SEALED,
    "call_consent.purpose": Class.WORD,
    "call_consent.state": Class.WORD,
    "clock_seen.boot": Class.ID,
    "disclosure_entry.marks": Class.SEALED,
    "disclosure_entry.purpose": Class.WORD,
    "disclosure_entry.reference": Class.SEALED,
    "police_copy.decision": Class.SEALED,
    "police_copy.manifest_digest": Class.DIGEST,
    "police_copy.why": Class.SEALED,
    "department.code": Class.HOUSE,
    "department.name": Class.HOUSE,
    "draw.pool": Class.ID,
    "draw.pool_root": Class.DIGEST,
    "draw.rule_version": Class.WORD,
    "draw.secret": Class.DIGEST,
    "form_version.body": Class.HOUSE,
    "draw.seed": Class.DIGEST,
    "draw_phrase.content": Class.SEALED,
    "draw_phrase.digest": Class.DIGEST,
    "function_period.function": Class.WORD,
    "half_session.factors": Class.WORD,
    "half_session.token_digest": Class.DIGEST,
    "function_ending.came_by": Class.WORD,
    "function_ending.decided_by": Class.STAFF,
    "function_ending.function": Class.WORD,
    "function_ending.period_id": Class.ID,
    "hold.kind": Class.WORD,
    "hold.rule": Class.WORD,
    "hold_review.reason": Class.SEALED,
    "incident.account": Class.SEALED,
    "incident.kind": Class.WORD,
    "incident.state": Class.WORD,
    "incident_call.marks": Class.SEALED,
    "incident_extension.ground": Class.WORD,
    "incident_extension.reason": Class.SEALED,
    "incident_measure.kind": Class.WORD,
    "incident_measure.outcome": Class.SEALED,
    "incident_measure.plan": Class.SEALED,
    "threat_tally.word": Class.WORD,
    "intake_count.code": Class.WORD,
    "intake_count.line": Class.HOUSE,
    "item_interpretation.en": Class.HOUSE,
    "item_interpretation.nl": Class.HOUSE,
    "job_run.detail": Class.WORD,
    "job_run.job": Class.WORD,
    "job_run.outcome": Class.WORD,
    "joint_mark.place": Class.SEALED,
    "joint_presence.session_id": Class.ID,
    "joint_session.ended_why": Class.WORD,
    "line.code": Class.HOUSE,
    "line.kind": Class.WORD,
    "line.name": Class.HOUSE,
    "line_change.by_id": Class.STAFF,
    "line_change.by_name": Class.STAFF,
    "line_change.function": Class.WORD,
    "line_change.kind": Class.WORD,
    "line_change.kind_before": Class.WORD,
    "line_change.name": Class.HOUSE,
    "line_change.name_before": Class.HOUSE,
    "line_change.reason": Class.HOUSE,
    "passkey.credential_id": Class.DIGEST,
    "passkey.name": Class.STAFF,
    "passkey.public_key": Class.DIGEST,
    "passkey_challenge.bound_to": Class.ID,
    "passkey_challenge.digest": Class.DIGEST,
    "passkey_challenge.purpose": Class.WORD,
    "mail_choice.how": Class.WORD,
    "notice.entry": Class.NOTICE,
    "notice.params": Class.NOTICE,
    "notice.word": Class.WORD,
    "person.email": Class.STAFF,
    "person.language": Class.WORD,
    "person.name": Class.STAFF,
    "person.number": Class.STAFF,
    "person.password_hash": Class.DIGEST,
    "playback_lease.action": Class.WORD,
    "playback_lease.fetched": Class.DIGEST,
    "playback_lease.purpose": Class.WORD,
    "playback_lease.subject": Class.ID,
    "quota_exception.explanation": Class.SEALED,
    "quota_exception.reason": Class.WORD,
    "recording.agent_id": Class.RECORDER,
    "recording.call_id": Class.RECORDER,
    "recording.caller_digest": Class.DIGEST,
    "recording.content_digest": Class.DIGEST,
    "recording.direction": Class.WORD,
    "recording.due_rule": Class.WORD,
    "recording.encoding": Class.WORD,
    "recording.line": Class.HOUSE,
    "recording.nature": Class.WORD,
    "recording.reason": Class.WORD,
    "recording.receipt": Class.ID,
    "recording.recorder": Class.HOUSE,
    "recording.remote_number": Class.SEALED,
    "recording.scope": Class.WORD,
    "recording.state": Class.WORD,
    "recovery_code.digest": Class.DIGEST,
    "conversation.appointment": Class.SEALED,
    "conversation.reason": Class.SEALED,
    "conversation.state": Class.WORD,
    "conversation_text.content": Class.SEALED,
    "conversation_text.part": Class.WORD,
    "improvement_point.content": Class.SEALED,
    "remark_moment.remark": Class.ID,
    "remark_moment.sealed": Class.SEALED,
    "report.content": Class.SEALED,
    "report_signature.digest": Class.DIGEST,
    "report_signature.side": Class.WORD,
    "signed_version.content": Class.SEALED,
    "signed_version.digest": Class.DIGEST,
    "sampled_call.left_reason": Class.WORD,
    "sampled_call.recording_id": Class.ID,
    "sampled_call.ticket": Class.DIGEST,
    "scim_account.display_name": Class.STAFF,
    "scim_account.external_id": Class.STAFF,
    "scim_account.family_name": Class.STAFF,
    "scim_account.formatted_name": Class.STAFF,
    "scim_account.given_name": Class.STAFF,
    "scim_account.preferred_language": Class.WORD,
    "scim_group.display_name": Class.HOUSE,
    "scim_group.external_id": Class.HOUSE,
    "second_opinion.conclusion": Class.SEALED,
    "second_opinion.content": Class.SEALED,
    "second_opinion.ended_why": Class.WORD,
    "second_opinion.recording_id": Class.ID,
    "second_opinion.why": Class.SEALED,
    "seed_chain.published_end": Class.DIGEST,
    "selection_date.state": Class.WORD,
    "service_token.digest": Class.DIGEST,
    "service_token.kind": Class.WORD,
    "service_token.recorder": Class.HOUSE,
    "signin_session.browser": Class.WORD,
    "signin_session.ended_why": Class.WORD,
    "signin_session.posts_digest": Class.DIGEST,
    "signin_session.system": Class.WORD,
    "signin_session.token_digest": Class.DIGEST,
    "signin_session.way": Class.WORD,
    "signin_throttle.key": Class.DIGEST,
    "sso_account.issuer": Class.HOUSE,
    "sso_account.subject": Class.STAFF,
    "sso_answer.state_digest": Class.DIGEST,
    "succession.named_by": Class.STAFF,
    "team.code": Class.HOUSE,
    "team.name": Class.HOUSE,
    "tombstone.call_digest": Class.DIGEST,
    "tombstone.recording_id": Class.ID,
    "tombstone.rule": Class.WORD,
    "tombstone.state": Class.WORD,
    "unannounced_agreement.ended_why": Class.WORD,
    "unannounced_agreement.reason": Class.SEALED,
    "training.kind": Class.WORD,
    "training.name": Class.HOUSE,
    "vault_key.key_id": Class.ID,
    "vault_key.root_id": Class.ID,
    "vault_key.wrapped": Class.DIGEST,
    "volume_seen.identity": Class.ID,
    "watch_event.actor_id": Class.AUDIT,
    "watch_event.kind": Class.WORD,
    "webhook_delivery.answer": Class.WORD,
    "webhook_delivery.body_digest": Class.DIGEST,
    "webhook_delivery.key_digest": Class.DIGEST,
}
"""All but the ids of rows and what points to them."""


def columns() -> dict[str, object]:
    """Every column of both schemas that holds words or bytes, by name, with its type."""
    return {
        f"{table.name}.{column.name}": column.type
        for each in (metadata, keystore)
        for table in each.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | LargeBinary) and column.name != "id" and not column.foreign_keys
    }


@pytest.mark.rule("RET-8", "SEC-1")
def test_every_column_has_a_class() -> None:
    """A new column stands in COLUMNS, with what may stand in it; one that has gone does not."""
    found = set(columns())
    assert found - set(COLUMNS) == set(), "say what may stand in these (Class)"
    assert set(COLUMNS) - found == set(), "these are no more"


@pytest.mark.rule("RET-8")
def test_what_is_sealed_is_bytes() -> None:
    """Sealed text is never a text column, where it could be written unsealed by mistake."""
    types = columns()
    for name, what in COLUMNS.items():
        if what in (Class.SEALED,):
            assert isinstance(types[name], LargeBinary), name
        if isinstance(types[name], LargeBinary):
            assert what in (Class.SEALED, Class.DIGEST), name


def test_words_of_ours_are_short() -> None:
    """A state, code or rule has no room for a story; what jobs and deliveries answer is checked elsewhere."""
    told = {"job_run.detail", "webhook_delivery.answer"}
    types = columns()
    for name, what in COLUMNS.items():
        if what is Class.WORD and name not in told:
            assert (types[name].length or 999) <= 40, name  # type: ignore[attr-defined]
