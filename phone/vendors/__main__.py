"""`python -m phone.vendors --port N`: the control address on N, the vendors on the ports above."""

from __future__ import annotations

import argparse
import asyncio
import sys

import orjson
import uvloop

from phone.vendors.clips import hummed, spoken
from phone.vendors.street import Street


def main() -> None:
    """Serve until Ctrl-C, or with --with-parent until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m phone.vendors")
    parser.add_argument("--port", type=int, default=8900, help="0: any port for each of them")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input does")
    parser.add_argument("--speech", action="store_true", help="voices speak, by espeak-ng")
    chosen = parser.parse_args()
    street = Street(chosen.port, spoken if chosen.speech else hummed)
    try:
        uvloop.run(_serve(street, chosen.with_parent))
    except KeyboardInterrupt:
        pass
    except OSError as error:
        raise SystemExit(f"{error}: name another --port") from None


async def _serve(street: Street, with_parent: bool) -> None:
    await street.open()
    sys.stdout.write(orjson.dumps(street.addresses).decode() + "\n")
    sys.stdout.flush()
    if with_parent:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        street.close()
    else:
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
