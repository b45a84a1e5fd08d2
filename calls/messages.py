"""Text messages: sends them at most once, takes in what comes, does what STOP and START ask for."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event
from urllib.parse import urlencode

from agents.schema import Agent
from calls.address import PublicAddress
from calls.message_book import Message, MessageBook, id_of, is_later
from calls.message_words import Wish, answer_to, wish_of
from calls.states import has_opted_out, state_of
from conversation.closing import closing_message
from providers.errors import ProviderError, ProviderTimeout, ProviderUnavailable
from providers.telephony.base import Telephony
from providers.telephony.messaging import (
    MessageNotice,
    MessageOrder,
    MessageRefusal,
    MessageRefused,
    MessageStatus,
    MessageTurn,
)
from storage.do_not_call import OWN, DoNotCall, DoNotCallLists, DoNotCallQuery, Source
from storage.records import CallRecord
from storage.register import Register
from storage.spellings import one_spelling

log = logging.getLogger(__name__)

EVERY_S = 2.0
# Of one look: so many, and none is begun later.
BATCH, GO_ON_S = 100, 10.0
# A carrier that is away is asked again after these; then the message is given up.
AWAY = "away"  # what is kept when the carrier gives no code
WAITS = tuple(timedelta(seconds=one) for one in (30, 120, 600, 3_600, 4 * 3_600))


class Barred(Exception):
    """This number is on the do-not-call list of all campaigns; `entry` says since when and why."""

    def __init__(self, entry: DoNotCall) -> None:
        own = "This person asked for no calls and messages."
        other = (
            f"This number is on the do-not-call list since {entry.at:%d %B %Y}. Should its person "
            "want messages again, take it off the list first."
        )
        super().__init__(own if entry.source in OWN else other)
        self.entry = entry


class KeyUsed(Exception):
    """Another message was sent with this key."""


class SendingFailed(Exception):
    """The carrier did not take the message; `message` is what was kept. From a ProviderError."""

    def __init__(self, message: Message, error: ProviderError) -> None:
        super().__init__(str(error))
        self.message = message
        self.error = error


@dataclass(frozen=True, slots=True)
class Messages:
    """Sends and takes in messages. Safe to use from many threads and processes."""

    book: MessageBook
    telephony: Telephony
    lists: DoNotCallLists
    address: PublicAddress
    agents: Mapping[str, Agent]
    clock: Callable[[], datetime]
    new_id: Callable[[], str]

    def send(self, number: str, text: str, by: str, key: str = "") -> Message:
        """Send a message now; as it is kept. The same `key` of the same sender sends once, and
        sends after all what could not be handed to a carrier that was away.

        Barred, with nothing kept, when the person wants none, as with KeyUsed; SendingFailed when
        the carrier refuses, is away or does not answer. After no answer it may have been sent all
        the same.
        """
        message_id = _id_of_key(by, key) if key else self.new_id()
        known = self.asked_for(by, key)
        if known is not None and (known.number, known.text) != (number, text):
            raise KeyUsed("Another message was sent with this key: take a new key for each.")
        if known is not None and not known.may_be_sent_again:
            return known
        barred = self.lists.of(number, "")
        if barred is not None:
            raise Barred(barred)
        if known is not None:
            taken = self.book.claim(known)
            return known if taken is None else self._sent(taken)
        now = self.clock()
        line = self.telephony.line_number
        sending = str(MessageStatus.SENDING)
        message = Message(message_id, "outbound", number, line, text, sending, now, now, by=by)
        kept = self.book.add(replace(message, tries=1))
        if kept is None:  # asked for twice at once
            return self.book.get(message_id) or message
        return self._sent(kept)

    def asked_for(self, by: str, key: str) -> Message | None:
        """The message that was asked for with this key by this sender before."""
        return self.book.get(_id_of_key(by, key)) if key else None

    def call_ended(self, call: CallRecord) -> None:
        """Keep what is to be sent after a call, once however often the call's end is told."""
        agent = self.agents.get(call.agent)
        if agent is None or str(call.outcome) not in agent.messages:
            return
        if not call.caller_number.startswith("+") or has_opted_out(call):
            return
        text = closing_message(agent, state_of(agent, call), str(call.outcome))
        if not text:
            return
        now = self.clock()
        queued = str(MessageStatus.QUEUED)
        self.book.add(
            Message(
                message_id=id_of("call", call.call_id),
                direction="outbound",
                number=call.caller_number,
                line_number=self.telephony.line_number,
                text=text,
                status=queued,
                created_at=now,
                updated_at=now,
                call_id=call.call_id,
                by=agent.agent,
                due_at=now.isoformat(),
            )
        )

    def work(self, stop: Event) -> None:
        """Send what waits, some of it. StorageError when it cannot be seen."""
        until_s = time.monotonic() + GO_ON_S
        for message in self.book.due(BATCH):
            if stop.is_set() or time.monotonic() > until_s:
                return
            if self.lists.of(message.number, "") is not None:
                self.book.moved(
                    message.message_id, MessageStatus.FAILED, error="opted_out", due_at=""
                )
                continue
            taken = self.book.claim(message)
            if taken is None:
                continue
            try:
                self._sent(taken)
            except SendingFailed as failure:
                # Kept with the message, and shown with it.
                extra = {"message_id": message.message_id, "code": failure.error.code}
                log.warning("a message was not sent", extra=extra)
                if not isinstance(failure.error, MessageRefused):
                    return  # the carrier is away, for all: one is tried at each look

    def received(self, came: MessageTurn) -> tuple[Message, str]:
        """Take in a message; as it is kept, and what to answer ("" for nothing).

        Told twice, it is kept and answered once.
        """
        message_id = id_of("in", came.carrier_id)
        known = self.book.get(message_id)
        if known is not None:  # told again, perhaps after the person thought better of it
            return known, ""
        # What the carrier reads out of it, it acts on: then that holds here, too.
        wish = Wish(came.asks_for) if came.asks_for in set(Wish) else wish_of(came.text)
        now = self.clock()
        message = Message(
            message_id=message_id,
            direction="inbound",
            number=_telephone(came.sender),
            line_number=came.line_number,
            text=came.text,
            status=str(MessageStatus.RECEIVED),
            created_at=now,
            updated_at=now,
            carrier_id=came.carrier_id,
            wish="" if wish is None else str(wish),
            media=came.media,
        )
        # The wish first: whoever dies between the two is told again by the carrier.
        is_news = wish is not None and self._obey(wish, message)
        kept = self.book.add(message)
        log.info("a message came in", extra={"message_id": message_id, "wish": wish or ""})
        if kept is None:
            return self.book.get(message_id) or message, ""
        if wish is None or came.is_answered:
            return kept, ""
        if wish is Wish.START and self.lists.of(message.number, "") is not None:
            return kept, ""  # barred by somebody else, who may have their reasons
        if wish is Wish.STOP and not is_news:
            # Told already, and they wanted no more messages. Two machines that say "reply STOP to
            # unsubscribe" would answer each other for ever.
            return kept, ""
        return kept, answer_to(wish, came.text)

    def report(self, notice: MessageNotice, message_id: str = "") -> None:
        """What became of a message. One that is not known is left alone."""
        known = self.book.get(message_id) if message_id else None
        if known is not None and known.carrier_id not in ("", notice.carrier_id):
            known = None  # an address of another message
        message = known or self.book.of_carrier(notice.carrier_id)
        if message is None or message.direction != "outbound":
            return
        changes = {"carrier_id": message.carrier_id or notice.carrier_id}
        if notice.error and is_later(notice.status, message):
            changes["error"] = notice.error
        self.book.moved(message.message_id, notice.status, **changes)

    def _obey(self, wish: Wish, message: Message) -> bool:
        """Do what somebody wishes; whether that changed a list."""
        number = message.number
        if not number.startswith("+"):
            extra = {"message_id": message.message_id, "wish": str(wish)}
            log.warning("nothing is put on a list for who wrote without a number", extra=extra)
            return False
        if wish is Wish.STOP:
            entry = DoNotCall(number, "", Source.MESSAGE, self.clock(), message.text[:500])
            return self.lists.add([entry]) > 0
        if wish is Wish.START:
            barred = self.lists.find(DoNotCallQuery("", number))
            # Whom somebody here had barred, too, stays barred.
            if all(one.source in OWN and not one.by for one in barred):
                return self.lists.remove(number, "")
        return False

    def _sent(self, message: Message) -> Message:
        """Have the carrier send a message that was claimed. SendingFailed."""
        try:
            carrier_id = self.telephony.send_message(self._order(message))
        except ProviderTimeout as error:
            # It may have been sent: never again. A callback names it, if it was.
            kept = self.book.moved(message.message_id, MessageStatus.SENDING, error="timeout")
            raise SendingFailed(kept or message, error) from error
        except MessageRefused as error:
            if error.reason is MessageRefusal.OPTED_OUT:
                self._obey(Wish.STOP, replace(message, text="STOP, written to the carrier"))
            raise SendingFailed(self._failed(message, error), error) from error
        except ProviderError as error:
            raise SendingFailed(self._later(message, error), error) from error
        kept = self.book.moved(message.message_id, MessageStatus.ACCEPTED, carrier_id=carrier_id)
        return kept or message

    def _order(self, message: Message) -> MessageOrder:
        if not self.address.known:
            wrong = "It is not known where the carrier reaches this server: set PUBLIC_BASE_URL."
            raise ProviderUnavailable("telephony", self.telephony.name, wrong, "no_address")
        query = urlencode({"message_id": message.message_id})
        status = f"{self.address.known}/message-events/status?{query}"
        return MessageOrder(message.number, message.text, status)

    def _failed(self, message: Message, error: ProviderError) -> Message:
        changes = {"error": error.code, "due_at": ""}
        return self.book.moved(message.message_id, MessageStatus.FAILED, **changes) or message

    def _later(self, message: Message, error: ProviderError) -> Message:
        """A carrier that is away is asked again for what follows a call; not for a program, who is
        told so and can ask again itself."""
        if not message.call_id:
            changes = {"error": error.code or AWAY, "may_be_sent_again": True}
            return self.book.moved(message.message_id, MessageStatus.FAILED, **changes) or message
        if message.tries > len(WAITS):
            return self._failed(message, error)
        due_at = (self.clock() + WAITS[message.tries - 1]).isoformat()
        waits = replace(
            message, status=str(MessageStatus.QUEUED), due_at=due_at, error=error.code or AWAY
        )
        return self.book.save(waits)


def open_messages(
    register: Register,
    telephony: Telephony,
    lists: DoNotCallLists,
    address: PublicAddress,
    agents: Mapping[str, Agent],
    clock: Callable[[], datetime],
) -> Messages:
    """Messages, kept in the register."""
    book = MessageBook(register, clock)
    return Messages(book, telephony, lists, address, agents, clock, lambda: uuid.uuid4().hex)


def _telephone(sender: str) -> str:
    """The number of who wrote, which is theirs whichever way they write: others than that of text
    messages stand before it ("whatsapp:+91…")."""
    return one_spelling(sender.rpartition(":")[2])


def _id_of_key(by: str, key: str) -> str:
    return id_of("key", f"{by}\n{key}")
