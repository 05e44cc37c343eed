"""The recorders' interface in OpenAPI 3.1, made from the models and tables that answer; it answers nothing.

Not by spectree: that describes bodies which it parses, and here the body is a raw stream and the metadata
JSON in a header.
"""

from typing import Any

from kcc.recordings.answers import SENTENCES
from kcc.recordings.registration import Answer
from kcc.recordings.sources.metadata import CallMetadata
from kcc.recordings.webhooks import KEY, SIGNATURE, TIMESTAMP

PATH = "/api/v1/recordings"
VCON_PATH = "/api/v1/vcons"
HEADER = "Kcc-Call"
RETRY_AFTER = 30
"""Seconds after which a recorder may try again what was not available."""

STATUS = {Answer.STORED: 201, Answer.KNOWN: 200, Answer.QUARANTINED: 202}
REFUSALS = {"other_bytes": 409}
"""Refusals with a status of their own; all others have REFUSED_STATUS."""
REFUSED_STATUS = 422
HEALS = frozenset({"sound_truncated", "start_in_future", "decoding_off"})
"""Refusals that the same call may outlive: the recorder sends it again later."""

FROM_ELSEWHERE = ("recorder", "call_id")
"""What the token and the address say already."""

DESCRIPTIONS = {
    200: "Known: the same bytes came before; the same receipt. The recorder may remove its file.",
    201: "Stored, or registered without sound (`code` says). The recorder may remove its file.",
    202: "Taken in, but nobody can be found for it: it waits in quarantine. "
    "The recorder may remove its file.",
    400: "Less of the body came than was promised; nothing was taken in. Send it again.",
    401: "No token, or one that is unknown or revoked.",
    409: "Another recording was taken in under this id. The recorder keeps its file and warns somebody.",
    411: "The body came without Content-Length. The recorder sends it again with one.",
    413: "Larger than this installation accepts.",
    422: "Refused: the metadata or the sound cannot be used, or a rule of the line says no; `code` says. "
    "With `retry` it may be sent again later; with `remove_source` (a private call) the recorder destroys "
    "its file now.",
    429: "Faster than this installation takes calls; nothing was taken in. Send it again after Retry-After "
    "seconds.",
    500: "Something went wrong on our side. Send it again later: what was taken in is then known.",
    503: "Not available just now, or too much at once; nothing was taken in. Send it again after Retry-After "
    "seconds.",
}
RESENDS = frozenset({400, 411, 429, 500, 503})
"""Statuses after which the same call is sent again; after 422 the problem's own `retry` says so, and after
all other problems somebody has to do something first."""
WAITS = frozenset({429, 503})
"""Statuses that come with Retry-After."""


