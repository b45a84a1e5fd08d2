"""All benchmarks of the running server, one after the other: what `make bench` prints.

    python -m benchmarks.everything [--only webhooks|vendors|clips] [further arguments]

Each is a process of its own, so that none inherits what another did to its own. With further
arguments only one is run, the first or the one that is named. The last line is one JSON object
with the last line of each.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.server_process import ROOT

NAMES = ("webhooks", "vendors", "clips")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run them and print; the exit code of the first that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.everything", add_help=False)
    parser.add_argument("--only", choices=NAMES)
    chosen, further = parser.parse_known_args(arguments)
    wanted = [chosen.only] if chosen.only else list(NAMES[:1] if further else NAMES)
    results: dict[str, object] = {}
    for name in wanted:
        print(f"== {name}", flush=True)
        code, results[name] = run(name, further)
        if code:
            return code
    print(json.dumps(results))
    return 0


def run(name: str, arguments: Sequence[str]) -> tuple[int, object]:
    """One benchmark, its output passed on: how it ended, and the object of its last line."""
    last = ""
    with subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{name}", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if last:
                print(last, flush=True)
            last = line.rstrip("\n")
    try:
        return process.returncode, json.loads(last)
    except json.JSONDecodeError:  # it ended before its end, or was asked for help
        print(last)
        return process.returncode, None


if __name__ == "__main__":
    sys.exit(main())
