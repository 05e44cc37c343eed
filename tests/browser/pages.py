"""Every page that kcc has, in each of its states, and whose it is; how they are looked at is elsewhere."""

from dataclasses import dataclass

NOBODY = ""


@dataclass(frozen=True)
class Shown:
    """A page as somebody meets it.

    `path` may name ids of the world in braces. `press` is pressed once the page is there, and next `also`;
    `then` is awaited.
    `bare` asks for the installation in which nothing has happened yet.
    """

    name: str
    who: str
    path: str
    press: str | None = None
    then: str | None = None
    status: int = 200
    bare: bool = False
    also: str | None = None


SUBMIT = "main form:not(.kcc-filters) .kcc-actions button"
LISTEN, TALK = ".kcc-player form button", "[data-talk] > summary"

EXPLAIN = "/who-may-what/explain?number="
REFUSED = "coach&action=sample:play&object=recording:{call}&purpose=threat"

PAGES = (
    Shown("signin", NOBODY, "/signin"),
    Shown("signin-fault", NOBODY, "/signin", SUBMIT, "#error-summary", 422),
    Shown("signin-ended", "somebody who is signed out", "/signin?next=/calls"),
    Shown("nobodys-404", NOBODY, "/nowhere", status=404),
    # an employee with many calls, one with a single call, one with none
    Shown("calls-60", "anna", "/calls"),
    Shown("calls-older", "anna", "/calls", "a[rel=next]", "a[rel=prev]"),
    Shown("calls-1", "bob", "/calls"),
    Shown("calls-0", "carla", "/calls", bare=True),
    Shown("calls-none-fit", "bob", "/calls?direction=outgoing"),
    Shown("calls-fault", "anna", "/calls?since=gisteren&until=2026-02-31&direction=up", status=422),
    Shown("calls-mangled-link", "anna", "/calls?before=x", status=422),
    Shown("call", "anna", "/calls/{call}"),
    Shown("call-playing", "anna", "/calls/{call}", ".kcc-player form button", "[data-do=toggle]"),
    Shown("call-talk", "anna", "/calls/{call}", LISTEN, "[data-known]", also=TALK),
    Shown("call-coded", "anna", "/calls/{coded}", LISTEN, "[data-known]", also=TALK),
    Shown("call-sealed", "anna", "/calls/{sealed}"),
    Shown("call-threat", "anna", "/calls/{threat}"),
    Shown("call-404", "carla", "/calls/{call}", status=404),
    Shown("threat-form", "anna", "/calls/{call}/threat"),
    Shown("threat-fault", "anna", "/calls/{call}/threat", SUBMIT, "#error-summary", 422),
    Shown("threat-reported", "anna", "/calls/{threat}/threat"),
    Shown("reports-60", "anna", "/reports"),
    Shown("reports-0", "bob", "/reports"),
    Shown("report", "anna", "/reports/{report}"),
    # a coach
    Shown("board-60", "coach", "/samples"),
    Shown("board-1", "other_coach", "/samples"),
    Shown("board-first-day", "coach", "/samples", bare=True),
    Shown("score-fresh", "coach", "/samples/{fresh}"),
    Shown("score-begun", "coach", "/samples/{begun}"),
    Shown("score-playing", "coach", "/samples/{begun}", ".kcc-player form button", "[data-do=toggle]"),
    Shown("finish-incomplete", "coach", "/samples/{begun}/finish"),
    Shown("finish", "coach", "/samples/{whole}/finish"),
    Shown("reject", "coach", "/samples/{begun}/not-representative"),
    Shown("reject-fault", "coach", "/samples/{begun}/not-representative", SUBMIT, "#error-summary", 422),
    Shown("coach-reports-60", "coach", "/reports"),
    Shown("coach-reports-0", "other_coach", "/reports"),
    Shown("coach-report", "coach", "/reports/{report}"),
    Shown("ask", "coach", "/samples/{begun}/ask"),
    Shown("ask-fault", "coach", "/samples/{begun}/ask", SUBMIT, "#error-summary", 422),
    Shown("consent", "anna", "/calls/{shared}/consent"),
    Shown("consent-none", "bob", "/calls/{bobs}/consent"),
    Shown("calibrations", "coach", "/calibrations"),
    Shown("calibrations-0", "coach", "/calibrations", bare=True),
    Shown("convene", "coach", "/offers/{offer}/calibration"),
    Shown("calibration-scoring", "other_coach", "/calibrations/{scoring}"),
    Shown("calibration-leading", "coach", "/calibrations/{scoring}"),
    Shown("calibration-compared", "coach", "/calibrations/{compared}"),
    Shown("trainings", "coach", "/trainings"),
    Shown("trainings-0", "bob", "/trainings", bare=True),
    Shown("training-new", "coach", "/trainings/new"),
    Shown("training-new-fault", "coach", "/trainings/new", SUBMIT, "#error-summary", 422),
    Shown("training", "bob", "/trainings/{training}"),
    Shown("training-call", "bob", "/trainings/{training}/calls/{heard}"),
    Shown("coach-404", "other_coach", "/samples/{begun}", status=404),
    # those who lead and those who keep it running
    Shown("team", "lead", "/team"),
    Shown("team-1", "other_lead", "/team"),
    Shown("team-404", "lead", "/reports/{report}", status=404),
    Shown("status", "administrator", "/status"),
    Shown("status-first-day", "administrator", "/status", bare=True),
    Shown("lines", "administrator", "/lines"),
    Shown("lines-0", "administrator", "/lines", bare=True),
    Shown("line", "administrator", "/line/main"),
    Shown("line-long", "administrator", "/line/nieuwe-regelingen-" + "x" * 46),
    Shown("line-long-change", "administrator", "/line/nieuwe-regelingen-" + "x" * 46 + "/change"),
    Shown("line-sealed", "administrator", "/line/direct"),
    Shown("line-new", "administrator", "/lines/new"),
    Shown("line-new-fault", "administrator", "/lines/new", SUBMIT, "#error-summary", 422),
    Shown("line-change", "administrator", "/line/main/change"),
    Shown("line-change-warned", "administrator", "/line/silent/change", SUBMIT, "#understood", 422),
    Shown("line-404", "administrator", "/line/nowhere", status=404),
    Shown("people", "administrator", "/people"),
    Shown("people-coaches", "administrator", "/people?function=coach"),
    Shown("people-0", "administrator", "/people?q=nobody"),
    Shown("person", "administrator", "/people/{anna}"),
    Shown("person-coach", "administrator", "/people/{coach}"),
    Shown("function-new", "administrator", "/people/{anna}/functions/new"),
    Shown(
        "function-new-fault", "administrator", "/people/{anna}/functions/new", SUBMIT, "#error-summary", 422
    ),
    Shown("function-change", "administrator", "/people/{anna}/functions/{annas_function}/change"),
    Shown("function-end", "administrator", "/people/{anna}/functions/{annas_function}/end"),
    Shown("coach-assign", "administrator", "/people/{anna}/coach"),
    Shown("coach-end", "administrator", "/people/{anna}/coach/{pair}/end"),
    Shown("successor", "administrator", "/people/{coach}/successor"),
    Shown("successor-0", "administrator", "/people/{anna}/successor"),
    Shown("person-own", "administrator", "/people/{administrator}"),
    Shown("person-404", "administrator", "/people/nobody", status=404),
    # whoever oversees
    Shown("audit", "officer", "/audit"),
    Shown("audit-found", "officer", "/audit/found?kind=reports"),
    Shown("audit-found-0", "officer", "/audit/found?until=2020-01-01"),
    Shown("checkpoints", "council", "/checkpoints"),
    Shown("checkpoints-0", "council", "/checkpoints", bare=True),
    # everybody's own
    Shown("my-data", "anna", "/my-data"),
    Shown("my-data-coach", "coach", "/my-data?who=me"),
    Shown("my-data-0", "carla", "/my-data", bare=True),
    Shown("my-data-fault", "anna", "/my-data?since=gisteren&who=x", status=422),
    Shown("policy", "anna", "/who-may-what"),
    Shown("policy-manager", "manager", "/who-may-what"),
    Shown("notices-60", "coach", "/notices"),
    Shown("notices-older", "coach", "/notices", "a[rel=next]", "a[rel=prev]"),
    Shown("explain", "officer", "/who-may-what/explain"),
    Shown("explain-fault", "officer", "/who-may-what/explain", SUBMIT, "#error-summary", 422),
    Shown("explain-yes", "officer", EXPLAIN + "anna&action=recording:list", SUBMIT, "#answer"),
    Shown("explain-no", "officer", EXPLAIN + REFUSED, SUBMIT, "#answer"),
    Shown("notices", "anna", "/notices"),
    Shown("notices-0", "bob", "/notices", bare=True),
    Shown("account", "anna", "/account"),
    Shown("account-fault", "anna", "/account", "#password-title ~ form button", "#error-summary", 422),
    Shown("factors", "anna", "/account/second-factor"),
    Shown("factors-app", "anna", "/account/second-factor/app"),
    Shown("factors-app-fault", "anna", "/account/second-factor/app", SUBMIT, "#error-summary", 422),
    Shown("factors-passkey", "anna", "/account/second-factor/passkey"),
    Shown("factors-again", "anna", "/signin/again?next=/account"),
    Shown("factors-again-fault", "anna", "/signin/again", SUBMIT, "#error-summary", 422),
    Shown("factors-reset", "administrator", "/people/{anna}/second-factor/reset"),
    Shown(
        "factors-reset-fault",
        "administrator",
        "/people/{anna}/second-factor/reset",
        SUBMIT,
        "#error-summary",
        422,
    ),
    Shown("account-coach", "coach", "/account"),
    Shown("account-lead", "lead", "/account"),
    Shown("account-administrator", "administrator", "/account"),
    Shown("manager", "manager", "/account"),
    Shown("officer", "officer", "/account"),
    Shown("council", "council", "/account"),
)

NO_PAGES = {
    "assets": "files",
    "audit.checkpoint": "a file to take along",
    "metrics.show": "figures for a monitoring system",
    "entering.code_form": "only halfway: tests/browser/test_second_factor.py",
    "entering.enrol_form": "only halfway: tests/browser/test_second_factor.py",
    "factors.codes_form": "leads on to the list",
    "people.home": "leads on to somebody's first page",
    "people.password_form": "leads on to the account",
    "sso.start": "leads on to the issuer",
    "sso.back": "leads on to the first page",
    "sso.out": "leads on to the issuer",
    "recordings.addresses": "JSON for the player",
    "recordings.sound": "sound",
    "recordings.state": "has no content",
    "recordings.waveform": "JSON for the player",
    "recordings.conversation": "JSON for the player",
    "recordings.progress": "JSON for the player",
    "recordings_api.description": "JSON for programs",
    "scim.serve": "JSON for programs",
}
"""What answers a GET and is no page to look at."""
