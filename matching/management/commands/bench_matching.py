"""Measure the engine on files of any size: what takes how long, how large it is, how much memory it needs."""

import multiprocessing
import resource
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from scipy.sparse import csr_array

from matching import corpus
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Analysis, Index, analyse
from matching.engine.score import Firms, Found, Nearest, accelerated, nearest_plain, score_all

T = TypeVar("T")
R = TypeVar("R")
_SINGLE = 200  # needs and firms measured one by one


class Command(BaseCommand):
    help = (
        "Measure tokenising, index build, all needs, single needs (p50, p95), one changed firm, index size, load time "
        "and peak memory on two JSON-lines files. Uses no database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--firms", type=Path, required=True, help="firms.jsonl, one firm a line")
        parser.add_argument("--needs", type=Path, required=True, help="needs.jsonl, one need a line")
        parser.add_argument("--top", type=int, default=50, help="firms for each need (default 50)")
        parser.add_argument("--processes", type=int, default=1, help="processes for tokens and needs (default 1)")

    def handle(self, *args: Any, **options: Any) -> None:
        top, processes = options["top"], options["processes"]
        if top < 1 or processes < 1:
            raise CommandError("--top and --processes must be at least 1", returncode=2)
        try:
            firms = list(corpus.read_firms(options["firms"]).values())
            needs = list(corpus.read_needs(options["needs"]).values())
        except corpus.CorpusError as error:
            raise CommandError(str(error), returncode=2) from error
        with tempfile.TemporaryDirectory() as folder:
            for name, value in measure(firms, needs, top, processes, Path(folder) / "index"):
                self.stdout.write(f"{name:<46}{value}")
                self.stdout.flush()


def measure(
    firms: Sequence[FirmDocument], needs: Sequence[NeedDocument], top: int, processes: int, folder: Path
) -> Iterable[tuple[str, str]]:
    """(what, figure) as soon as each is known."""
    analyse(firms[0])  # the dictionary is loaded once a process
    seconds, firm_terms = _timed(lambda: _spread(analyse, firms, processes))
    terms = sum(len(field) for analysis in firm_terms for field in analysis.fields.values())
    yield "firms / needs / processes", f"{len(firms)} / {len(needs)} / {processes}"
    yield "tokens", f"{terms / seconds:,.0f} terms/s, {len(firms) / seconds:,.0f} firms/s"
    need_terms = _spread(analyse, needs, processes)
    seconds, index = _timed(lambda: Index.build(firm_terms))
    yield "index build from tokens", f"{seconds:.2f} s, {len(firms) / seconds:,.0f} firms/s"
    index.save(folder)
    size = sum(path.stat().st_size for path in folder.iterdir())
    yield "index size", f"{size / 1e6:.1f} MB, {len(index.terms):,} terms, {index.matrix.nnz:,} postings"
    seconds, index = _timed(lambda: Index.load(folder))
    yield "load and check", f"{seconds * 1000:.0f} ms"
    yield from _matching(index, folder, firm_terms, need_terms, top, processes)
    yield "peak memory, this process", _megabytes(resource.RUSAGE_SELF)
    if processes > 1:
        yield "peak memory, largest other process", _megabytes(resource.RUSAGE_CHILDREN)


def _matching(
    index: Index,
    folder: Path,
    firm_terms: Sequence[Analysis],
    need_terms: Sequence[Analysis],
    top: int,
    processes: int,
) -> Iterable[tuple[str, str]]:
    vectors = index.need_vectors(need_terms)
    one = [vectors[[row]] for row in range(min(_SINGLE, len(need_terms)))]
    ways = _ways()
    for name, way in ways.items():
        figures = _percentiles(partial(_first, way, index.firms, top), one)
        yield f"one need, vector to top, {name}", figures
    yield (
        "one need, its vector and its reasons too",
        _percentiles(lambda need: index.rank(need, top), need_terms[:_SINGLE]),
    )
    by_term = vectors.tocsc()
    changed = firm_terms[:_SINGLE]
    yield (
        "one changed firm, to all needs",
        _percentiles(lambda firm: score_all(by_term, index.firm_vector(firm)), changed),
    )
    blocks = [vectors[start : start + 1024] for start in range(0, vectors.shape[0], 1024)]
    _opened[folder] = index
    for name in ways:
        work = partial(_pairs, name, folder, top)
        seconds, _ = _timed(partial(_spread, work, blocks, processes))
        yield f"all needs, top {top}, {name}", f"{seconds:.2f} s, {len(need_terms) / seconds:,.0f} needs/s"


def _ways() -> dict[str, Nearest]:
    """The ways to the nearest firms that there are on this machine."""
    compiled = accelerated()
    return {"plain": nearest_plain} | ({"numba": compiled} if compiled else {})


def _first(way: Nearest, firms: Firms, top: int, need: csr_array) -> Found:
    return next(way(firms, need, top))


_opened: dict[Path, Index] = {}


def _pairs(way: str, folder: Path, top: int, block: csr_array) -> int:
    """How many pairs a block of needs gives; each process opens the index once."""
    if folder not in _opened:
        _opened[folder] = Index.load(folder)
    return sum(map(len, _ways()[way](_opened[folder].firms, block, top)))


def _spread(work: Callable[[T], R], items: Sequence[T], processes: int) -> list[R]:
    """work(item) for each item, in order, over processes."""
    if processes == 1:
        return [work(item) for item in items]
    size = max(1, min(1000, len(items) // (4 * processes)))
    with multiprocessing.Pool(processes) as pool:
        return pool.map(work, items, chunksize=size)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _percentiles(work: Callable[[T], Any], items: Iterable[T]) -> str:
    times = [_timed(partial(work, item))[0] * 1000 for item in items]
    return f"p50 {np.percentile(times, 50):.2f} ms, p95 {np.percentile(times, 95):.2f} ms"


def _megabytes(who: int) -> str:
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes on macOS
    return f"{resource.getrusage(who).ru_maxrss * unit / 1e6:,.0f} MB"
