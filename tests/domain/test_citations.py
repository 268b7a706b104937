"""Citations of datasets."""

from booking.domain.citations import citation

PLAIN = {"name": "Radar", "owner": "North", "version": "1.0", "url": "https://example.org/radar"}


def test_a_dataset_is_cited_as_its_description_asks() -> None:
    assert citation({"citeAs": " @article{radar}\n"}, **PLAIN) == "@article{radar}"


def test_a_dataset_that_asks_for_nothing_is_cited_by_owner_name_version_and_address() -> None:
    assert citation(None, **PLAIN) == "North. Radar (1.0). https://example.org/radar"
    assert citation({"citeAs": ["a", "b"]}, **{**PLAIN, "version": None, "url": None}) == "North. Radar"
