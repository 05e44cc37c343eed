"""Everything that can be done to something protected, one word each; the policy says who may."""

from enum import StrEnum


class Action(StrEnum):
    """subject:verb, as the audit log and the routes name it."""

    # Anybody, signed in or not
    PUBLIC_VISIT = "public:visit"
    SIGN_IN = "signin:start"
    # Anybody signed in, about themselves
    HOME_VISIT = "home:visit"
    ACCOUNT_MANAGE = "account:manage"
    POLICY_READ = "policy:read"
    NOTICE_READ = "notice:read"
    MY_DATA_READ = "mydata:read"
    # Whoever holds a lease: it was given by a permit, and the policy is asked again while it is used
    SOUND_FETCH = "sound:fetch"
    # The employee
    RECORDING_LIST = "recording:list"
    RECORDING_READ = "recording:read"
    RECORDING_PLAY = "recording:play"
    THREAT_REPORT = "threat:report"
    HOLD_REVIEW = "hold:review"
    ANNOUNCEMENT_READ = "selection:read"
    DRAW_PHRASE = "draw:phrase"
    DRAW_LIST = "draw:list"
    DRAW_READ = "draw:read"
    UNANNOUNCED_ASK = "unannounced:ask"
    # The coach
    SAMPLE_LIST = "sample:list"
    SAMPLE_READ = "sample:read"
    SAMPLE_PLAY = "sample:play"
    SAMPLE_REJECT = "sample:reject"
    REPORT_SCORE = "report:score"
    REPORT_FINISH = "report:finish"
    COACHING_PLAN = "coaching:plan"
    SELECTION_PLAN = "selection:plan"
    UNANNOUNCED_ANSWER = "unannounced:answer"
    EXCEPTION_SET = "exception:set"
    # Coach and employee
    REPORT_LIST = "report:list"
    REPORT_READ = "report:read"
    PROGRESS_READ = "progress:read"
    # Coach, employee, team lead
    SUMMARY_LIST = "summary:list"
    SUMMARY_READ = "summary:read"
    SUMMARY_WRITE = "summary:write"
    SUMMARY_PASS = "summary:pass"  # noqa: S105 - a word, not a secret # nosec B105
    # The coaches' team, department managers, the works council
    CENTRE_READ = "centre:read"
    # The quality plan: everybody who is measured by it or measures with it reads it, the coaches make it
    CRITERIA_READ = "criteria:read"
    CRITERIA_EDIT = "criteria:edit"
    CRITERIA_PROPOSE = "criteria:propose"
    CRITERIA_CONFIRM = "criteria:confirm"
    # A second opinion: the employee asks, a second coach gives it, employee and first coach conclude
    OPINION_ASK = "opinion:ask"
    OPINION_WITHDRAW = "opinion:withdraw"
    OPINION_LIST = "opinion:list"
    OPINION_TAKE = "opinion:take"
    OPINION_PLAY = "opinion:play"
    OPINION_SCORE = "opinion:score"
    OPINION_COMPARE = "opinion:compare"
    OPINION_CONCLUDE = "opinion:conclude"
    REPORT_TAKE = "report:take"
    REPORT_SIGN = "report:sign"
    CONVERSATION_PROPOSE = "conversation:propose"
    CONVERSATION_ANSWER = "conversation:answer"
    CONVERSATION_WRITE = "conversation:write"
    # Team lead, administrator
    TEAM_READ = "team:read"
    STATUS_READ = "status:read"
    CLOCK_CONFIRM = "clock:confirm"
    LINES_READ = "lines:read"
    LINE_CHANGE = "line:change"
    PEOPLE_READ = "people:read"
    PEOPLE_CHANGE = "people:change"
    SECOND_FACTOR_RESET = "second_factor:reset"
    # The data protection officer, the works council, and the host's own command line
    AUDIT_SEARCH = "audit:search"
    WATCH_SETTLE = "watch:settle"
    CHECKPOINTS_READ = "checkpoints:read"
    DRAWS_OVERSEE = "draws:oversee"
    AUDIT_EXPORT = "audit:export"
    ACCESS_EXPLAIN = "access:explain"
    # Machines and the host's own command line
    METRICS_READ = "metrics:read"
    RECORDING_INTAKE = "recording:intake"
    VCON_DELIVER = "vcon:deliver"
    RECORDING_FIND = "recording:find"
    CALLER_FIND = "caller:find"
    CALLER_DIGEST = "caller:digest"
    RECORDING_ERASE = "recording:erase"
    REPORT_ERASE = "report:erase"
    SUMMARY_ERASE = "summary:erase"
    CENTRE_COMPUTE = "centre:compute"
    OPINION_END = "opinion:end"
    SELECTION_ANNOUNCE = "selection:announce"
    DRAW_RUN = "draw:run"
    PEOPLE_IMPORT = "people:import"
    PEOPLE_PROVISION = "people:provision"
    LINES_IMPORT = "lines:import"
    AUDIT_WATCH = "audit:watch"
    AUDIT_FORGET = "audit:forget"
    AUDIT_RESTORED = "audit:restored"
    AUDIT_KEY = "audit:key"
    TOKEN_CREATE = "token:create"  # noqa: S105 - a word, not a secret # nosec B105
