"""Which bucket `[blobs] url` names and how it is reached; what is done with it is kcc.vault.s3's."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class S3Place:
    """A bucket's folder and how it is reached: s3://BUCKET/FOLDER?endpoint=...&region=...&timeout=..."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    timeout: float
    """Seconds that one request may take."""
    virtual_hosts: bool
    """Whether the bucket is part of the host's name, as some providers demand, instead of the path."""

    @classmethod
    def of(cls, url: str) -> "S3Place":
        """The place that `url` names; ValueError with the reason."""
        parts = urlsplit(url)
        told = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        if unknown := told.keys() - {"endpoint", "region", "timeout", "virtual_hosts"}:
            raise ValueError(f"has an unknown option: {', '.join(sorted(unknown))}")
        if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or parts.fragment:
            raise ValueError("must read s3://BUCKET/FOLDER?endpoint=https://HOST, without any credentials")
        if not told.get("endpoint", "").startswith(("http://", "https://")):
            raise ValueError("must name its endpoint: ?endpoint=https://HOST")
        timeout = float(told.get("timeout", "60"))
        if not 1 <= timeout <= 300:
            raise ValueError("must have a timeout of 1 to 300 seconds")
        return cls(
            bucket=parts.netloc,
            prefix=parts.path.strip("/"),
            endpoint=told["endpoint"].rstrip("/"),
            region=told.get("region", "us-east-1"),
            timeout=timeout,
            virtual_hosts=told.get("virtual_hosts", "no") == "yes",
        )
