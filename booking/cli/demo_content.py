"""What the demo shows: people, centres, datasets and teams, in Chinese and English.

The slugs that begin with `demo-`, `demo-team`, `rival-team` and the first eight accounts are promised to clients; the
rest is there to look at. Centres and datasets are real and public, what they offer here is invented.
"""

from typing import NamedTuple

from booking.domain.facilities import FacilityWords, NewFacility
from booking.domain.listings import Access, NewDataset, NewPool
from booking.domain.organisations import NewOrganisation, OrganisationKind

PASSWORD = "demo-password"
PAST = 34
"""The days before yesterday on which there were bookings already; what is promised to clients begins yesterday."""


class Person(NamedTuple):
    """An account of the demo: its role, and for which organisation."""

    email: str
    name: str
    role: str = ""
    organisation: str = ""
    shown_as: str = ""
    department: str = ""


class Place(NamedTuple):
    """A pool, how many units it offers, and for how many days before yesterday it has done so."""

    pool: NewPool
    units: int
    days: int = 0


class Group(NamedTuple):
    """A team: its scenario, its organisation, its people, and how many days before yesterday its grants began."""

    slug: str
    name: str
    scenario: str
    organisation: str
    lead: str
    members: tuple[str, ...] = ()
    days: int = 0


def _at(name: str) -> str:
    return f"{name}@demo.example"


PEOPLE = (
    Person(_at("admin"), "陈晓 Chen Xiao", "administrator", shown_as="administrator"),
    Person(_at("operator"), "王磊 Wang Lei", "operator", "demo-institute", "operator of demo-centre"),
    Person(_at("steward"), "李娜 Li Na", "steward", "demo-institute", "steward of demo-radar"),
    Person(_at("funder"), "赵敏 Zhao Min", "funder", "demo-fund", "funder"),
    Person(
        _at("reviewer"),
        "孙悦 Sun Yue",
        "reviewer",
        shown_as="reviewer of teams",
        department="科技 Science and technology",
    ),
    Person(_at("lead"), "周航 Zhou Hang", shown_as="leads demo-team"),
    Person(_at("member"), "吴桐 Wu Tong", shown_as="member of demo-team"),
    Person(_at("rival"), "郑宇 Zheng Yu", shown_as="leads rival-team"),
    Person(_at("harbour"), "Anna Virtanen", shown_as="leads harbour-vision"),
    Person(_at("clinic"), "林静 Lin Jing", shown_as="leads dialect-care"),
    Person(_at("owner"), "何苗 He Miao", "scenario_owner", "demo-institute", "writes entries of scenario lists"),
    Person(
        _at("data"), "马骏 Ma Jun", "reviewer", shown_as="reviewer of another department", department="数据 Data bureau"
    ),
    Person(_at("crowds"), "何平 He Ping", shown_as="leads crowd-sense"),
)
PROMISED = tuple(person.email for person in PEOPLE[:8])
FUNDER, REVIEWER = _at("funder"), _at("reviewer")

ORGANISATIONS = (
    NewOrganisation(
        "城市智算公共服务平台 · City Public Computing Platform",
        "demo-institute",
        OrganisationKind.INSTITUTE,
        "Shanghai",
    ),
    NewOrganisation("算力券基金 · Compute Voucher Fund", "demo-fund", OrganisationKind.GOVERNMENT, "Shanghai"),
    NewOrganisation("智行科技 · Zhixing Mobility", "zhixing-mobility", OrganisationKind.ENTERPRISE, "Shanghai"),
    NewOrganisation("鹏城实验室 · Peng Cheng Laboratory", "pcl", OrganisationKind.INSTITUTE, "Guangdong"),
    NewOrganisation(
        "武汉人工智能计算中心 · Wuhan AI Computing Centre", "wuhan-aicc", OrganisationKind.INSTITUTE, "Hubei"
    ),
    NewOrganisation("CSC – IT Center for Science", "csc", OrganisationKind.INSTITUTE, "Finland"),
    NewOrganisation("CINECA", "cineca", OrganisationKind.UNIVERSITY, "Italy"),
    NewOrganisation("开放数据目录 · Open Data Catalogue", "open-data", OrganisationKind.INTERMEDIARY, "Beijing"),
)

