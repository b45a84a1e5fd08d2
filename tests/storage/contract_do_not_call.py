"""What every store of do-not-call lists must do. A backend's tests inherit DoNotCallContract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from settings import read_settings
from storage import open_do_not_call
from storage.base import StorageError
from storage.do_not_call import DoNotCall, DoNotCallLists, DoNotCallQuery, Source
from tests.storage.lead_samples import NOW, NUMBER


def an_entry(number: str = NUMBER, campaign_id: str = "", **changes: object) -> DoNotCall:
    """Somebody who said so in a call."""
    entry = DoNotCall(
        number, campaign_id, Source.HEARD, NOW, words="என்னை அழைக்காதீர்கள்", call_id="call-1"
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


class DoNotCallContract:
    """The behaviour of a store of do-not-call lists."""

    def variables(self, place: Path) -> Mapping[str, str]:
        """Environment variables with which a process opens the lists of `place`."""
        raise NotImplementedError

    @pytest.fixture
    def lists(self, tmp_path: Path) -> Iterator[DoNotCallLists]:
        opened = open_do_not_call(read_settings(self.variables(tmp_path)))
        yield opened
        opened.close()

    def test_an_entry_stays_as_it_was_first_kept(self, lists: DoNotCallLists) -> None:
        first = an_entry()

        assert lists.add([first]) == 1
        assert lists.add([an_entry(source=Source.UPLOAD, words=""), an_entry("+911")]) == 1
        assert lists.of(NUMBER, "diwali") == first

    def test_what_a_person_says_takes_the_place_of_what_others_put_there(
        self, lists: DoNotCallLists
    ) -> None:
        by_hand = an_entry(source=Source.BY_HAND, words="a letter", by="Ravi", call_id="")
        said = an_entry(at=NOW + timedelta(days=1))

        assert lists.add([by_hand, an_entry("+911", source=Source.UPLOAD)]) == 2
        assert lists.add([an_entry("+911", campaign_id="diwali"), said]) == 2
        assert lists.add([said, by_hand, an_entry(source=Source.MESSAGE)]) == 0
        assert lists.of(NUMBER, "") == replace(said, by="Ravi")
        assert lists.of("+911", "") == an_entry("+911", source=Source.UPLOAD)
        newest = lists.find(DoNotCallQuery(campaign_id="", source=str(Source.HEARD)))
        assert [one.number for one in newest] == [NUMBER]

    def test_what_a_person_had_said_is_told_who_bars_them_too(self, lists: DoNotCallLists) -> None:
        lists.add([an_entry(), an_entry("+911", source=Source.UPLOAD)])
        upload = an_entry(source=Source.UPLOAD, words="register.csv", by="Ravi", call_id="")

        assert lists.add([upload, replace(upload, number="+911"), an_entry("+912")]) == 1
        assert lists.of(NUMBER, "") == an_entry(by="Ravi")
        assert lists.of("+911", "") == an_entry("+911", source=Source.UPLOAD)
        assert lists.add([replace(upload, source=Source.BY_HAND, by="Asha")]) == 0
        assert lists.of(NUMBER, "") == an_entry(by="Ravi")

    def test_what_others_barred_too_is_theirs_when_the_person_is_forgotten(
        self, lists: DoNotCallLists
    ) -> None:
        lists.add([an_entry(by="Ravi"), an_entry(campaign_id="diwali")])
        assert lists.forget_words(NUMBER) == 2
        of_all, of_one = (lists.find(DoNotCallQuery(one, NUMBER))[0] for one in ("", "diwali"))
        assert (of_all.source, of_all.by, of_all.words) == (Source.BY_HAND, "", "")
        assert (of_one.source, of_one.words) == (Source.HEARD, "")

    def test_a_list_has_its_own_numbers_in_any_spelling(self, lists: DoNotCallLists) -> None:
        lists.add([an_entry(), an_entry("+525555123456", "diwali")])
        numbers = [NUMBER, "+5215555123456", "+525555123456", "+911"]

        assert lists.on_list(numbers, "") == {NUMBER}
        assert lists.on_list(numbers, "diwali") == {"+5215555123456", "+525555123456"}
        lists.add([an_entry("+541123456789")])
        perhaps_it = "+5491123456789"  # which it bars, and which is somebody else for all we know
        assert lists.on_list([perhaps_it, "+541123456789"], "") == {"+541123456789"}

    def test_the_list_of_all_campaigns_goes_before_that_of_one(self, lists: DoNotCallLists) -> None:
        of_all, of_one = an_entry(), an_entry(campaign_id="diwali", source=Source.BY_HAND)
        lists.add([of_one])

        assert lists.of(NUMBER, "diwali") == of_one
        assert lists.of(NUMBER, "pongal") is None
        assert lists.among([NUMBER, "+911"], "diwali") == {NUMBER}
        assert lists.among([NUMBER, "+911"], "pongal") == set()
        lists.add([of_all])
        assert lists.of(NUMBER, "diwali") == of_all
        assert lists.among([NUMBER, "+911"], "pongal") == {NUMBER}

        assert lists.remove(NUMBER, "") is True
        assert lists.remove(NUMBER, "") is False
        assert lists.of(NUMBER, "diwali") == of_one

    def test_entries_are_found_newest_first_a_page_at_a_time(self, lists: DoNotCallLists) -> None:
        sources = list(Source)
        entries = [
            an_entry(
                f"+91900000000{number}",
                "diwali" if number % 2 else "",
                source=sources[number % len(sources)],
                at=NOW + timedelta(seconds=number // 3),
            )
            for number in range(9)
        ]
        lists.add(entries)

        def found(**wanted: object) -> list[DoNotCall]:
            pages: list[DoNotCall] = []
            query = DoNotCallQuery(limit=2, **wanted)  # type: ignore[arg-type]
            while page := lists.find(query):
                pages += page
                last = page[-1]
                query = replace(query, after=(last.at, last.number, last.campaign_id))
            return pages

        assert found() == entries[::-1]
        assert found(campaign_id="diwali") == entries[::-1][1::2]
        assert found(campaign_id="") == entries[::-1][::2]
        assert found(source="heard") == [entries[5], entries[0]]
        assert found(source="heard", campaign_id="") == [entries[0]]
        assert found(number=entries[4].number) == [entries[4]]
        assert found(number=entries[4].number, source="upload") == []
        assert lists.find(DoNotCallQuery(limit=0)) == []
        assert (lists.count(), lists.count("diwali"), lists.count("onam")) == (9, 4, 0)

    def test_a_person_who_is_forgotten_is_still_not_rung(self, lists: DoNotCallLists) -> None:
        lists.add([an_entry(by="asha@example.com"), an_entry(campaign_id="diwali")])

        assert lists.forget_words(NUMBER) == 2
        assert lists.forget_words(NUMBER) == 0
        assert lists.of(NUMBER, "diwali") == DoNotCall(NUMBER, "", Source.BY_HAND, NOW)

    def test_a_number_is_barred_and_found_in_all_its_spellings(self, lists: DoNotCallLists) -> None:
        old, new, other = "+5215512345678", "+525512345678", "+525512345679"
        lists.add([an_entry(old), an_entry(new, campaign_id="diwali")])

        assert lists.among([new, old, other], "pongal") == {new, old}
        assert lists.of(new, "pongal") == an_entry(old)
        assert lists.of(other, "pongal") is None
        assert {one.number for one in lists.find(DoNotCallQuery(number=new))} == {old, new}
        assert lists.forget_words(new) == 2
        assert lists.remove(new, "") is True
        assert lists.of(old, "pongal") is None
        assert lists.of(old, "diwali") is not None

    def test_what_may_be_the_same_number_bars_it_and_is_not_taken_for_it(
        self, lists: DoNotCallLists
    ) -> None:
        with_nine, without = "+5491143211234", "+541143211234"
        lists.add([an_entry(without)])

        assert lists.among([with_nine], "") == {with_nine}
        assert lists.of(with_nine, "") == an_entry(without)
        assert lists.find(DoNotCallQuery(number=with_nine)) == []
        assert lists.forget_words(with_nine) == 0
        assert lists.remove(with_nine, "") is False

    def test_more_entries_than_are_written_at_once_are_all_kept(
        self, lists: DoNotCallLists
    ) -> None:
        entries = [an_entry(f"+9190000{number:05}") for number in range(1200)]

        assert lists.add(entries) == 1200
        assert lists.add(entries) == 0
        assert len(lists.among([one.number for one in entries], "")) == 1200

    def test_closed_lists_say_so(self, lists: DoNotCallLists) -> None:
        lists.close()
        lists.close()

        with pytest.raises(StorageError):
            lists.of(NUMBER, "")
