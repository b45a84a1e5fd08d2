"""The peer of the live benchmarks: pipecat's transport for Twilio's streams, and nothing behind it.

Run by uvicorn in an environment of its own (`make bench-live` makes it). No recogniser, no voice,
no model, no storage: a key that is pressed is answered with two seconds of sound, after the pause
that the vendors of the benchmark would make. That is less work than any agent does.
"""

from __future__ import annotations

import asyncio
import json

from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.frames.frames import (
    EndFrame,
    Frame,
    InputDTMFFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import (
    PipelineParams,
    PipelineTask,
)
from pipecat.processors.frame_processor import (
    FrameDirection,
    FrameProcessor,
)
from pipecat.serializers.twilio import (
    TwilioFrameSerializer,
)
from pipecat.transports.websocket.fastapi import (
    FastAPIWebsocketParams,
    FastAPIWebsocketTransport,
)

RATE_HZ = 8000
ANSWER_S = 2
VENDORS_S = 0.9  # recogniser 0.25, model 0.5, voice 0.15
_ANSWER = b"\x10\x00" * RATE_HZ * ANSWER_S

logger.remove()  # it tells every step of every call, which costs more than the steps
app = FastAPI()


class Answers(FrameProcessor):
    """Two seconds of sound for the greeting, and for every key."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputDTMFFrame):
            self.create_task(self._answer())
        else:
            await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame):
            await self._speak()

    async def _answer(self) -> None:
        await asyncio.sleep(VENDORS_S)
        await self._speak()

    async def _speak(self) -> None:
        await self.push_frame(
            OutputAudioRawFrame(audio=_ANSWER, sample_rate=RATE_HZ, num_channels=1)
        )


@app.websocket("/media")
async def media(socket: WebSocket) -> None:
    """One call."""
    await socket.accept()
    await socket.receive_text()  # connected
    start = json.loads(await socket.receive_text())
    serializer = TwilioFrameSerializer(
        start["streamSid"], params=TwilioFrameSerializer.InputParams(auto_hang_up=False)
    )
    transport = FastAPIWebsocketTransport(
        websocket=socket,
        params=FastAPIWebsocketParams(
            audio_in_enabled=True, audio_out_enabled=True, serializer=serializer
        ),
    )
    task = PipelineTask(
        Pipeline([transport.input(), Answers(), transport.output()]),
        params=PipelineParams(audio_in_sample_rate=RATE_HZ, audio_out_sample_rate=RATE_HZ),
        idle_timeout_secs=None,
    )

    @transport.event_handler("on_client_disconnected")
    async def gone(_transport: object, _client: object) -> None:
        await task.queue_frame(EndFrame())

    await PipelineRunner(handle_sigint=False).run(task)
