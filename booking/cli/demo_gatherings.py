"""The activities and the course of the demo: what is over, what is full, and what lends a team."""

from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from booking.db import db
from booking.domain.activities import ActivityKind, NewActivity
from booking.domain.courses import NewCourse
from booking.domain.errors import Conflict
from booking.domain.windows import Window
from booking.queries import demo as known
from booking.queries.users import actor_by_email
from booking.services.activities import announce_activity
from booking.services.courses import open_course, record_completion
from booking.services.enrolments import enrol, mark_attendance

COURSE = NewCourse(
    "共享算力安全使用 · Safe use of shared GPUs",
    "gpu-safety",
    "demo-institute",
    "边缘推理池的必修课：账号、数据与作业规范，半天完成，一年有效。\n"
    "Asked for by the edge pool: accounts, data and good manners in half a day, which count for a year.",
    valid_days=365,
)
CENTRE = "城市智算中心报告厅 City AI Computing Centre, auditorium"
WAYS_AHEAD = timedelta(days=3)
"""So long before they begin people enrol for what is over."""


class Event(NamedTuple):
    """An activity so many days ahead, from one hour of UTC to another, with who takes part, in their order."""

    name: str
    slug: str
    organisation: str
    kind: ActivityKind
    region: str
    place: str
    description: str
    days: int
    hours: tuple[int, int]
    places: int | None = None
    course: str | None = None
    team: str | None = None
    people: tuple[str, ...] = ()


EVENTS = (
    Event(
        "安全使用第一期 · Safe use, first session",
        "gpu-safety-1",
        "demo-institute",
        ActivityKind.TRAINING,
        "Shanghai",
        CENTRE,
        "已结束，合格者可预约边缘推理池。Over; who has completed it books the edge pool.",
        -36,
        (1, 5),
        places=20,
        course=COURSE.slug,
        people=("crowds", "harbour"),
    ),
    Event(
        "安全使用第二期 · Safe use, second session",
        "gpu-safety-2",
        "demo-institute",
        ActivityKind.TRAINING,
        "Shanghai",
        CENTRE,
        "名额已满，可候补。Full; who joins the wait list gets the next place.",
        10,
        (1, 5),
        places=2,
        course=COURSE.slug,
        people=("clinic", "rival", "member"),
    ),
    Event(
        "城市交通场景创新大赛 · City Traffic Scenario Contest",
        "traffic-contest",
        "demo-institute",
        ActivityKind.CONTEST,
        "Shanghai",
        CENTRE,
        "以路口信号自适应为题，入围队伍获得算力券。On the scenario of crossings; finalists receive compute vouchers.",
        30,
        (1, 9),
        places=40,
        people=("rival", "harbour"),
    ),
    Event(
        "算力供需对接日 · Compute Matchmaking Day",
        "compute-matchmaking",
        "wuhan-aicc",
        ActivityKind.MATCHMAKING,
        "Hubei",
        "武汉人工智能计算中心 Wuhan AI Computing Centre",
        "中心、数据方与场景团队面对面。Centres, owners of data and teams of scenarios meet.",
        14,
        (6, 10),
        places=60,
        people=("clinic", "crowds", "operator"),
    ),
    Event(
        "开放数据路演 · Open data road show",
        "open-data-roadshow",
        "open-data",
        ActivityKind.ROADSHOW,
        "Beijing",
        "中关村 Zhongguancun",
        "五个公共数据集的用法与授权。Five public datasets: how to use them, and under which licence.",
        21,
        (2, 8),
        people=("steward", "clinic"),
    ),
    Event(
        "赛事客流演示日 · Crowds at the stadium, shown live",
        "crowds-live",
        "pcl",
        ActivityKind.DEMONSTRATION,
        "Guangdong",
        "深圳湾体育中心 Shenzhen Bay Sports Centre",
        "与会者当日使用“人潮”团队为演示预留的 32 块 GPU。Guests use the 32 GPUs that the team Crowd Sense has booked.",
        4,
        (1, 9),
        places=12,
        team="crowd-sense",
        people=("harbour", "clinic"),
    ),
)


def add_gatherings(actor, now):
    """What is not there yet; where anybody has taken part, who does is theirs to say."""
    with suppress(Conflict):
        open_course(COURSE, actor=actor, now=now)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for event in EVENTS:
        window = Window(*(today + timedelta(days=event.days, hours=hour) for hour in event.hours))
        new = NewActivity(
            *event[:7], window, places=event.places, course=event.course, team=event.team
        )  # fmt: skip
        with suppress(Conflict):
            announce_activity(new, actor=actor, now=now)
        if not known.has_people(db.session(), event.slug):
            _fill(event, window, actor, now)


def _fill(event, window, actor, now):
    """Who takes part, and who was there and has completed the course where it is over."""
    is_over = window.end <= now
    for name in event.people:
        person = actor_by_email(db.session(), f"{name}@demo.example")
        at = window.start - WAYS_AHEAD if is_over else now
        part = enrol(event.slug, actor=person, now=at, waits=True)
        if is_over:
            mark_attendance(event.slug, part.id, True, actor=actor, now=window.end)
            record_completion(COURSE.slug, person.email, actor=actor, now=now, completed_at=window.end)
