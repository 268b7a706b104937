"""What portals harvest: the catalogue as DCAT-AP, each dataset as Croissant."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import DCAT, DCTERMS, RDF, Graph, URIRef

from tests.support.api import Program
from tests.support.booking_form import change_row
from tests.support.commands import DATA, run
from tests.support.croissant import validated
from tests.support.filling import browser as as_
from tests.support.filling import fields_of, fill
from tests.support.world import World


# rdflib warns of its own inner workings.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_the_catalogue_is_read_by_portals_and_has_every_public_dataset(app: Flask, client: FlaskClient, world: World):
    change_row(app, world.dataset, name='"Radar" <b>夜间</b>', source_url="https://x.example/a|b{c}", licence=None)
    run(app, "import", "croissant", DATA / "croissant.json")
    answer = client.get("/catalogue.jsonld")
    assert answer.mimetype == "application/ld+json"
    graph = Graph().parse(data=answer.text, format="json-ld")
    graph.serialize(format="turtle")

    listed = {f"http://localhost/datasets/{slug}" for slug in ("north-radar", "city-radar")}
    catalogue = URIRef("http://localhost/catalogue.jsonld")
    assert {str(one) for one in graph.objects(catalogue, DCAT.dataset)} == listed
    assert {str(one) for one in graph.subjects(RDF.type, DCAT.Dataset)} == listed
    radar = URIRef("http://localhost/datasets/north-radar")
    assert str(graph.value(radar, DCTERMS.title)) == '"Radar" <b>夜间</b>'
    for dataset in map(URIRef, listed):
        for needed in (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCTERMS.accessRights):
            assert (dataset, needed, None) in graph
        distribution = graph.value(dataset, DCAT.distribution)
        assert graph.value(distribution, DCAT.accessURL) == dataset
    one = Graph().parse(data=client.get("/datasets/north-radar/dcat.jsonld").text, format="json-ld")
    assert (radar, RDF.type, DCAT.Dataset) in one

    change_row(app, world.dataset, state="draft")
    assert "north-radar" not in client.get("/catalogue.jsonld").text
    for kind in ("dcat.jsonld", "croissant.json"):
        assert client.get(f"/datasets/north-radar/{kind}").status_code == 404


def test_each_dataset_goes_out_as_croissant_that_its_validator_accepts(
    app: Flask, client: FlaskClient, world: World, tmp_path: Path
):
    run(app, "import", "croissant", DATA / "croissant.json")
    change_row(app, world.dataset, source_version="spring", description="")
    page = client.get("/datasets/north-radar").text
    assert "/datasets/north-radar/croissant.json" in page
    written = []
    for slug in ("north-radar", "city-radar"):
        written.append(tmp_path / f"{slug}.json")
        written[-1].write_text(client.get(f"/datasets/{slug}/croissant.json").text, encoding="utf-8")
    validated(*written)
    came = json.loads((DATA / "croissant.json").read_text())
    out = json.loads(written[1].read_text())
    assert {**out, "@context": None} == {**came, "@context": None}


def test_a_steward_imports_a_description_and_is_told_all_that_is_wrong_with_one(app: Flask, world: World) -> None:
    address, good = "/operate/datasets/import", (DATA / "croissant.json").read_bytes()
    steward, program = as_(app, "steward"), Program(app, world)
    assert as_(app, "operator").get(address).status_code == 403
    for content, said in (
        (
            b'{"version": "' + b"1" * 81 + b'"}',
            ("name</code>: This cannot be blank.", "version</code>: This is longer than 80"),
        ),
        (b'{"name": "<b>",\n,}', ("Line 2 is not JSON",)),
        (
            b'{"name": "<b>", "@context": "https://x.example/"}',
            ("@context</code>: It cannot be understood without https://x.example/,",),
        ),
        (b"", ("Line 1 is not JSON",)),
    ):
        wrong = fill(steward, address, file=(BytesIO(content), "a.json"))
        assert (wrong.status_code, fields_of(wrong.text)["text"]) == (422, content.decode())
        assert all(each in wrong.text for each in said), content
    assert fill(steward, address, text=good.decode(), organisation="south").status_code == 422

    done = fill(steward, address, file=(BytesIO(good), "a.json"))
    assert (done.status_code, done.location) == (303, "/datasets/city-radar")
    whole = json.loads(good)
    body = {"organisation": "north", "croissant": {**whole, "name": "Ferry radar"}}
    assert program.post("/imports/croissant", {**body, "organisation": "south"}, who="steward").status_code == 403
    again = program.post("/imports/croissant", body, who="steward")
    assert (again.status_code, again.json["name"], again.json["organisation"]) == (200, "Ferry radar", "north")
    out = steward.get("/datasets/city-radar/croissant.json").json
    assert {**out, "@context": None} == {**whole, "name": "Ferry radar", "@context": None}
    other = program.post("/imports/croissant", {**body, "croissant": {"name": "Another"}}, who="steward")
    assert (other.status_code, other.headers["Location"]) == (201, "/api/v1/datasets/another")
    refused = program.post("/imports/croissant", {**body, "croissant": {"version": "1" * 81}}, who="steward")
    assert [one["field"] for one in refused.json["errors"]] == ["croissant.name", "croissant.version"]
