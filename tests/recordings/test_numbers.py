"""One caller, one spelling: how recorders write a number does not decide whether it is found."""

import pytest

from kcc.recordings.numbers import e164


@pytest.mark.parametrize(
    "written",
    [
        "+31201234567",
        "0031201234567",
        "0201234567",
        "31201234567",
        "020-123 45 67",
        "(020) 123.45.67",
        "+31 (0)20 123 4567",
        "+31 020 123 4567",
        "0031 (0)20/1234567",
        "tel:+31-20-1234567",
        "sip:0201234567@pbx.example;user=phone",
        "<sip:+31201234567@10.0.0.1>",
        "SIPS:0031201234567@pbx",
        "\uff10\uff12\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
        " 020\u00a0123\u201345\u201367 ",
    ],
)
def test_one_number_has_one_spelling(written: str) -> None:
    assert e164(written, "31") == "+31201234567"


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "anonymous",
        "Anonymous@anonymous.invalid",
        "sip:anonymous@anonymous.invalid",
        "withheld",
        "unknown",
        "112",
        "1234",
        "+",
        "00",
        "0",
        "+0000000000",
        "+1234567890123456",
        "+31 20 CALLME",
        "020123456\u0667",
        "*31#0201234567",
    ],
)
def test_what_names_nobody_has_none(written: str) -> None:
    """Withheld, a word, an extension, a code of the exchange, too long, digits of another script."""
    assert e164(written, "31") is None


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+4930123456", "+4930123456"),
        ("004930123456", "+4930123456"),
        ("4930123456", "+4930123456"),
        ("0800-1234", "+318001234"),
        ("+310201234567", "+31201234567"),
    ],
)
def test_other_numbers(written: str, number: str) -> None:
    assert e164(written, "31") == number


@pytest.mark.parametrize("written", ["212 555 0100", "+1 212 555 0100", "011 1 212 555 0100", "12125550100"])
def test_a_country_without_a_national_prefix(written: str) -> None:
    assert e164(written, "1", trunk="", international="011") == "+12125550100"