INVENTED = "此处的开放份额与时段为演示数据。The share that is open here is invented for this demo."

FACILITIES = (
    NewFacility(
        "demo-centre",
        "demo-institute",
        FacilityWords(
            "城市智算中心 · City AI Computing Centre",
            "Shanghai",
            "Asia/Shanghai",
            "上海 Shanghai",
            "面向场景创新团队开放的公共算力。Public computing power, open to teams of approved scenarios.",
        ),
    ),
    NewFacility(
        "pengcheng-cloud-brain",
        "pcl",
        FacilityWords(
            "鹏城云脑Ⅱ · Peng Cheng Cloud Brain II",
            "Guangdong",
            "Asia/Shanghai",
            "深圳 Shenzhen",
            f"基于昇腾处理器的 Atlas 900 集群。An Atlas 900 cluster of Ascend processors. {INVENTED}",
        ),
    ),
    NewFacility(
        "wuhan-aicc",
        "wuhan-aicc",
        FacilityWords(
            "武汉人工智能计算中心 · Wuhan AI Computing Centre",
            "Hubei",
            "Asia/Shanghai",
            "武汉东湖高新区 East Lake, Wuhan",
            "2021 年投入运行的公共算力服务平台。A public computing platform in service since 2021. " + INVENTED,
        ),
    ),
    NewFacility(
        "lumi",
        "csc",
        FacilityWords(
            "LUMI",
            "Finland",
            "Europe/Helsinki",
            "Kajaani",
            f"欧洲高性能计算共同计划的超级计算机。A EuroHPC supercomputer with AMD Instinct GPUs. {INVENTED}",
        ),
    ),
    NewFacility(
        "leonardo",
        "cineca",
        FacilityWords(
            "Leonardo",
            "Italy",
            "Europe/Rome",
            "Bologna",
            f"博洛尼亚技术园的欧洲超级计算机。A EuroHPC supercomputer in the Tecnopolo of Bologna. {INVENTED}",
        ),
    ),
)

HOW_TO_USE = (
    "登录 ssh team@login.demo.example，提交作业时写明预约号。\n"
    "Log in with ssh team@login.demo.example and name your booking when you submit a job: sbatch --reservation=NAME."
)

POOLS = (
    Place(NewPool("demo-centre", "A100 80 GB", "demo-a100", "A100", 80, how_to_use=HOW_TO_USE), 64),
    Place(
        NewPool(
            "demo-centre",
            "H100 80 GB",
            "demo-h100",
            "H100",
            80,
            policy={"auto_approve_unit_hours": 0},
            how_to_use=HOW_TO_USE,
        ),
        16,
    ),
    Place(
        NewPool(
            "demo-centre",
            "L40S 48 GB",
            "edge-l40s",
            "L40S",
            48,
            policy={"auto_approve_unit_hours": 600, "check_in_minutes": 60, "requires_course": "gpu-safety"},
            how_to_use=HOW_TO_USE,
        ),
        32,
        PAST,
    ),
    Place(
        NewPool(
            "pengcheng-cloud-brain",
            "昇腾 Ascend 910",
            "pengcheng-ascend910",
            "Ascend 910",
            32,
            grid_minutes=60,
            policy={"unit_step": 8, "weight_percent": 80, "auto_approve_unit_hours": 2_000, "opening": "paid"},
        ),
        512,
        PAST,
    ),
    Place(
        NewPool(
            "wuhan-aicc",
            "昇腾 Ascend 910",
            "wuhan-ascend910",
            "Ascend 910",
            32,
            grid_minutes=30,
            policy={
                "unit_step": 8,
                "weight_percent": 80,
                "check_in_minutes": 30,
                "max_minutes": 10_080,
                "opening": "voucher",
            },
        ),
        256,
        PAST,
    ),
    Place(
        NewPool(
            "lumi",
            "AMD Instinct MI250X",
            "lumi-mi250x",
            "MI250X",
            128,
            grid_minutes=60,
            policy={"cancel_cutoff_minutes": 1_440, "late_cancel_percent": 25},
        ),
        128,
        PAST,
    ),
    Place(
        NewPool(
            "leonardo",
            "NVIDIA A100 64 GB",
            "leonardo-a100",
            "A100 64GB",
            64,
            policy={"notice_minutes": 120, "auto_approve_unit_hours": 500, "max_units_per_team": 64},
        ),
        128,
        PAST,
    ),
)

