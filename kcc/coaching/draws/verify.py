"""Checking the proof of a draw: this one file and Python's standard library are all it takes, nothing of kcc,
no database, no network; how a proof is written is proofs', what each field means is docs/draw-proof.md's.

    python verify.py PROOF [--lines FOLDER]
"""

import argparse
import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORM = 1
RULE_VERSION = "qm-draw-v1"
FREES = ("not_representative", "threat", "erased")
FREED_A_MONTH = 4
LONGEST_CHAIN = 1_000_000
_ODD = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)
_UNSIGNED = (
    "that a checkpoint was signed is not checked here (Python's standard library knows no Ed25519): "
    "write the lines out with --lines FOLDER and run `kcc audit verify` on each"
)


class _Broken(Exception):
    """A step could not be followed; what comes after it cannot be judged."""


@dataclass
class Report:
    """What a check found: what holds, what is wrong with the draw or its proof, what could not be judged."""

    passed: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def fair(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.findings


def check(proof: Any) -> Report:
    """Recompute a draw from its proof; never raises, whatever the file holds."""
    report = Report()
    try:
        for part in (_form, _pool, _secret, _seed, _walk, _drawn, _log):
            part(proof, report)
    except _Broken as fault:
        report.findings.append(str(fault))
    except _ODD as fault:
        report.findings.append(f"this is no proof of a draw ({type(fault).__name__}: {fault})")
    return report


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise _Broken(otherwise)


def _form(proof: Any, _: Report) -> None:
    known = proof["kcc-draw-proof"] == FORM and proof["rule_version"] == RULE_VERSION
    _must(known, "this is a proof of another form than is known here")


def _pool(proof: Any, report: Report) -> None:
    """The pool is the one that was fixed beforehand: its size and its root."""
    pool = proof["pool"]
    _must(pool == sorted(set(pool)), "the pool is not sorted, or holds a call twice")
    root = tree_root([id_.encode() for id_ in pool]).hex()
    same = (root, len(pool)) == (proof["pool_root"], proof["pool_size"])
    _must(same, "the pool is not the one that was fixed before the draw")
    report.passed.append(f"{len(pool)} calls in the pool: the ones that were fixed before the draw")


def _secret(proof: Any, report: Report) -> None:
    """The secret leads to the published end of its chain, so nobody chose it for this pool."""
    index, length = int(proof["chain_index"]), int(proof["chain"]["length"])
    _must(0 < index <= length <= LONGEST_CHAIN, "the secret has no place in its chain")
    value = bytes.fromhex(proof["secret"])
    for _ in range(index):
        value = hashlib.sha256(value).digest()
    leads = value.hex() == proof["chain"]["published_end"]
    _must(leads, "the secret does not lead to the published end of its chain")
    report.passed.append(f"the secret is number {index} of the chain that was published beforehand")


def _seed(proof: Any, report: Report) -> None:
    """The seed is made of the secret, the employee's phrase and the number, and of nothing else."""
    if "phrase" in proof["withheld"]:
        report.notices.append("the phrase is kept back: only with it can be seen what the seed was made of")
        return
    parts = (bytes.fromhex(proof["secret"]), proof["phrase"].encode(), str(proof["number"]).encode())
    made = hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()
    _must(made == proof["seed"], "the seed was not made of this secret, phrase and number")
    report.passed.append("the seed is made of secret, phrase and number")


def tickets(proof: Any) -> list[tuple[str, str]]:
    """(ticket, call) of the whole pool, lowest ticket first; none without a seed: then nothing was drawn."""
    if proof["seed"] is None:
        return []
    seed, said = bytes.fromhex(proof["seed"]), f"{RULE_VERSION}\0{proof['number']}\0"
    return sorted((hmac.digest(seed, (said + id_).encode(), "sha256").hex(), id_) for id_ in proof["pool"])


def _walk(proof: Any, report: Report) -> None:
    """Each step took the lowest tickets, past those alone that were skipped with a reason."""
    lots, taken, steps = [ticket for ticket, _ in tickets(proof)], list[str](), proof["steps"]
    kinds = [step["step"] for step in steps]
    _must(kinds == ["revealed", *["replaced"] * (len(steps) - 1)], "it was not drawn once and then replaced")
    for place, step in enumerate(steps):
        took, skipped = step["taken"], [one["ticket"] for one in step["skipped"]]
        slots = 1 if place else len(took) if step["slots"] is None else int(step["slots"])
        left = [ticket for ticket in lots if ticket not in taken]
        passed = left[: len(took) + len(skipped)]
        lowest = took == sorted(took) and passed == sorted([*took, *skipped])
        _must(lowest, f"step {place + 1} did not take the lowest tickets")
        _must(not took or passed[-1] == took[-1] or len(took) < slots, "a ticket was skipped after the last")
        short = len(took) < slots and passed == left
        _must(short or len(took) == slots, f"step {place + 1} took another number of calls than it had slots")
        taken += took
    report.passed.append(f"{len(taken)} drawn by the lowest tickets, in {len(steps)} steps")


def _drawn(proof: Any, report: Report) -> None:
    """What stands in the sample is what was drawn; a slot was filled anew only where one became free."""
    drawn, ids, later = proof["drawn"], dict(tickets(proof)), [step["for"] for step in proof["steps"][1:]]
    taken = sorted(ticket for step in proof["steps"] for ticket in step["taken"])
    _must(sorted(one["ticket"] for one in drawn) == taken, "other calls stand there than were drawn")
    _must(all(ids[one["ticket"]] == one["id"] for one in drawn), "a call stands under another one's ticket")
    gone = {one["ticket"]: one["left"] for one in drawn if one["left"]}
    freed = {ticket: left["freed"] for ticket, left in gone.items() if left["freed"] is not None}
    within = all(1 <= one <= FREED_A_MONTH for one in freed.values()) and _once(list(freed.values()))
    _must(within, f"more than {FREED_A_MONTH} slots of the month became free")
    _must(_once([one["slot"] for one in drawn if one["ticket"] not in freed]), "two calls stand in one slot")
    _must(_once(later) and set(later) <= set(freed), "a call was drawn in place of one that freed no slot")
    if "reasons" not in proof["withheld"]:
        _must(all(gone[ticket]["why"] in FREES for ticket in freed), "a slot became free for no such reason")
    report.passed.append(f"{len(freed)} slots became free; whatever was drawn later took such a slot")


def _once(values: Sequence[Any]) -> bool:
    return len(set(values)) == len(values)


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root of a Merkle tree as RFC 9162 (2.1.1) defines it."""
    level = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves] or [hashlib.sha256(b"").digest()]
    while len(level) > 1:
        row, odd = iter(level), level[len(level) & ~1 :]
        level = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(row, row, strict=False)] + odd
    return level[0]


def _log(proof: Any, report: Report) -> None:
    """The log says the same, in this order: chain published, pool fixed, secret shown, calls replaced."""
    if "lines" in proof["withheld"]:
        report.notices.append("the log's lines are named by their commitments, which the officer can open")
        return
    said = [_line(line) for line in proof["lines"]]
    named = [proof["committed"], *(step["line"] for step in proof["steps"])]
    _fixed(proof, _of(said, named[0]))
    if proof["opened"] is None:
        report.notices.append("that the chain was published is past its term: compare an older proof")
    else:
        chain, named = proof["chain"], [proof["opened"], *named]
        ends = {"published_end": chain["published_end"], "length": chain["length"]}
        _same(_of(said, named[0]), f"chain:{chain['id']}", step="chain opened", **ends)
    for step in proof["steps"]:
        _stepped(proof, step, _of(said, step["line"]))
    _because(proof, said)
    places = [proof["lines"][at]["position"] for at in named if "position" in proof["lines"][at]]
    _must(places == sorted(set(places)), "the log tells the steps in another order")
    report.passed.append("the log says the same, and fixed the pool before the secret was shown")
    signed = ["position" in line for line in proof["lines"]]
    if not all(signed):
        report.notices.append("some lines are not signed yet: take the proof again in ten minutes")
    if any(signed):
        report.notices.append(_UNSIGNED)


def _line(line: Any) -> Any:
    """What a line says, once it is known to be the one that stands under its checkpoint's root."""
    commitment = hashlib.sha256(bytes.fromhex(line["salt"]) + line["body"].encode()).digest()
    if "position" in line:
        size, root = line["checkpoint"].split("\n")[1:3]
        leaf, path = hashlib.sha256(b"\0" + commitment).digest(), map(bytes.fromhex, line["path"])
        found = path_root(int(line["position"]), int(size), leaf, list(path))
        _must(found == base64.b64decode(root), "a line does not stand in the tree of its checkpoint")
    return json.loads(line["body"])


def path_root(position: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root to which a path leads from a leaf at a place (RFC 9162, 2.1.3.2), or None for no such path."""
    at, last, found = position, size - 1, leaf
    if not 0 <= at <= last:
        return None
    for node in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = hashlib.sha256(b"\1" + node + found).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\1" + found + node).digest()
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def _of(said: Sequence[Any], at: Any) -> Any:
    _must(type(at) is int and 0 <= at < len(said), "something is told that no line of the log tells")
    return said[at]


def _same(body: Any, subject: str, **detail: Any) -> None:
    """A line is about this, was allowed, and says exactly this."""
    told = {name: body["detail"].get(name) for name in detail}
    about = body["subject"] == subject and body["allowed"] is True
    _must(about and told == detail, f"the log says otherwise of {subject}")


def _fixed(proof: Any, body: Any) -> None:
    """All but the secret was fixed, the phrase by a digest that only its opening explains."""
    fixed = {name: proof[name] for name in ("rule_version", "pool_size", "pool_root", "chain_index")}
    if "published_end" in body["detail"]:  # a draw of before phrases has it in the chain's own line alone
        fixed["published_end"] = proof["chain"]["published_end"]
    _same(body, f"draw:{proof['number']}", step="committed", chain_id=proof["chain"]["id"], **fixed)
    if "phrase" not in proof["withheld"]:
        opened = bytes.fromhex(proof["phrase_opening"]) + proof["phrase"].encode()
        digest = hashlib.sha256(opened).hexdigest() if proof["phrase"] else ""
        same = body["detail"].get("phrase_digest", "") == digest
        _must(same, "the phrase is another than was fixed before the draw")


def _stepped(proof: Any, step: Any, body: Any) -> None:
    more = {"secret": proof["secret"], "slots": step["slots"]} if "slots" in step else {}
    more |= {"for": step["for"], "left": step["left"]} if step["step"] == "replaced" else {}
    skipped = [f"{one['ticket']} {one['why']}" for one in step["skipped"]]
    more |= {"tickets": step["taken"], "skipped": skipped}
    _same(body, f"draw:{proof['number']}", step=step["step"], **more)


def _because(proof: Any, said: Sequence[Any]) -> None:
    """What is cited for a reason is about that very call, and of the kind that gives the reason."""
    ids = dict(tickets(proof))
    told = [(one["ticket"], one) for step in proof["steps"] for one in step["skipped"]]
    for one in proof["drawn"]:
        if left := one["left"]:
            told.append((one["ticket"], left))
            _same(_of(said, left["line"]), f"sample:{one['sample']}", left=left["why"], freed=left["freed"])
    for ticket, reason in told:
        action = "threat:report" if reason["why"] == "threat" else "recording:erase"
        for body in (_of(said, at) for at in reason["because"]):
            fits = (body["subject"], body["action"]) == (f"recording:{ids[ticket]}", action)
            _must(fits, "a reason cites a line of the log about something else")


def verify(path: Path, lines: Path | None = None) -> int:
    """Check a file and tell what was found; 0 when the draw was fair, 1 when not, 2 for no such file."""
    try:
        proof = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as fault:
        print(f"{path} cannot be read ({type(fault).__name__})", file=sys.stderr)
        return 2
    report = check(proof)
    for words, told in (("ok", report.passed), ("NOTE", report.notices), ("WRONG", report.findings)):
        print("".join(f"{words}: {sentence}\n" for sentence in told), end="")
    if report.fair and lines is not None:
        _write(proof["lines"], lines)
    print("this draw was fair" if report.fair else "NOT FAIR, or not whole")
    return 0 if report.fair else 1


def _write(lines: Sequence[Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for line in (line for line in lines if "position" in line):
        name = folder / f"line-{int(line['position'])}.json"
        name.write_text(json.dumps(line, ensure_ascii=False), encoding="utf-8")
        print(f"now run: kcc audit verify {name}")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Check the proof of a draw of kcc, without kcc.")
    parser.add_argument("proof", type=Path, help="the file that was downloaded")
    parser.add_argument("--lines", type=Path, help="a folder for the log's lines, to check their signatures")
    told = parser.parse_args(arguments)
    return verify(told.proof, told.lines)


if __name__ == "__main__":
    sys.exit(main())
