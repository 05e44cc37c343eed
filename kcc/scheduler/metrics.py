"""The installation's figures in the Prometheus text format: counts about nobody; who may read them is the
edge's.
"""

from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from kcc.scheduler.alarms import SENTENCES

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def text(found: dict[str, Any]) -> bytes:
    """What kcc.status gathered, as metrics."""
    registry = CollectorRegistry()
    for name, label, about in (
        ("recordings", "state", "Recordings by state"),
        ("quarantine", "reason", "Recordings in quarantine by reason"),
        ("refused", "code", "Files refused in the last 7 days by code"),
        ("drops", "what", "Calls and files in drop folders"),
        ("browser_reports", "directive", "What browsers refused on kcc's pages in the last 7 days"),
    ):
        gauge = Gauge(f"kcc_{name}", about, [label], registry=registry)
        for word, number in found[name].items():
            gauge.labels(word).set(number)
    if found["free_bytes"] is not None:  # a bucket does not say
        Gauge("kcc_free_bytes", "Bytes free for sound", registry=registry).set(found["free_bytes"])
    _alarms(registry, found["alarms"])
    _jobs(registry, found["jobs"])
    return generate_latest(registry)


def _alarms(registry: CollectorRegistry, alarms: list[dict[str, Any]]) -> None:
    gauge = Gauge("kcc_alarm", "What an alarm is about, 0 without one", ["alarm"], registry=registry)
    standing = {alarm["name"]: alarm["count"] for alarm in alarms}
    for name in SENTENCES:
        gauge.labels(name).set(standing.get(name, 0))


def _jobs(registry: CollectorRegistry, jobs: list[dict[str, Any]]) -> None:
    at = Gauge("kcc_job_last_run_seconds", "When a job last began", ["job"], registry=registry)
    failed = Gauge("kcc_job_failed", "Whether a job's last run failed", ["job"], registry=registry)
    for job in jobs:
        if job["last_run"]:
            at.labels(job["name"]).set(datetime.fromisoformat(job["last_run"]).timestamp())
            failed.labels(job["name"]).set(job["outcome"] == "failed")
