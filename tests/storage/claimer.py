"""A process that claims the leads of a campaign, saying each, until it is killed or none is due.

claimer.py LEASE; it finds the store by its environment, and begins when it is told to.
"""

from __future__ import annotations

import sys
from contextlib import closing

from settings import load_settings
from storage import open_leads
from tests.storage.lead_samples import NOW, UNTIL


def main(lease: str) -> None:
    with closing(open_leads(load_settings(env_file=None))) as leads:
        leads.ringing()  # so that it is open
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        while (lead := leads.claim("diwali", NOW, lease, UNTIL)) is not None:
            sys.stdout.write(f"{lead.lead_id}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
