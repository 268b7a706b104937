"""Bodies that calls of publishing take, and what their answers say."""

from typing import Any

from werkzeug.test import TestResponse

FACILITY = {
    "name": "  东部  Centre ",
    "slug": "east-centre",
    "organisation": "north",
    "region": "Shandong",
    "timezone": "Asia/Shanghai",
}
POOL = {
    "facility": "north-centre",
    "name": "T4",
    "slug": "north-t4",
    "gpu_model": "T4",
    "gpu_memory_gib": 16,
}
DATASET = {
    "facility": "north-centre",
    "name": "Lidar",
    "slug": "north-lidar",
    "description": "Points.",
    "seats": 3,
    "licence": "CC-BY-4.0",
    "access": "gateway",
}
DEFAULTS = {
    "min_minutes": 15,
    "max_minutes": 43_200,
    "notice_minutes": 0,
    "horizon_days": 180,
    "max_units": None,
    "max_units_per_team": None,
    "max_concurrent_bookings": None,
    "eligible_kinds": None,
    "eligible_regions": None,
    "auto_approve_unit_hours": None,
    "hold_minutes": 2_880,
    "check_in_minutes": None,
    "cancel_cutoff_minutes": 0,
    "late_cancel_percent": 0,
    "charge": "booked",
    "min_charge_percent": 0,
    "weight_percent": 100,
    "quota": "required",
    "unit_step": 1,
    "requires_course": None,
    "max_gib_per_booking": None,
    "opening": "free",
}


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    """The body with one field left out."""
    return {key: value for key, value in body.items() if key != name}


def fields(answer: TestResponse) -> list[str]:
    """The fields that an answer of 422 names."""
    return [error["field"] for error in answer.get_json()["errors"]]
