"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

import pytest

from access.passwords import LENGTH_MOST, PasswordRefused, Passwords, check_new

PASSWORDS = Passwords(memory_kib=64, time_cost=1)


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("", "at least 10"),
        ("ninechars", "at least 10"),
        ("aaaaaaaaaaaaaaaa", "different"),
        ("ababababABABABAB", "different"),
        ("x" * 100 + "abcdefgh" * 20, "at most 200"),
        ("asha.rao@acme.example", "e-mail"),
        ("ASHA.RAO@acme.example", "e-mail"),
    ],
)
def test_a_password_that_others_try_first_is_refused(password: str, told: str) -> None:
    with pytest.raises(PasswordRefused, match=told):
        check_new(password, "asha.rao@acme.example")


@pytest.mark.parametrize("password", ["seven brown camels", "ஏழு பழுப்பு ஒட்டகங்கள்", "abcde" * 40])
def test_a_long_sentence_is_taken_in_any_language(password: str) -> None:
    check_new(password, "asha@acme.example")


def test_only_the_right_password_is_right() -> None:
    kept = PASSWORDS.hash("seven brown camels")

    assert kept.startswith("$argon2id$")
    assert "camels" not in kept
    assert PASSWORDS.hash("seven brown camels") != kept
    assert PASSWORDS.is_right(kept, "seven brown camels")
    for wrong in ("seven brown camel", "Seven brown camels", "", "seven brown camels\0"):
        assert not PASSWORDS.is_right(kept, wrong)


def test_letters_may_come_composed_or_not() -> None:
    kept = PASSWORDS.hash("Z\u00fcrich am See 12")

    assert PASSWORDS.is_right(kept, "Zu\u0308rich am See 12")


def test_nobodys_password_is_never_right() -> None:
    for tried in ("", "of nobody at all"):
        assert not PASSWORDS.is_right("", tried)


def test_what_was_kept_by_mistake_is_no_password() -> None:
    assert not PASSWORDS.is_right("not a hash", "not a hash")


def test_a_megabyte_and_half_a_letter_are_wrong_and_no_error() -> None:
    kept = PASSWORDS.hash("x" * LENGTH_MOST)

    assert PASSWORDS.is_right(kept, "x" * LENGTH_MOST)
    assert not PASSWORDS.is_right(kept, "x" * 1_000_000)
    assert not PASSWORDS.is_right(kept, "\ud800")


def test_a_hash_of_other_parameters_is_outdated() -> None:
    stronger = Passwords(memory_kib=128, time_cost=1)

    assert stronger.is_outdated(PASSWORDS.hash("seven brown camels"))
    assert not stronger.is_outdated(stronger.hash("seven brown camels"))
