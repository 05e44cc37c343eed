"""How kcc's own log looks: text for people, JSON for machines; never personal data, which the audit keeps."""

import logging
import sys
import traceback

import structlog

from kcc.sections import Log


def _where_it_was(
    _logger: object, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Where an exception came from and of what kind; not what it says, which may be what somebody sent."""
    asked = line.pop("exc_info", None)
    found = asked if isinstance(asked, BaseException) else sys.exc_info()[1] if asked else None
    told: list[str] = []
    while found is not None:
        frames = traceback.extract_tb(found.__traceback__)
        told += [f"{type(found).__module__}.{type(found).__qualname__}"]
        told += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)]
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return {**line, "exception": "\n".join(told)} if told else line


def install(settings: Log) -> None:
    """Write log lines of the set level and above to standard error."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _where_it_was,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
