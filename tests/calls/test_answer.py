"""The kept answer is read as it was written."""

from __future__ import annotations

import json

import pytest

from agents.schema import HandoverReason
from calls.answer import KeptAnswer
from conversation.actions import (
    Extract,
    HandOver,
    HangUp,
    HangUpReason,
    KeepWaiting,
    Listen,
    Part,
    Say,
    StartRecording,
)
from conversation.extraction import ExtractionRequest
from tests.conversation.casting import NOON

EVERY_ANSWER = (
    Say((Part("வணக்கம்", "ta-IN"), Part("600 rupees", "en-IN", fixed=False)), interruptible=False),
    Listen("ta-IN", ("ரூபாய்", "rupees"), None, 20, 3, "charge"),
    HandOver("queue:help", HandoverReason.STUCK, 25),
    StartRecording(),
    HangUp(HangUpReason.COMPLETED),
)


def test_an_answer_survives_being_kept_as_json() -> None:
    answer = KeptAnswer(EVERY_ANSWER, "token-1")
    assert KeptAnswer.from_dict(json.loads(json.dumps(answer.to_dict()))) == answer


def test_a_call_that_was_not_answered_yet_has_an_empty_answer() -> None:
    assert KeptAnswer.from_dict({}) == KeptAnswer(())


def test_a_question_to_a_brain_is_no_answer_to_a_caller() -> None:
    request = ExtractionRequest("hm", "en-IN", NOON.date(), None, "", False, {})
    with pytest.raises(TypeError, match="Extract is no answer"):
        KeptAnswer((Extract(request),)).to_dict()


def test_clips_and_fillers_are_kept_as_they_were() -> None:
    said = Say((Part("One", "en-IN", True, "k1"), Part("two", "en-IN", False, "k2")))
    answer = KeptAnswer((said, KeepWaiting()), "d1")
    assert KeptAnswer.from_dict(json.loads(json.dumps(answer.to_dict()))) == answer
    assert not answer.is_by_carrier


def test_an_answer_without_clips_was_said_by_the_carrier() -> None:
    assert KeptAnswer((Say((Part("One", "en-IN"),)), KeepWaiting())).is_by_carrier
    assert not KeptAnswer((KeepWaiting(),)).is_by_carrier
