"""What search engines read: addresses, descriptions, and facts in JSON-LD."""

import json
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.support.booking_form import change_row
from tests.support.world import World


def linked(page: str) -> Any:
    found = re.search(r'<script type="application/ld\+json" nonce="[^"]+">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_every_public_page_is_in_the_list_of_addresses_and_can_be_read(app: Flask, client: FlaskClient, world: World):
    change_row(app, world.other_pool, state="draft")
    listed = re.findall(r"<loc>http://localhost([^<]*)</loc>", client.get("/sitemap.xml").text)
    assert {"/catalogue", "/pools/north-a100", "/datasets/north-radar", "/scenarios/traffic"} <= set(listed)
    assert "/pools/south-h100" not in listed
    for address in listed:
        answer = client.get(address.replace("&amp;", "&"))
        assert answer.status_code == 200, address
        assert '<meta name="description" content="' in answer.text, address
        assert f'<link rel="canonical" href="http://localhost{address}">' in answer.text, address


def test_robots_are_told_where_the_list_is(client: FlaskClient):
    text = client.get("/robots.txt").text
    assert "Sitemap: http://localhost/sitemap.xml" in text
    assert "Disallow: /bookings" in text


def test_a_dataset_is_described_as_catalogues_know_it(app: Flask, client: FlaskClient, world: World):
    change_row(app, world.dataset, name="</script><b>Radar", description="x")
    facts = linked(client.get("/datasets/north-radar").text)
    assert (facts["@type"], facts["name"], facts["license"]) == ("Dataset", "</script><b>Radar", "CC-BY-4.0")
    assert 50 <= len(facts["description"]) <= 5_000
    assert facts["isAccessibleForFree"] is False


def test_a_pool_and_a_facility_are_services(client: FlaskClient, world: World):
    pool = linked(client.get("/pools/north-a100").text)
    assert (pool["@type"], pool["name"]) == ("Service", "NORTH-A100")
    assert pool["availableChannel"]["serviceUrl"] == "http://localhost/bookings/new?resource=north-a100"
    facility = linked(client.get("/facilities/north-centre").text)
    assert [each["itemOffered"]["name"] for each in facility["hasOfferCatalog"]["itemListElement"]] == ["NORTH-A100"]


def test_scenarios_and_activities_have_lists_and_pages(client: FlaskClient, world: World):
    page = client.get("/catalogue?kind=scenario").text
    assert "Traffic lights that see" in page
    assert "society (1)" in page
    assert client.get("/catalogue?kind=activity").status_code == 200
    assert "Signals that follow the traffic." in client.get("/scenarios/traffic").text
    assert client.get("/scenarios/nothing").status_code == 404
    assert client.get("/activities/nothing").status_code == 404
