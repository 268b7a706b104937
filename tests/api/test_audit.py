"""The audit log for programs."""

from tests.support.api import Program

UNI = {"name": "Uni", "slug": "uni", "kind": "university", "region": "Beijing"}


def test_an_administrator_reads_and_verifies_the_log(program: Program) -> None:
    assert program.post("/organisations", UNI, who="admin").status_code == 201
    (entry,) = program.get("/audit?q=organisation", who="admin").json["items"]
    assert (entry["by"], entry["act"]) == ("admin@example.org", "organisation.create")
    assert program.get("/audit?since=2040-01-01T00:00:00Z", who="admin").json["items"] == []
    verdict = program.get("/audit/verdict", who="admin").json
    assert (verdict["whole"], verdict["entries"], verdict["hash"]) == (True, 1, entry["hash"])


def test_nobody_else_reads_it(program: Program) -> None:
    assert program.get("/audit", who="operator").status_code == 403
    assert program.get("/audit/verdict", who="lead").status_code == 403
    assert program.get("/audit", who="").status_code == 401
