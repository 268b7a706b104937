"""The call that sums up utilisation."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, show
from booking.domain.errors import Forbidden
from booking.domain.permissions import may_see_shares
from booking.domain.refused_wishes import by_code, unmet
from booking.http.actor import asking
from booking.http.reading import reading
from booking.queries import utilisation as questions
from booking.queries.utilisation import By, Sight, Wanted
from booking.schemas.utilisation import (
    RefusalsShape,
    SumShape,
    UnmetShape,
    UtilisationFilter,
    UtilisationShape,
    hours_shape,
)

bp = Blueprint("utilisation", __name__)


@bp.get("/utilisation")
@call(query=UtilisationFilter, gives={200: UtilisationShape}, fails=(401, 403), public=True)
def read(query: UtilisationFilter) -> Response:
    """What was published and what became of it until now; by team for teams and for who looks after what they use."""
    since, until = query.span()
    wanted = Wanted(
        since, until, kind=query.kind, facility=query.facility, resource=query.resource, region=query.region,
        gpu_model=query.gpu_model,
    )  # fmt: skip
    now, connection = clock.now(), reading().connection()
    found = questions.find(connection, wanted, now)
    if query.by == By.TEAM:
        if not may_see_shares(asking()):
            raise Forbidden("Only teams, and those who look after what they use, see the shares of teams.")
        lines = questions.team_lines(connection, found, wanted, Sight.of(asking()))
    else:
        lines = questions.lines(connection, found, wanted, By(query.by))
    wishes = questions.refused_wishes(connection, wanted)
    return show(
        UtilisationShape(
            since=since,
            through=query.through,
            by=query.by,
            kind=query.kind,
            items=[SumShape.of(line.key, line.name, line.totals) for line in lines],
            total=SumShape.of("", "", questions.total(lines)),
            hours=hours_shape(questions.hours(connection, found, wanted)),
            refusals=[RefusalsShape.of(one) for one in by_code(wishes)],
            unmet=[UnmetShape.of(one) for one in unmet(wishes)],
        )
    )
