"""Writing the proof of a draw: whole for its employee, or bare of all that could lead to somebody.

Checking it is verify's.
Every field is explained in docs/draw-proof.md. Whoever calls has a permit, and a session that sees the log.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.coaching.draws import citing, phrases, verify
from kcc.coaching.draws.citing import Cited, Said
from kcc.coaching.draws.phrases import Phrase
from kcc.coaching.draws.queries import Dated
from kcc.coaching.freezing import pool_of
from kcc.coaching.model import Draw, SampledCall, SeedChain
from kcc.errors import N_, Refused
from kcc.vault.keystore import KeyStore

Proof = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the proofs of some draws are made of, read in a handful of questions."""

    session: Session
    chains: dict[str, SeedChain]
    phrases: dict[str, Phrase | None]
    samples: dict[int, list[SampledCall]]
    said: Said


def gather(session: Session, keys: KeyStore, draws: Sequence[Draw]) -> Gathered:
    """Read what these draws' proofs need."""
    chains = session.scalars(select(SeedChain).where(SeedChain.id.in_({draw.chain_id for draw in draws})))
    chosen = phrases.opened(session, keys, {draw.phrase_id for draw in draws if draw.phrase_id})
    samples: dict[int, list[SampledCall]] = defaultdict(list)
    query = select(SampledCall).where(SampledCall.draw_number.in_([draw.number for draw in draws]))
    for sample in session.scalars(query.order_by(SampledCall.drawn_at, SampledCall.slot)):
        samples[sample.draw_number].append(sample)
    left = [sample for of_one in samples.values() for sample in of_one if sample.left_at]
    said = citing.read(session, draws, left)
    return Gathered(session, {chain.id: chain for chain in chains}, chosen, samples, said)


def whole(found: Gathered, dated: Dated, *, proven: bool = True) -> Proof:
    """The proof of a draw for its employee, with phrase, reasons, and the lines of the log.

    Not `proven`, the lines come without their places in the tree, each of which costs some questions. Refused
    once the pool is gone, after 13 months.
    """
    proof, cited = _arithmetic(found, dated), Cited(found.said)
    draw, phrase = dated[0], _phrase(found, dated[0])
    proof["withheld"] = [] if phrase else ["phrase"]
    if phrase:
        proof |= {"phrase": phrase.text, "phrase_opening": phrase.opening.hex()}
    calls = dict(verify.tickets(proof))
    proof |= {"opened": cited.opened(draw), "committed": cited.committed(draw)}
    proof["steps"] = cited.steps(draw, calls)
    proof["drawn"] = [cited.drawn(sample) for sample in found.samples[draw.number]]
    proof["lines"] = [citing.shown(found.session, line, proven=proven) for line in cited.lines]
    return proof


def bare(found: Gathered, dated: Dated) -> Proof:
    """The same proof for whoever oversees, without what could lead to one employee (AGG-4).

    No phrase, no reason, no moment but the month; the lines of the log by their salted commitments alone,
    which only the officer can look up. Calls stand there by random ids that only their employee meets.
    """
    proof, cited = _arithmetic(found, dated), Cited(found.said)
    draw, phrase = dated[0], _phrase(found, dated[0])
    empty = phrase is not None and not phrase.text
    proof["withheld"] = ["lines", "reasons"] if empty else ["lines", "phrase", "reasons"]
    proof |= {"phrase": "", "phrase_opening": ""} if empty else {}
    cited.opened(draw)
    cited.committed(draw)
    proof["steps"] = [citing.without_reasons(step) for step in cited.steps(draw, {})]
    drawn = [cited.drawn(sample) for sample in found.samples[draw.number]]
    proof["drawn"] = [citing.without_reason(one) for one in drawn]
    proof["lines"] = sorted(line.commitment.hex() for line in cited.lines)
    return proof


def judge(proof: Proof) -> verify.Report:
    """kcc's own verdict, by the very file that anybody may run on the very same text."""
    return verify.check(json.loads(json.dumps(proof)))


def _phrase(found: Gathered, draw: Draw) -> Phrase | None:
    """What went into the seed; None where it was destroyed with the employee's function."""
    return found.phrases.get(draw.phrase_id) if draw.phrase_id else Phrase()


def _arithmetic(found: Gathered, dated: Dated) -> Proof:
    draw, month = dated
    chain = found.chains[draw.chain_id]
    if draw.pool is None or draw.secret is None:
        raise Refused(N_("The proof of a draw is kept for 13 months; this one is gone."), code="proof_gone")
    return {
        "kcc-draw-proof": verify.FORM,
        "rule_version": draw.rule_version,
        "number": draw.number,
        "month": month.isoformat()[:7],
        "chain": {"id": chain.id, "published_end": chain.published_end.hex(), "length": chain.length},
        "chain_index": draw.chain_index,
        "pool": pool_of(draw),
        "pool_size": draw.pool_size,
        "pool_root": draw.pool_root.hex(),
        "secret": draw.secret.hex(),
        "phrase": None,
        "phrase_opening": None,
        "seed": draw.seed.hex() if draw.seed else None,
    }
