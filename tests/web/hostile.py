"""What an attacker sends: values, bodies, addresses, headers; always the same ones, in the same order."""

import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

MARK = "<img src=x onerror=kcc7>"
"""Unescaped it would be an element of a page."""
SUM = "52731481"
"""What a template that was let in would make of SUMS."""
SUMS = "{{7919*6659-0}}${7919*6659}#{7919*6659}<%= 7919*6659 %>{7919*6659}%(x)s{0.__class__}"

VALUES = (
    "",
    " ",
    "x" * 5_000,
    "a\0b",
    "\ud800\udfff",
    "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe\N{ZERO WIDTH JOINER}\N{COMBINING ACUTE ACCENT}" * 20,
    f"\"'>{MARK}</script><script>kcc7()</script>--><!--",
    "javascript:kcc7()",
    "'; DROP TABLE person; --",
    "1' OR '1'='1\\",
    SUMS,
    "../../../../etc/passwd\0.html",
    "\r\nSet-Cookie: kcc7=1\r\n\r\n<html>",
    "-1",
    "9" * 400,
    "1e400",
    "NaN",
    "0000-00-00",
    "9999-12-31T23:59:60+99:99",
    "true",
    "[]",
    '{"$ne": null}',
    "١٢٣",
    "\N{MATHEMATICAL DOUBLE-STRUCK DIGIT ONE}",
)
ADDRESSES = (
    "%00",
    "%ff%fe",
    "%ed%a0%80",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "a" * 5000,
    "'--",
    "%3Cimg%20src=x%20onerror=kcc7%3E",
    "%7B%7B7919*6659-0%7D%7D",
    "%E2%80%AE",
    "0",
    "%0d%0aX-Kcc7:%201",
)
QUERIES = (
    "%",
    "%zz=%",
    "a=1&a=2",
    "=&=&&",
    "a[]=1&a[b][c]=2",
    "x=" + "y" * 10_000,
    "&".join(f"f{n}=1" for n in range(1200)),
    "%ff=%fe",
    "x=%ed%a0%80",
    "x=%00",
)
HEADERS: tuple[dict[str, str], ...] = (
    {"Accept-Language": "nl;q=9,*;q=,,;" + "x-" * 4000},
    {"Accept-Language": "../../etc/passwd, {{7919*6659-0}}"},
    {"Accept": "*/*;q=x, " + "a/b;" * 2000},
    {"Accept": MARK},
    {"Range": "bytes=99999999999999999999-"},
    {"Range": "bytes=-0,0-,--1,5-1"},
    {"Range": "lions=1-2"},
    {"If-Modified-Since": "Thu, 99 Xxx 99999 99:99:99 GMT"},
    {"If-None-Match": '"' + "x" * 8000},
    {"Cookie": "kcc=" + "x" * 8000},
    {"Cookie": "kcc=\xff\xfe; kcc_form=.eJ.x.y; language=../x; theme=" + MARK},
    {"Cookie": "; = ;kcc;kcc=;kcc=a;kcc=b"},
    {"Cookie": "kcc_form=eyJjc3JmX3Rva2VuIjoxfQ.x.y"},
    {"Referer": "javascript:" + MARK},
    {"Authorization": "Bearer " + "x" * 8000},
    {"Authorization": "Basic \xff"},
    {"X-Forwarded-For": "' OR 1=1, " + MARK},
    {"X-HTTP-Method-Override": "DELETE"},
    {"Content-Type": "multipart/form-data"},
    {"User-Agent": MARK * 200},
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "KCC7")


def encoded(fields: dict[str, str]) -> str:
    """As a form or a question, with lone surrogates as a broken program would send them."""
    return urlencode(fields, errors="surrogatepass")


def bodies(fields: list[str]) -> Iterator[dict[str, Any]]:
    """What may come in place of a good form with these fields, as arguments of the test client."""
    for value in VALUES:
        yield {"data": encoded(dict.fromkeys(fields, value)), "content_type": FORM}
    yield {"data": {name: ["1", "2", MARK] for name in fields}}
    yield {"data": {f"{name}[]": "1" for name in fields} | {f"{name}[x]": "1" for name in fields}}
    yield {"data": "&".join(f"f{n}={n}" for n in range(10_000)), "content_type": FORM}
    yield {"data": "&".join(f"{name}=%ed%a0%80%ff%00" for name in fields), "content_type": FORM}
    yield {"data": b"\xff\xfe\x00" * 1000, "content_type": FORM}
    yield {"data": b"x=1", "content_type": f"{FORM}; charset=utf-77"}
    yield {"data": {name: (io.BytesIO(b"x" * 100_000), f"../../{MARK}.html") for name in fields[:1]}}
    yield {
        "data": b"--b\r\nContent-Disposition: form-data; name=\r\n\r\n",
        "content_type": f"{PARTS}; boundary=b",
    }
    yield {"data": b"", "content_type": PARTS}
    yield {"data": b"x" * (1024 * 1024 + 1), "content_type": FORM}
    yield {"data": b"[" * 50_000, "content_type": "application/json"}
    for told in (None, [], 7, "x", {"revision": "x", "changes": []}, {"revision": 10**400, "changes": {}}):
        yield {"data": json.dumps(told), "content_type": "application/json"}
    yield {
        "data": json.dumps({name: {MARK: [VALUES[4]]} for name in fields}),
        "content_type": "application/json",
    }
    yield {"data": '{"revision": NaN, "revision": 1e999, "changes": {"a": "\\ud800"}}', "content_type": JSON}
    yield {
        "data": b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
        "content_type": "text/xml",
    }


FORM, PARTS, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"
