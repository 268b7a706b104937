"""What a job did, counted item by item."""

from booking.domain.jobs import JobResult, each, in_batches


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


def test_a_batch_that_fails_is_done_item_by_item_as_is_what_a_batch_leaves():
    alone = []

    def many(batch: list[int]) -> tuple[int, list[int]]:
        if 3 in batch:
            raise ValueError("it broke")
        return len(batch) - 1, batch[:1]

    def do(item: int) -> bool:
        if item == 3:
            raise ValueError("it broke")
        alone.append(item)
        return True

    assert in_batches([1, 2, 3, 4, 5], 2, many, do) == JobResult(4, ("3: it broke",))
    assert alone == [1, 4, 5]
