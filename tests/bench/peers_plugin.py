"""The product's own scoring as peers of a benchmark that compares matchers on ready TF-IDF matrices.

The benchmark takes this file by --plugin and calls, for each class of PEERS: build(ctx), batch(lo, hi, k), which gives
the places of the k nearest firms of each need, single(j, k) and reverse(tokens). ctx.X and ctx.Q are the vectors of
firms and needs (float32, CSR), ctx.needs and ctx.vec their tokens. Nothing of the engine is copied or tuned here.
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

sys.path.insert(0, str(Path(__file__).parents[2]))

from matching.engine.score import Firms, Nearest, accelerated, nearest_plain, score_all

CORES = 2


class Plain:
    """matching.engine.score.nearest_plain: numpy and scipy"""

    imports: tuple[str, ...] = ("matching.engine.score", "scipy.sparse")
    threads = CORES

    def way(self) -> Nearest:
        return nearest_plain

    def build(self, ctx: Any) -> None:
        self.ctx, self.needs, self.nearest = ctx, csr_array(ctx.Q), self.way()
        by_firm = csr_array(ctx.X)
        start = time.perf_counter()
        self.firms = Firms(np.arange(by_firm.shape[0]), by_firm, by_firm.tocsc())
        self.build_s = time.perf_counter() - start  # without loading what numba compiled before

    def chunk(self, firms: int, needs: int) -> int:
        return 2048

    def batch(self, low: int, high: int, k: int) -> list[NDArray[np.int64]]:
        found = self.nearest(self.firms, self.needs[low:high], k, threads=self.threads)
        return [np.array([firm for firm, _ in of_need]) for of_need in found]

    def single(self, need: int, k: int) -> list[tuple[int, float]]:
        return next(self.nearest(self.firms, csr_array(self.ctx.csr1(self.ctx.needs[need])), k))

    def reverse_prep(self) -> None:
        self.by_term = self.needs.tocsc()

    def reverse(self, tokens: str) -> NDArray[np.float32]:
        return score_all(self.by_term, csr_array(self.ctx.csr1(tokens)))


class PlainOne(Plain):
    """the same in one thread"""

    threads = 1


class Fast(Plain):
    """matching.engine.fast: compiled by numba"""

    imports = (*Plain.imports, "numba")

    def way(self) -> Nearest:
        compiled = accelerated()
        if compiled is None:
            raise SystemExit("numba does not work here")
        return compiled


class FastOne(Fast):
    """the same in one thread"""

    threads = 1


PEERS = {"enishi": Plain, "enishi-1t": PlainOne, "enishi-fast": Fast, "enishi-fast-1t": FastOne}
