"""The configuration files of the cluster in `tests.support.slurm`."""

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

POOLS = {"a": (4, 8, "a100"), "b": (2, 4, "h100")}


@dataclass(frozen=True, slots=True)
class Node:
    """One pretend machine."""

    name: str
    partition: str
    gpus: int
    model: str
    port: int


def controller(here: Path, port: int, nodes: Iterable[Node]) -> str:
    """slurm.conf: what all programs of Slurm read."""
    types = ",".join(f"gres/gpu:{model}" for _, _, model in POOLS.values())
    settings = {
        "ClusterName": "tests",
        "SlurmctldHost": f"{socket.gethostname().split('.')[0]}(127.0.0.1)",
        "SlurmctldPort": port,
        "SlurmUser": "root",
        "SlurmdUser": "root",
        "AuthType": "auth/munge",
        "AuthInfo": f"socket={here}/run/munge.sock",
        "CredType": "cred/munge",
        "CommunicationParameters": "NoCtldInAddrAny,NoInAddrAny",
        "StateSaveLocation": f"{here}/spool/ctld",
        "SlurmdSpoolDir": f"{here}/spool/%n",
        "SlurmctldPidFile": f"{here}/run/slurmctld.pid",
        "SlurmdPidFile": f"{here}/run/slurmd.%n.pid",
        "SlurmctldLogFile": f"{here}/log/slurmctld.log",
        "SlurmdLogFile": f"{here}/log/slurmd.%n.log",
        "ProctrackType": "proctrack/linuxproc",
        "TaskPlugin": "task/none",
        "JobAcctGatherType": "jobacct_gather/linux",
        "MpiDefault": "none",
        "ReturnToService": 2,
        "MinJobAge": 3600,
        "SlurmdParameters": "config_overrides",
        "GresTypes": "gpu",
        "SelectType": "select/cons_tres",
        "SelectTypeParameters": "CR_Core",
        "SchedulerType": "sched/backfill",
        "SchedulerParameters": "batch_sched_delay=0,bf_interval=2,sched_min_interval=0",
        "PriorityType": "priority/multifactor",
        # A budget of GPU-minutes that neither melts away nor begins anew.
        "PriorityDecayHalfLife": 0,
        "PriorityUsageResetPeriod": "NONE",
        "PriorityCalcPeriod": 1,
        "ResvOverRun": 0,
        "KillWait": 2,
        "InactiveLimit": 0,
        "AccountingStorageType": "accounting_storage/slurmdbd",
        "AccountingStorageHost": "127.0.0.1",
        "AccountingStoragePort": port + 1,
        # The link to slurmdbd looks for munge here, not where AuthInfo says.
        "AccountingStoragePass": f"{here}/run/munge.sock",
        "AccountingStorageTRES": f"gres/gpu,{types}",
        "AccountingStorageEnforce": "associations,limits,qos,safe",
    }
    return _lines(settings) + "".join(_machines(list(nodes)))


def _machines(nodes: list[Node]) -> Iterable[str]:
    for node in nodes:
        yield (
            f"NodeName={node.name} NodeAddr=127.0.0.1 Port={node.port} CPUs=64 RealMemory=1000000"
            f" Gres=gpu:{node.model}:{node.gpus} State=UNKNOWN\n"
        )
    for partition in POOLS:
        names = ",".join(node.name for node in nodes if node.partition == partition)
        first = "YES" if partition == next(iter(POOLS)) else "NO"
        yield f"PartitionName={partition} Nodes={names} Default={first} DefaultTime=60 MaxTime=INFINITE State=UP\n"


def accounting(here: Path, port: int) -> str:
    """slurmdbd.conf: where the accounts are kept."""
    settings = {
        "AuthType": "auth/munge",
        "AuthInfo": f"socket={here}/run/munge.sock",
        "CommunicationParameters": "NoInAddrAny",
        "DbdHost": "localhost",
        "DbdAddr": "127.0.0.1",
        "DbdPort": port + 1,
        "SlurmUser": "root",
        "LogFile": f"{here}/log/slurmdbd.log",
        "PidFile": f"{here}/run/slurmdbd.pid",
        "StorageType": "accounting_storage/mysql",
        "StorageHost": "localhost",
        "StorageUser": "root",
        "StorageLoc": "slurm_acct",
    }
    return _lines(settings)


def gpus(here: Path, nodes: Iterable[Node]) -> str:
    """gres.conf: a count alone would give no GPUs at all, so each is a file."""
    lines = [
        f"NodeName={node.name} Name=gpu Type={node.model} File={here}/dev/nvidia[0-{node.gpus - 1}]\n" for node in nodes
    ]
    return "AutoDetect=off\n" + "".join(lines)


def _lines(settings: Mapping[str, object]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())
