"""All vendors, each behind a port of its own, and the control address that tells them what to do.

`GET /control` says what they were asked; `PUT /control` with `{"gemini": {"fault": "slow"}}`
gives the vendors that are named a new plan; `DELETE /control` makes everything as at the start.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from phone.vendors.aura import Aura
from phone.vendors.clips import Talk, hummed
from phone.vendors.deepgram import Deepgram
from phone.vendors.models import Gemini, OpenAI
from phone.vendors.plan import Fault, Plan, WrongPlan, read_plan
from phone.vendors.recogniser import Recogniser
from phone.vendors.scribe import Scribe
from phone.vendors.vendor import Vendor
from phone.vendors.voice import ElevenLabs
from phone.vendors.websocket import is_upgrade
from phone.vendors.wire import Asked, Handler, Listener

CONTROL = "control"
# In the order of their ports, from the one after the control address on.
NAMES = ("gemini", "openai", "elevenlabs", "deepgram")
# Ports that two share, as the companies' addresses do: who is asked over HTTP, who for a socket.
SHARED: Mapping[str, tuple[str, str]] = {
    "elevenlabs": ("elevenlabs", "scribe"),
    "deepgram": ("aura", "deepgram"),
}


class Street:
    """The vendors in one process. `port` is that of the control address; 0: any, for all.

    `talk`: how the voices sound to a telephone.
    """

    def __init__(self, port: int = 0, talk: Talk = hummed) -> None:
        self._vendors: Mapping[str, Vendor | Recogniser] = {
            "gemini": Vendor(Gemini()),
            "openai": Vendor(OpenAI()),
            "elevenlabs": Vendor(ElevenLabs(talk)),
            "aura": Vendor(Aura(talk)),
            "deepgram": Recogniser(Deepgram()),
            "scribe": Recogniser(Scribe()),
        }
        self._listeners = {
            name: Listener(self._counter(name), port and port + number)
            for number, name in enumerate(NAMES, start=1)
        }
        self._control = Listener(self._controlled, port)

    def _counter(self, name: str) -> Handler:
        """Who answers at the port of that name."""
        if name not in SHARED:
            return self._vendors[name]
        usual, sockets = (self._vendors[one] for one in SHARED[name])

        async def answer(asked: Asked) -> None:
            await (sockets if is_upgrade(asked) else usual)(asked)

        return answer

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where everything is reached, by name."""
        listeners = {CONTROL: self._control, **self._listeners}
        return {name: listener.address for name, listener in listeners.items()}

    @property
    def recognisers(self) -> Mapping[str, Recogniser]:
        """Those who listen, by name: for who runs a street in its own process."""
        return {
            name: vendor for name, vendor in self._vendors.items() if isinstance(vendor, Recogniser)
        }

    async def open(self) -> None:
        """Listen. OSError when a port is taken."""
        for listener in (self._control, *self._listeners.values()):
            await listener.open()

    def close(self) -> None:
        """Stop listening."""
        for listener in (self._control, *self._listeners.values()):
            listener.close()

    async def _controlled(self, asked: Asked) -> None:
        if asked.path != "/control":
            asked.send(404, b'{"error": "there is /control"}')
            return
        match asked.method:
            case "GET":
                pass
            case "DELETE":
                for vendor in self._vendors.values():
                    vendor.reset()
            case "PUT":
                try:
                    plans = self._plans(asked.body)
                except ValueError as error:
                    asked.send(400, orjson.dumps({"error": str(error)}))
                    return
                for name, plan in plans.items():
                    self._vendors[name].plan = plan
            case _:
                asked.send(405, b'{"error": "GET, PUT or DELETE"}')
                return
        await self._follow()
        told = {name: vendor.told() for name, vendor in self._vendors.items()}
        asked.send(200, orjson.dumps(told))

    def _plans(self, body: bytes) -> Mapping[str, Plan]:
        written = orjson.loads(body)
        if not isinstance(written, dict) or not written.keys() <= self._vendors.keys():
            raise WrongPlan(f"write an object with plans for {', '.join(self._vendors)}")
        return {name: read_plan(one, self._vendors[name].faults) for name, one in written.items()}

    async def _follow(self) -> None:
        """Open and close the ports as the plans have it."""
        for name, listener in self._listeners.items():
            plan = self._vendors[name].plan
            if plan.fault is Fault.DOWN and plan.share >= 1:
                listener.close()
            else:
                await listener.open()
