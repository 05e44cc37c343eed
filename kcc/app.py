"""The composition root of the web: builds everything once, registers every view, and checks that each is
declared.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from kcc import explaining
from kcc.access import views as access_views
from kcc.access.actions import Action
from kcc.coaching import listening as coaching_listening
from kcc.coaching import queries as coaching
from kcc.coaching import succession
from kcc.coaching import views as coaching_views
from kcc.coaching.calibration import queries as calibrations
from kcc.coaching.calibration import views as calibration_views
from kcc.coaching.consents import views as consents_views
from kcc.coaching.conversation import views as conversation_views
from kcc.coaching.criteria import views as criteria_views
from kcc.coaching.criteria.drafting import views as drafting_views
from kcc.coaching.draws import views as draws_views
from kcc.coaching.opinions import queries as opinions
from kcc.coaching.opinions import views as opinions_views
from kcc.coaching.opinions.giving import views as giving_views
from kcc.coaching.own_days import views as own_days_views
from kcc.coaching.planned import views as planned_views
from kcc.coaching.progress import views as progress_views
from kcc.coaching.scoring import views as scoring_views
from kcc.coaching.summaries import views as summaries_views
from kcc.coaching.training import queries as trainings
from kcc.coaching.training import views as training_views
from kcc.errors import N_
from kcc.insight import views as insight_views
from kcc.insight.officer import views as audit_views
from kcc.investigation import queries as cases
from kcc.investigation import views as cases_views
from kcc.investigation.own import views as case_own_views
from kcc.investigation.signing import views as case_signing_views
from kcc.notices import views as notices_views
from kcc.people import endings
from kcc.people import views as people_views
from kcc.people.changing import views as changing_views
from kcc.people.entering import views as entering_views
from kcc.people.factors import views as factors_views
from kcc.people.pairing import views as pairing_views
from kcc.people.sso import views as sso_views
from kcc.people.staff import views as staff_views
from kcc.recordings import api as recordings_api
from kcc.recordings import queries as recordings
from kcc.recordings import views as recordings_views
from kcc.recordings.playback import Player
from kcc.recordings.redaction import queries as disclosures
from kcc.recordings.redaction import views as redaction_views
from kcc.recordings.register import views as lines_views
from kcc.scheduler import api as metrics_api
from kcc.scheduler import following
from kcc.scheduler import views as status_views
from kcc.stores import Stores
from kcc.threat import views as threat_views
from kcc.threat.counts import views as counts_views
from kcc.threat.deciding import views as deciding_views
from kcc.threat.joint_listening import api as joint_api
from kcc.threat.joint_listening import queries as joint_sessions
from kcc.threat.joint_listening import views as joint_views
from kcc.threat.police_copy import views as police_copy_views
from kcc.web import crossing, errors, i18n, identity, pace, pages, routes, security, sound_lane
from kcc.web import views as web_views

TASKS = (
    pages.Task(Action.RECORDING_LIST, "recordings.my_calls", N_("My calls")),
    pages.Task(Action.SAMPLE_LIST, "coaching.board", N_("My samples")),
    pages.Task(Action.TEAM_READ, "threat.team", N_("My team")),
    pages.Task(Action.REPORT_LIST, "coaching.reports", N_("Reports")),
    pages.Task(Action.SUMMARY_LIST, "summaries.show_all", N_("Summaries")),
    pages.Task(Action.OPINION_LIST, "giving.show_all", N_("Second opinions")),
    pages.Task(Action.DRAW_LIST, "draws.own", N_("My draws")),
    pages.Task(Action.CALIBRATION_LIST, "calibrations.show_all", N_("Calibration")),
    pages.Task(Action.TRAINING_LIST, "trainings.show_all", N_("Trainings")),
    pages.Task(Action.CRITERIA_READ, "criteria.show_current", N_("Criteria")),
    pages.Task(Action.CENTRE_READ, "progress.centre", N_("The centre")),
    pages.Task(Action.THREATS_COUNT, "threat_counts.show", N_("Threats in numbers")),
    pages.Task(Action.STATUS_READ, "status.show", N_("Status")),
    pages.Task(Action.PEOPLE_READ, "staff.search", N_("People")),
    pages.Task(Action.LINES_READ, "lines.show_all", N_("Lines")),
    pages.Task(Action.AUDIT_SEARCH, "audit.start", N_("Log")),
    pages.Task(Action.DISCLOSURE_LIST, "disclosures.show_all", N_("Covered copies")),
    pages.Task(Action.CHECKPOINTS_READ, "audit.checkpoints", N_("Signed checkpoints")),
    pages.Task(Action.DRAWS_OVERSEE, "draws.everybodys", N_("Draws")),
    pages.Task(Action.CASE_LIST, "cases.show_all", N_("Weighty reasons")),
    pages.Task(Action.CASE_COUNT, "cases.counts", N_("Counts of cases")),
    pages.Task(Action.ACCESS_EXPLAIN, "access.explain_form", N_("Who may what, and why")),
)


def create_app(stores: Stores) -> Flask:
    """The whole web application on open stores."""
    app = Flask("kcc", static_folder=None, template_folder="web/templates")
    server = stores.settings.server
    app.config.update(
        SECRET_KEY=secret_key(server.secret_key_file),
        MAX_CONTENT_LENGTH=server.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        SESSION_COOKIE_NAME="__Host-kcc_form" if server.secure else "kcc_form",
        SESSION_COOKIE_SECURE=server.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    csrf = CSRFProtect(app)
    app.extensions[sso_views.EXTENSION] = sso_views.connect(stores)
    i18n.install(app)
    identity.install(app, stores)
    security.install(app, secure=server.secure)
    pages.install(app, TASKS)
    app.extensions["kcc.player"] = Player(
        stores,
        {
            Action.RECORDING_PLAY: recordings.own_facts,
            Action.SAMPLE_PLAY: coaching_listening.facts,
            Action.OPINION_PLAY: opinions.facts,
            Action.CALIBRATION_PLAY: calibrations.facts,
            Action.TRAINING_PLAY: trainings.call_facts,
            Action.JOINT_PLAY: joint_sessions.facts,
            Action.DISCLOSURE_PLAY: disclosures.facts,
            Action.CASE_PLAY: cases.call_facts,
        },
    )
    app.extensions[endings.FOLLOW] = following.at_once
    app.extensions[access_views.EXPLAIN] = explaining.answer
    app.extensions[endings.CONSEQUENCES] = succession.consequences
    app.extensions[cases_views.MONITORED] = coaching.monitored
    _register(app, csrf, stores)
    errors.install(app)
    actions = routes.declared(app)
    crossing.install(app, actions, server)
    pace.install(app, actions, app.config["SECRET_KEY"])
    routes.install(app)
    if server.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, server.proxies, 0, 0, 0, 0)  # type: ignore[method-assign]
    sound_lane.install(app, _at_hand(app.extensions["kcc.player"]), secure=server.secure)
    return app


def _register(app: Flask, csrf: CSRFProtect, stores: Stores) -> None:
    """Every page and interface; a form's token is asked of whatever a browser sends by itself."""
    for views in (
        access_views,
        people_views,
        sso_views,
        entering_views,
        factors_views,
        notices_views,
        staff_views,
        changing_views,
        pairing_views,
        recordings_views,
        redaction_views,
        lines_views,
        coaching_views,
        progress_views,
        summaries_views,
        criteria_views,
        drafting_views,
        conversation_views,
        scoring_views,
        opinions_views,
        giving_views,
        draws_views,
        planned_views,
        own_days_views,
        consents_views,
        calibration_views,
        training_views,
        threat_views,
        joint_views,
        joint_api,
        police_copy_views,
        deciding_views,
        counts_views,
        cases_views,
        case_signing_views,
        case_own_views,
        status_views,
        insight_views,
        audit_views,
    ):
        app.register_blueprint(views.bp)
    app.register_blueprint(recordings_api.bp)
    app.register_blueprint(metrics_api.bp)
    app.register_blueprint(web_views.bp)
    csrf.exempt(web_views.bp)  # browsers send reports by themselves, and only a number goes up
    csrf.exempt(recordings_api.bp)  # a bearer token, no cookie: nothing that another site could borrow
    if stores.settings.scim.enabled:
        # Only here: an installation without the scim extra has no such door.
        from kcc.people.scim import api as scim_api

        app.register_blueprint(scim_api.bp)
        csrf.exempt(scim_api.bp)  # a bearer token, as above


def _at_hand(player: Player) -> sound_lane.Ready:
    def ready(lease_id: str, secret: str) -> tuple[int, Callable[[int, int], bytes], int] | None:
        found = player.at_hand(lease_id, secret)
        if found is None:
            return None
        return found.rendition.size, found.play, found.rendition.border

    return ready


def secret_key(path: Path) -> bytes:
    """The key that signs form tokens, made at the first start; 32 bytes, readable by the owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_bytes(secrets.token_bytes(32))
        with suppress(FileExistsError):  # another worker was first: its key is everybody's
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_bytes()
