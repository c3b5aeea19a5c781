"""JSON is read as its standard has it."""

from decimal import Decimal

import pytest

from xbench.specs.strict_json import strict_json


def test_values_are_what_python_s_own_reader_gives() -> None:
    assert strict_json('{"a": [1, 2.5, null, true], "b": {"a": "x"}}') == {"a": [1, 2.5, None, True], "b": {"a": "x"}}
    assert strict_json("[0.1]", parse_float=Decimal) == [Decimal("0.1")]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "key 'c' stands twice"),
        ('{"a": 1, "a": 1}', "key 'a' stands twice"),
        ("[NaN]", "NaN is not JSON"),
        ("[-Infinity]", "-Infinity is not JSON"),
        ("{'a': 1}", "Expecting property name"),
    ],
)
def test_what_the_standard_does_not_have_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        strict_json(text)
