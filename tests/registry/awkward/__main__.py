import sys
from pathlib import Path

from tests.registry.awkward import CASES

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(CASES, start=1):
        (folder / f"{number:03d} {case.title.replace('/', '-')}{case.ending}").write_bytes(case.data())
