"""Forms and headers of a request, as they were sent."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from transports.webform import FIELDS_MOST, RequestHeaders, read_form


@given(st.binary(max_size=200) | st.text(alphabet="ab&=+%41 ", max_size=60).map(str.encode))
def test_a_form_is_read_as_the_standard_library_reads_it(body: bytes) -> None:
    expected = parse_qs(
        body.decode("utf-8", "surrogateescape"), keep_blank_values=True, errors="surrogateescape"
    )
    assert read_form(body) == expected


@given(
    st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.text()), max_size=8)
)
def test_what_was_encoded_is_what_is_read(pairs: list[tuple[str, str]]) -> None:
    pairs = [(name, value.encode("utf-8", "replace").decode()) for name, value in pairs]
    form = read_form(urlencode(pairs).encode())
    assert [(n, v) for n, values in form.items() for v in values] == sorted(
        pairs, key=lambda pair: list(form).index(pair[0])
    )


def test_a_form_with_more_fields_than_anybody_sends_is_not_read() -> None:
    assert len(read_form(b"&".join(b"f%d=1" % i for i in range(FIELDS_MOST)))) == FIELDS_MOST
    assert read_form(b"&".join(b"f%d=1" % i for i in range(FIELDS_MOST + 1))) == {}


def test_headers_are_found_by_their_names_in_lower_case() -> None:
    environ = EnvironBuilder(headers=[("X-Some-Token", "t"), ("Host", "a.example")]).get_environ()
    headers = RequestHeaders(environ)
    assert (headers["x-some-token"], headers.get("host")) == ("t", "a.example")
    assert headers.get("x-other") is None
    assert set(headers.items()) == {("x-some-token", "t"), ("host", "a.example")}
    assert len(headers) == 2
