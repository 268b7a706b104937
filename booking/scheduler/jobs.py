"""The jobs: each one row that says its name, how often it runs, and the service that does it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from booking.domain.jobs import Service
from booking.services import (
    attestations,
    change_requests,
    displacements,
    docking,
    drift,
    due_bookings,
    editions,
    enrolments,
    gateway,
    grants,
    lost_bases,
    notices,
    outbox,
    outcomes,
    permits,
    received,
    reservations,
    settlements,
    team_ends,
    usage,
    utilisation,
    votes,
    waitlist,
)


@dataclass(frozen=True, slots=True)
class Job:
    """One thing that happens by itself.

    A job on `deadlines` ends what people did not do in time, and rests while no web process lets them do it. A job
    that talks to the `outside` has a thread of its own, so that nothing else waits for an answer from there.
    """

    name: str
    every_seconds: int
    service: Service
    deadlines: bool = False
    outside: bool = False


def table(connectors: Mapping[str, Any]) -> tuple[Job, ...]:
    """All jobs, in the order in which they run when several are due; `connectors` has the outside by name."""
    reachable = connectors.get("clusters", {})
    return (
        Job("expire holds", 5, due_bookings.expire_due, deadlines=True),
        Job("expire change requests", 5, change_requests.expire_due, deadlines=True),
        Job("release no-shows", 5, due_bookings.release_no_shows, deadlines=True),
        Job("resolve displacements", 5, displacements.resolve_due),
        Job("start bookings", 5, due_bookings.start_due),
        Job("complete bookings", 5, due_bookings.complete_due),
        Job("settle measured use", 30, usage.settle_measured),
        Job("choose nodes", 15, reservations.pin_due),
        Job("expire approvals", 30, team_ends.expire_approvals),
        Job("revoke without basis", 30, team_ends.revoke_without_basis),
        Job("close ended entries", 60, waitlist.close_ended),
        Job("close ended demands", 60, docking.close_ended),
        Job("keep scenario lists", 30, editions.keep_times),
        Job("decide on applications", 60, votes.decide_due),
        Job("serve the wait list", 5, waitlist.serve_due),
        Job("look through the wait list", 600, waitlist.look_again),
        Job("revoke without permit or training", 30, lost_bases.revoke_without_permit_or_training),
        Job("note ends of permits", 60, permits.note_ends),
        Job("close lost downloads", 60, gateway.close_lost_downloads),
        Job("expire grants", 60, grants.expire_grants),
        Job("remind of starts", 60, due_bookings.remind_of_starts),
        Job("ask for attestations", 60, attestations.ask_due),
        Job("remind of attestations", 60, attestations.remind_due),
        Job("end lent memberships", 60, enrolments.end_lent_memberships),
        Job("ask for outcomes", 60, outcomes.ask_due),
        Job("warn of ending grants", 600, notices.warn_of_ending_grants),
        Job("warn of ending approvals", 600, notices.warn_of_ending_approvals),
        Job("roll up utilisation", 600, utilisation.roll_up),
        Job("close months", 3600, settlements.close_due),
        Job("address notices", 5, outbox.address_notices),
        Job("send digests", 60, received.send_digests),
        Job("deliver mail", 5, partial(outbox.deliver_due, mail=connectors.get("mail")), outside=True),
        Job("tell clusters", 5, partial(reservations.deliver_due, reachable=reachable), outside=True),
        Job("import usage", 30, partial(usage.import_usage, reachable=reachable), outside=True),
        Job("reconcile clusters", 60, partial(drift.reconcile, reachable=reachable), outside=True),
    )
