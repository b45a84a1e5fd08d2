"""What somebody asks for who writes a text message."""

from __future__ import annotations

import pytest

from calls.message_words import Wish, wish_of


@pytest.mark.parametrize(
    "text",
    [
        *("STOP. This is illegal", "STOP I already told you", "STOP you have the wrong person"),
        *("Stop, I don't know you", "Stop. Who is this?", "who is this? stop", "Thanks but stop"),
        *("I said STOP!!!", "Hi STOP", "HELP STOP", "STOP - Anil", "STOP\n\nSent from my iPhone"),
        *("Hello, please stop these messages. Regards, Anil", "please do not disturb", "unsub"),
        *("never again", "bas karo", "band kar do yeh sab", "कृपया मुझे परेशान न करें"),
        *("தொந்தரவு செய்யாதீங்க", "ശല്യം ചെയ്യരുത്", "S T O P", "arrêter"),
        *("Stop. Why do you call me every day?", "STOP. If you call me again I will sue"),
        *("STOP I am not interested", "STOP not interested", "STOP no longer a customer"),
        *("STOP this nonsense", "STOP or I complain to TRAI", "STOP promotion", "STOP he died"),
        *("Stop pls i dont want", "STOP and don't ring us at night", "STOP this is not Ravi"),
    ],
)
def test_people_who_want_no_messages_write_more_than_the_word(text: str) -> None:
    assert wish_of(text) is Wish.STOP


@pytest.mark.parametrize(
    "text",
    [
        *("Stop by at 10", "STOP BY AT TEN", "We are at the bus stop, come", "bus stop, near mall"),
        *("Don't send it now, I'm out", "STOP the order please", "can you stop here, please"),
        *("What does STOP do?", "I will never stop loving this pizza", "the rain won't stop"),
        *("don't call me at 5, call me at 6", "never again will I miss it"),
        *("do not disturb the dog", "Do not disturb now, I am driving. Call me at 6pm"),
        *("STOP CHEQUE 000123", "STOP EMI", "STOP DELIVERY TOMORROW", "You said stop. Who?"),
        *("The stop, near the temple", "My stop, please", "Thanks, at the stop", "I'm at the stop"),
        *("Stop I want to change the time to 5 pm", "stop you can come at five"),
        *("Stop we are at the gate", "Stop he is coming", "No more texts, call me instead"),
        *("You will get messages from us again. Reply STOP to end them.", "A B C D block 4"),
        "These messages come from our automated assistant. Reply STOP to end messages and calls.",
    ],
)
def test_a_message_about_something_else_ends_nothing(text: str) -> None:
    assert wish_of(text) is None