DATASETS = (
    NewDataset(
        "路口毫米波雷达 · Radar of one crossing",
        "demo-radar",
        "一个路口一年的毫米波雷达点云与信号灯相位。A year of radar points and signal phases of one crossing.",
        2,
        "CC-BY-4.0",
        Access.GATEWAY,
        facility="demo-centre",
        how_to_use="数据地址在预约开始时生效。The address of the data works from the start of your booking to its end.",
    ),
    NewDataset(
        "Common Voice 中文（普通话） · Common Voice zh-CN",
        "common-voice-zh-cn",
        "志愿者朗读的普通话语音，已放弃著作权。Mandarin read by volunteers, dedicated to the public domain.",
        None,
        "CC0-1.0",
        Access.OPEN,
        organisation="open-data",
        url="https://commonvoice.mozilla.org/zh-CN/datasets",
    ),
    NewDataset(
        "LibriSpeech",
        "librispeech",
        "约一千小时英语有声书。About 1,000 hours of English, read aloud from books.",
        None,
        "CC-BY-4.0",
        Access.OPEN,
        organisation="open-data",
        url="https://www.openslr.org/12/",
    ),
    NewDataset(
        "SQuAD 2.0",
        "squad-2",
        "阅读理解问答，含无法回答的问题。Questions on texts, some of which have no answer there.",
        None,
        "CC-BY-SA-4.0",
        Access.OPEN,
        organisation="open-data",
        url="https://rajpurkar.github.io/SQuAD-explorer/",
    ),
    NewDataset(
        "KITTI 自动驾驶 · KITTI vision benchmark",
        "kitti",
        "车载相机与激光雷达的道路场景；仅限非商业用途。Roads seen by cameras and lidar of a car; not for commerce.",
        None,
        "CC-BY-NC-SA-3.0",
        Access.OPEN,
        organisation="open-data",
        url="https://www.cvlibs.net/datasets/kitti/",
    ),
    NewDataset(
        "AISHELL-1 普通话语音 · AISHELL-1 Mandarin speech",
        "aishell-1",
        "四百位说话人的普通话朗读语音与文本。Read Mandarin of 400 speakers from all over China, transcribed.",
        4,
        "Apache-2.0",
        Access.ONSITE,
        facility="wuhan-aicc",
        url="https://www.openslr.org/33/",
        how_to_use="数据已放在计算节点的 /data/aishell-1。The data is at /data/aishell-1 on the nodes.",
    ),
)

TEAMS = (
    Group(
        "demo-team", "路口先锋 · Crossing Pioneers", "demo-traffic", "zhixing-mobility", _at("lead"), (_at("member"),)
    ),
    Group("rival-team", "绿波小组 · Green Wave", "demo-traffic", "demo-institute", _at("rival")),
    Group("harbour-vision", "Harbour Vision", "smart-port", "csc", _at("harbour"), days=PAST),
    Group("dialect-care", "乡音 · Dialect Care", "dialect-clinic", "wuhan-aicc", _at("clinic"), days=PAST),
    Group("crowd-sense", "人潮 · Crowd Sense", "event-crowds", "pcl", _at("crowds"), days=PAST),
)

APPLICANT = Group("enzyme-design", "酶设计小组 · Enzyme Design", "protein-design", "pcl", _at("owner"))
"""A team that waits for the reviewers' word."""

TERMS = {
    "kitti": "仅限非商业科研，发表须引用来源。\nFor research that earns nothing; who publishes cites the source.",
}
"""What must be accepted before some of the datasets are booked, by slug."""
