"""Policies in plain words, as pages say them to those who book."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from booking.domain.listings import Listing
from booking.domain.policies import Charge, Opening, Policy, Quota
from booking.http.regions import region_name
from booking.http.words import duration, units

KINDS = {
    "enterprise": lazy_gettext("enterprises"),
    "university": lazy_gettext("universities"),
    "institute": lazy_gettext("research institutes"),
    "government": lazy_gettext("government bodies"),
    "intermediary": lazy_gettext("intermediaries"),
}

OPENINGS = {
    Opening.FREE: lazy_gettext("Shared free of charge."),
    Opening.PAID: lazy_gettext("Charged hours are paid at the rate that stood when the booking was made."),
    Opening.VOUCHER: lazy_gettext("Only vouchers cover a booking; their funder pays a share of the rate."),
}


def policy_facts(listing: Listing) -> list[tuple[str, str]]:
    """What the policy of a resource means to a team, as pairs of a term and a sentence."""
    policy = listing.policy
    return [
        (_("Length"), _length(listing)),
        (_("How far ahead"), _ahead(policy)),
        (_("How much"), " ".join(_how_much(policy, listing.kind))),
        (_("Approval"), _approval(policy)),
        *([(_("Check-in"), _check_in(policy.check_in_minutes))] if policy.check_in_minutes is not None else []),
        (_("Cancelling"), _cancelling(policy)),
        (_("Quota"), _quota(policy)),
        (_("Opening"), str(OPENINGS[policy.opening])),
        *([(_("Open to"), "; ".join(_open_to(policy)))] if policy.eligible_kinds or policy.eligible_regions else []),
        *([(_("Volume"), _volume(policy.max_gib_per_booking))] if policy.max_gib_per_booking is not None else []),
        *([(_("Training"), _training(policy.requires_course))] if policy.requires_course else []),
    ]


def _length(listing: Listing) -> str:
    least, step = duration(listing.min_minutes), duration(listing.grid_minutes)
    if listing.policy.max_minutes is None:
        return _("From %(least)s on, without a longest time, in steps of %(step)s.", least=least, step=step)
    longest = duration(listing.policy.max_minutes)
    return _("From %(least)s to %(longest)s, in steps of %(step)s.", least=least, longest=longest, step=step)


def _ahead(policy: Policy) -> str:
    at_least = duration(policy.notice_minutes)
    if policy.horizon_days is None:
        if policy.notice_minutes:
            return _("At least %(at_least)s before the start, as early as you like.", at_least=at_least)
        return _("Until the start, as early as you like.")
    at_most = duration(policy.horizon_days * 1440)
    if policy.notice_minutes:
        return _("From %(at_most)s to %(at_least)s before the start.", at_most=at_most, at_least=at_least)
    return _("From %(at_most)s before the start until the start.", at_most=at_most)


def _how_much(policy: Policy, kind: str) -> Iterator[str]:
    if policy.max_units is None:
        yield _("As much as is free.")
    else:
        yield _("At most %(units)s in a booking.", units=units(policy.max_units, kind))
    if policy.unit_step > 1:
        yield _("In multiples of %(units)s.", units=units(policy.unit_step, kind))
    if policy.max_units_per_team is not None:
        yield _("At most %(units)s of a team at a time.", units=units(policy.max_units_per_team, kind))
    if policy.max_concurrent_bookings is not None:
        one, many = "At most %(num)s booking of a team at a time.", "At most %(num)s bookings of a team at a time."
        yield ngettext(one, many, policy.max_concurrent_bookings)


def _approval(policy: Policy) -> str:
    threshold = policy.auto_approve_unit_hours
    if threshold is None:
        return _("Bookings are confirmed at once.")
    if threshold == 0:
        return _("Every booking waits for the owner's approval.") + " " + _waiting(policy.hold_minutes)
    first = _("Up to %(hours)s hours of units in seven days are confirmed at once; more waits.", hours=threshold)
    return first + " " + _waiting(policy.hold_minutes)


def _waiting(hold_minutes: int | None) -> str:
    if hold_minutes is None:
        return _("What waits is held for you until its start.")
    if hold_minutes == 0:
        return _("What waits is not held for you meanwhile.")
    return _("What waits is held for you for %(time)s.", time=duration(hold_minutes))


def _check_in(minutes: int) -> str:
    return _(
        "From %(time)s before the start until %(time)s after it; a booking nobody checks in to is given to others.",
        time=duration(minutes),
    )


def _cancelling(policy: Policy) -> str:
    if policy.late_cancel_percent == 0:
        return _("Free of charge until the start; then what was used is charged.")
    if policy.cancel_cutoff_minutes == 0:
        return _(
            "Free of charge until the start; then at least %(percent)s %% of the booking.",
            percent=policy.late_cancel_percent,
        )
    return _(
        "Free of charge until %(time)s before the start; then at least %(percent)s %% of the booking.",
        time=duration(policy.cancel_cutoff_minutes),
        percent=policy.late_cancel_percent,
    )


def _quota(policy: Policy) -> str:
    if policy.quota is Quota.NONE:
        return _("None is needed.")
    weight = policy.weight_percent
    costs = (
        _("Each hour of a unit takes an hour of quota.")
        if weight == 100
        else _("Each hour of a unit takes %(hours)s hours of quota.", hours=f"{weight / 100:g}")
    )
    if policy.charge is Charge.BOOKED:
        return costs + " " + _("What is booked is charged.")
    return (
        costs
        + " "
        + _(
            "What is measured is charged, at least %(percent)s %% of what is booked.", percent=policy.min_charge_percent
        )
    )


def _open_to(policy: Policy) -> Iterator[str]:
    if policy.eligible_kinds:
        yield ", ".join(str(KINDS.get(kind, kind)) for kind in policy.eligible_kinds)
    if policy.eligible_regions:
        yield _("organisations in %(regions)s", regions=", ".join(map(region_name, policy.eligible_regions)))


def _training(course: str) -> str:
    return _("Members must have completed the course “%(course)s”.", course=course)


def _volume(gib: int) -> str:
    return _("At most %(gib)s GiB are fetched in a booking.", gib=gib)