def document(server: str) -> dict[str, Any]:
    """The whole description, for an installation that is reached at `server`."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "kcc", "version": "1", "description": "How recorders deliver calls to kcc."},
        "servers": [{"url": server}],
        "paths": {
            f"{PATH}/{{call_id}}": {"put": _put()},
            VCON_PATH: {"post": _post_vcon()},
            "/api/v1/openapi.json": {"get": _description()},
        },
        "components": {
            "schemas": {
                "Call": _call(),
                "Receipt": _receipt(),
                "Delivery": _delivery(),
                "Problem": _problem(),
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _put() -> dict[str, Any]:
    return {
        "operationId": "putRecording",
        "summary": "Deliver one call; delivering it again is harmless.",
        "security": [{"token": []}],
        "parameters": [
            {
                "name": "call_id",
                "in": "path",
                "required": True,
                "description": "The recorder's id of the call, percent-encoded; 1 to 200 printable signs.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            },
            {
                "name": HEADER,
                "in": "header",
                "required": True,
                "description": "Metadata as JSON in ASCII, other letters as \\u escapes; 8 KiB at most.",
                "content": {"application/json": {"schema": _reference("Call")}},
            },
        ],
        "requestBody": {
            "required": True,
            "description": "The sound as the recorder wrote it, recognised by its bytes: WAV (PCM, float, "
            "A-law, µ-law, GSM 6.10, G.722, ADPCM, MP3), MP3, Ogg, WebM, FLAC, M4A, AMR-NB, GSM; bare A-law, "
            "µ-law and G.722 when the metadata say so (`sound_format`). No type of the body is looked at.",
            "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}},
        },
        "responses": {str(status): _response(status) for status in DESCRIPTIONS},
    }


def _post_vcon() -> dict[str, Any]:
    signed = (
        (TIMESTAMP, "When it was signed, in seconds since 1970; at most 5 minutes away."),
        (SIGNATURE, "sha256= and HMAC-SHA-256, in hex, over the timestamp, a full stop and the body."),
        (KEY, "1 to 255 signs of the sender's own, the same each time the same vCon is sent."),
    )
    statuses = [status for status in DESCRIPTIONS if status != 411]
    return {
        "operationId": "postVcon",
        "summary": "Deliver the recordings of a vCon; delivering it again gets the same answer.",
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in signed
        ],
        "requestBody": {
            "required": True,
            "description": "A vCon, 0.0.1 to 0.5.0, unsigned or signed (JWS in JSON), up to a limit.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        "responses": {str(status): _response(status, "Delivery") for status in statuses},
    }


def _description() -> dict[str, Any]:
    anything = {"application/json": {"schema": {"type": "object"}}}
    return {
        "operationId": "getDescription",
        "summary": "This description.",
        "responses": {"200": {"description": "OpenAPI 3.1.", "content": anything}},
    }


def _response(status: int, receipt: str = "Receipt") -> dict[str, Any]:
    kind, name = ("json", receipt) if status in STATUS.values() else ("problem+json", "Problem")
    content = {f"application/{kind}": {"schema": _reference(name)}}
    response: dict[str, Any] = {"description": DESCRIPTIONS[status], "content": content}
    if status not in STATUS.values():
        response["x-resend"] = "if `retry`" if status == REFUSED_STATUS else status in RESENDS
    if status in WAITS:
        seconds = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        response["headers"] = {"Retry-After": seconds}
    return response


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _call() -> dict[str, Any]:
    schema = CallMetadata.model_json_schema()
    schema["required"] = [key for key in schema["required"] if key not in FROM_ELSEWHERE]
    return schema


def _receipt() -> dict[str, Any]:
    answers = [answer.value for answer in STATUS]
    return _object(
        answer={"type": "string", "enum": answers},
        code={
            "type": "string",
            "description": "Why: stored, known, or the reason of a seal or a quarantine.",
        },
        receipt={"type": "string", "description": "The same each time the same call comes."},
        detail={"type": "string"},
        remove_source={"type": "boolean", "description": "The recorder may, or must, remove its file."},
    )


def _delivery() -> dict[str, Any]:
    schema = _receipt()
    part = _object(answer={"type": "string"}, code={"type": "string"}, receipt={"type": ["string", "null"]})
    schema["properties"]["parts"] = {
        "type": "array",
        "items": part,
        "description": "One for each recording, or each employee's part of a transferred call.",
    }
    schema["required"] = list(schema["properties"])
    return schema


def _problem() -> dict[str, Any]:
    fault = _object(field={"type": "string"}, code={"type": "string"}, detail={"type": "string"})
    schema = _object(
        type={"type": "string"},
        title={"type": "string"},
        status={"type": "integer"},
        code={"type": "string", "examples": sorted(SENTENCES)},
        detail={"type": "string"},
    )
    schema["properties"] |= {
        "rule": {"type": "string", "description": "The rule of the protocol that says no."},
        "field": {"type": "string", "description": "The input that is wrong."},
        "errors": {"type": "array", "items": fault, "description": "All faults of the metadata."},
        "answer": {"type": "string", "enum": [Answer.REFUSED.value]},
        "parts": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Of a vCon: each part's answer.",
        },
        "retry": {"type": "boolean", "description": "Whether sending the same again may help."},
        "remove_source": {
            "type": "boolean",
            "description": "A private call: the recorder destroys its file.",
        },
    }
    return schema


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}
