"""Signed addresses are those of the example that the inventors of the signature have published."""

from datetime import UTC, datetime

from booking.domain.presigning import Credentials, quoted_path, signed_query

EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
AT = datetime(2013, 5, 24, tzinfo=UTC)


def test_the_published_example_is_signed_as_it_says() -> None:
    query = signed_query(EXAMPLE, "GET", "examplebucket.s3.amazonaws.com", "/test.txt", {}, now=AT, seconds=86_400)
    assert query == (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


def test_names_of_any_script_are_quoted_as_they_are_signed() -> None:
    assert quoted_path("/b/雷达 1+2.bin") == "/b/%E9%9B%B7%E8%BE%BE%201%2B2.bin"
