"""Lists of what is published: filters, pages, and what is not for everybody."""

from flask import Flask

from booking.db import transaction
from booking.models.activities import Activity
from booking.models.scenarios import Scenario
from tests.support.api import NOW, Program
from tests.support.bodies import POOL, fields


def test_lists_are_narrowed_by_filters(program: Program, app: Flask) -> None:
    program.post("/pools", POOL, who="operator")
    _announce(app)

    def slugs(path: str) -> list[str]:
        answer = program.get(path, who="")
        assert answer.status_code == 200, answer.text
        return [item["slug"] for item in answer.get_json()["items"]]

    assert slugs("/facilities") == ["north-centre", "south-centre"]
    assert slugs("/facilities?region=Beijing") == ["north-centre"]
    assert slugs("/facilities?gpu_model=H100") == ["south-centre"]
    assert slugs("/facilities?q=北方") == ["north-centre"]
    assert slugs("/facilities?q=SOUTH") == ["south-centre"]
    assert slugs("/facilities?q=%25") == []
    assert slugs("/facilities?kind=dataset") == ["north-centre"]
    assert slugs("/facilities?kind=university") == ["south-centre"]
    assert slugs("/pools") == ["north-a100", "north-t4", "south-h100"]
    assert slugs("/pools?gpu_model=T4") == ["north-t4"]
    assert slugs("/pools?region=Guangdong") == ["south-h100"]
    assert slugs("/pools?kind=institute") == ["north-a100", "north-t4"]
    assert slugs("/pools?kind=dataset") == []
    assert slugs("/pools?q=a100&region=Beijing&gpu_model=A100&kind=pool") == ["north-a100"]
    assert slugs("/datasets") == ["north-radar"]
    assert slugs("/datasets?gpu_model=T4") == ["north-radar"]
    assert slugs("/datasets?gpu_model=H100") == []
    assert slugs("/scenarios") == ["traffic"]
    assert slugs("/scenarios?kind=society") == ["traffic"]
    assert slugs("/scenarios?kind=research") == []
    assert slugs("/scenarios?kind=institute&gpu_model=A100&region=Beijing&q=lights") == ["traffic"]
    assert slugs("/activities") == ["open-day"]
    assert slugs("/activities?kind=matchmaking&gpu_model=H100&region=Guangdong&q=Open") == ["open-day"]
    assert slugs("/activities?kind=contest") == []
    assert fields(program.get("/pools?kind=club")) == ["kind"]
    assert fields(program.get("/pools?colour=red")) == ["colour"]
    assert fields(program.get("/pools?limit=201")) == ["limit"]


def test_what_is_not_published_yet_is_nobodys_business_but_its_owners(program: Program, app: Flask) -> None:
    _announce(app)
    assert program.get("/scenarios/night", who="").status_code == 404
    assert program.get("/scenarios/night", who="lead").status_code == 404
    assert program.get("/scenarios/night", who="owner").get_json()["published_at"] is None
    assert program.get("/scenarios/traffic", who="").get_json()["category"] == "society"
    shown = program.get("/activities/open-day", who="").get_json()
    assert (shown["starts_at"], shown["organisation"]) == ("2026-03-02T08:05:00Z", "south")
    assert program.get("/activities/none", who="").status_code == 404


def test_a_list_goes_on_where_its_page_ended(program: Program) -> None:
    for number in range(3):
        program.post("/pools", {**POOL, "slug": f"pool-{number}"}, who="operator")
    seen, path = [], "/pools?limit=2"
    while path:
        answer = program.get(path, who="").get_json()
        seen += [pool["slug"] for pool in answer["items"]]
        path = answer["next"]
    assert seen == ["north-a100", "pool-0", "pool-1", "pool-2", "south-h100"]
    assert fields(program.get("/pools?cursor=nonsense")) == ["cursor"]


def _announce(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.add(
            Scenario(
                name="Night buses",
                slug="night",
                organisation_id=1,
                category="research",
                region="Beijing",
                description="",
            )
        )
        session.add(
            Activity(
                name="Open day", slug="open-day", organisation_id=2, kind="matchmaking", region="Guangdong",
                place="Hall 1", description="", starts_at=NOW, ends_at=NOW.replace(year=2027),
            )
        )  # fmt: skip
