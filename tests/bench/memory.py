"""Print what memory worker processes take that share one index on disk (Linux).

    python tests/bench/memory.py DIR [--processes 2] [--needs 256] [--plain]

DIR holds the ready vectors of the benchmark (X_data.npy, X_indices.npy, X_indptr.npy, X_shape.npy, the same for Q).
They are saved as an index of the product below DIR; fresh processes then load it as workers do, match the same needs at
the same time and say what they hold: RSS counts every page, also those of the files that all of them map; PSS counts a
page that n processes share as one n-th; "own" is what is not mapped from a file.
"""

import argparse
import multiprocessing
import shutil
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

sys.path.insert(0, str(Path(__file__).parents[2]))

from matching.engine.expand import Latent
from matching.engine.index import Index
from matching.engine.score import accelerated, nearest_plain
from matching.engine.settings import Settings
from matching.engine.terms import TermTable

_LINES = {"Rss:": "RSS", "Pss:": "PSS", "Anonymous:": "own", "VmHWM:": "peak RSS"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--needs", type=int, default=256)
    parser.add_argument("--plain", action="store_true", help="without numba, even where it is installed")
    options = parser.parse_args()
    folder = options.dir / "index"
    shutil.rmtree(folder, ignore_errors=True)
    save(options.dir, folder)
    print(f"{sum(path.stat().st_size for path in folder.iterdir()) / 1e6:,.0f} MB on disk")
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(options.processes)
    arguments = (folder, options.dir, options.needs, options.plain, barrier)
    workers = [context.Process(target=work, args=arguments) for _ in range(options.processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    shutil.rmtree(folder)


def vectors(folder: Path, name: str) -> csr_array:
    data, places, starts, shape = (
        np.load(folder / f"{name}_{part}.npy") for part in ("data", "indices", "indptr", "shape")
    )
    return csr_array((data, places, starts), shape=tuple(shape))


def save(source: Path, folder: Path) -> None:
    firms = vectors(source, "X")
    Index(
        ids=np.arange(firms.shape[0]),
        terms=[str(term) for term in range(firms.shape[1])],
        idf=np.ones(firms.shape[1]),
        by_firm=firms,
        matrix=firms.tocsc(),
        latent=Latent(np.zeros((0, 0), np.float32), np.empty(0, np.int64)),
        table=TermTable({}),
        means=np.ones(1),
        pivot=0.0,
        settings=Settings(),
    ).save(folder)


def work(folder: Path, source: Path, count: int, plain: bool, barrier: Any) -> None:
    index = Index.load(folder)
    needs = vectors(source, "Q")[:count]
    way = nearest_plain if plain else accelerated() or nearest_plain
    next(way(index.firms, needs[:1], 50))
    start = time.perf_counter()
    deque(way(index.firms, needs, 50), maxlen=0)
    seconds = time.perf_counter() - start
    barrier.wait()
    facts = {}
    for path in ("/proc/self/smaps_rollup", "/proc/self/status"):
        for line in Path(path).read_text().splitlines():
            name, *value = line.split()
            if name in _LINES:
                facts[_LINES[name]] = int(value[0]) * 1024
    barrier.wait()
    figures = ", ".join(f"{name} {value / 1e6:,.0f} MB" for name, value in facts.items())
    print(f"{way.__module__.rpartition('.')[2]}, {needs.shape[0]} needs in {seconds:.1f} s: {figures}", flush=True)


if __name__ == "__main__":
    main()
