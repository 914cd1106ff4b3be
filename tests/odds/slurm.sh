#!/bin/sh
# One SLURM node on this machine, from Debian's packages slurm-wlm and munge: `slurm.sh start DIR`, `slurm.sh stop DIR`. Needs root.
# All that it writes lies in DIR; SLURM's commands find it by SLURM_CONF=DIR/slurm.conf.
set -eu
dir=$(realpath -m "$2")
case "$1" in
start)
    mkdir -p "$dir/state" "$dir/spool" "$dir/munge"
    if [ ! -S "$dir/munge/socket" ]; then
        dd if=/dev/urandom of="$dir/munge/key" bs=1 count=1024 2>/dev/null
        chmod 700 "$dir/munge"; chmod 400 "$dir/munge/key"
        munged --force --key-file="$dir/munge/key" --socket="$dir/munge/socket" --pid-file="$dir/munge/pid" \
            --log-file="$dir/munge/log" --seed-file="$dir/munge/seed"
        chmod 711 "$dir/munge"
    fi
    host=$(hostname -s)
    cores=$(nproc)
    memory=$(awk '/MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)
    cat > "$dir/slurm.conf" <<CONF
ClusterName=here
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/pgid
TaskPlugin=task/none
ReturnToService=2
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldPort=16817
SlurmdPort=16818
SlurmdSpoolDir=$dir/spool
StateSaveLocation=$dir/state
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
InactiveLimit=0
KillWait=5
MinJobAge=60
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cores RealMemory=$memory State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    export SLURM_CONF="$dir/slurm.conf"
    slurmctld
    slurmd
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        sinfo --noheader --format=%T 2>/dev/null | grep -q idle && exit 0
        sleep 1
    done
    echo "SLURM did not come up; see $dir/slurmctld.log and $dir/slurmd.log" >&2
    exit 1
    ;;
stop)
    export SLURM_CONF="$dir/slurm.conf"
    scancel --user="$(id -un)" 2>/dev/null || true
    for pid in "$dir/slurmd.pid" "$dir/slurmctld.pid" "$dir/munge/pid"; do
        [ -f "$pid" ] && kill "$(cat "$pid")" 2>/dev/null || true
    done
    ;;
*)
    echo "usage: slurm.sh start|stop DIR" >&2
    exit 2
    ;;
esac
