"""What a job did, counted item by item."""

from booking.domain.jobs import JobResult, each


def test_one_item_that_fails_is_named_and_stops_no_other():
    done = []

    def do(item: str) -> bool:
        if item == "second":
            raise ValueError("it broke")
        done.append(item)
        return True

    result = each(["first", "second", "third"], do)

    assert done == ["first", "third"]
    assert result == JobResult(items=2, errors=("second: it broke",))


def test_an_item_that_somebody_else_did_meanwhile_is_not_counted():
    assert each([1, 2], lambda item: item == 2) == JobResult(items=1)
