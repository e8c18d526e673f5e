"""Set one dossier: a job as JSON on stdin, the PDF on stdout. A program of its own: it imports nothing of ours."""

import json
import sys
from pathlib import Path

import typst

HERE = Path(__file__).parent


def main() -> None:
    """`layout` is a file beside this one, `data` what it is given, `timestamp` the only date (seconds since 1970)."""
    job = json.load(sys.stdin.buffer)
    made = typst.compile(
        HERE / job["layout"],
        root=HERE,
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[HERE / "fonts"]),
        sys_inputs={"data": json.dumps(job["data"], ensure_ascii=False)},
        timestamp=job["timestamp"],
    )
    assert isinstance(made, bytes)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
