"""Jobs that die, each in its way: the next run asks for what is missing, and nothing is left behind."""

from __future__ import annotations

from project import PATIENCE
from slurm.cluster import ACCOUNT
from slurm.faulty import SAMPLES, Faulty, read
from slurm.machine import wait_until


def test_scancel(faulty: Faulty) -> None:
    faulty.engine.behave(seconds=3)
    head = faulty.start()
    job = faulty.wait_for_rows(10)
    faulty.cluster.client("scancel", str(job.number))
    said = head.communicate(timeout=PATIENCE)[0]
    assert head.returncode == 1, said
    assert faulty.state(job) == "CANCELLED"
    assert "Interrupted: stopped by SIGTERM: " in faulty.log()
    faulty.recover()


def test_the_job_exits_with_an_error(faulty: Faulty) -> None:
    faulty.engine.behave(seconds=3)
    head = faulty.start()
    job = faulty.wait_for_rows(10)
    faulty.engine.behave(exit=3)
    said = head.communicate(timeout=PATIENCE)[0]
    assert head.returncode == 1, said
    assert faulty.state(job) == "FAILED"
    assert "ended while it served (exit code 3)" in faulty.log()
    faulty.recover()


def test_out_of_memory(faulty: Faulty) -> None:
    faulty.ask_for("serve", mem_mb=1000)
    faulty.ask_for("generate", mem_mb=500)
    faulty.engine.behave(seconds=3)
    head = faulty.start()
    job = faulty.wait_for_rows(10)
    faulty.engine.behave(seconds=3, megabytes=1500)
    said = head.communicate(timeout=PATIENCE)[0]
    assert head.returncode == 1, said
    assert faulty.state(job) == "FAILED"
    assert "memory limit" in faulty.slurm_log(job)
    faulty.recover()


def test_time_limits_that_are_too_short_make_progress_on_every_attempt(faulty: Faulty) -> None:
    """Slurm looks every 30 s for jobs that are over their limit, and sends SIGTERM, then SIGKILL."""
    faulty.engine.behave(seconds=12)  # 20 rows in the 30 s
    head = faulty.start(retries=3)
    safe = [0, exceed_limit(faulty, 8)]
    safe.append(exceed_limit(faulty, safe[1] + 8))
    faulty.engine.behave(seconds=0)
    said = head.communicate(timeout=PATIENCE)[0]
    assert head.returncode == 0, said
    assert safe[1] < safe[2] < SAMPLES
    assert len(faulty.engine.requests()) == SAMPLES
    faulty.check()


def exceed_limit(faulty: Faulty, rows: int) -> int:
    """Wait for so many rows, let the job's time limit pass, and return how many rows it has left behind."""
    job = faulty.wait_for_rows(rows)
    faulty.cluster.client("scontrol", "update", f"JobId={job.number}", "EndTime=now")
    wait_until(lambda: faulty.state(job) == "TIMEOUT", "no time-out")
    return faulty.journalled()


def test_preemption(faulty: Faulty) -> None:
    """The same run sees it through: Slurm starts the job again, which goes on where it was."""
    faulty.ask_for("serve", slurm_partition="scavenge")
    faulty.engine.behave(seconds=3)
    head = faulty.start()
    job = faulty.wait_for_rows(10)
    urgent = ("--partition=gpu", "--nodes=2", "--gpus-per-node=8", "--output=/dev/null", "--wrap=sleep 600")
    number = faulty.cluster.client("sbatch", "--parsable", f"--account={ACCOUNT}", *urgent).strip()
    wait_until(lambda: faulty.state(job) == "PENDING", "the job is not preempted")
    safe = faulty.journalled()
    faulty.engine.behave(seconds=0)
    faulty.cluster.client("scancel", number)
    said = head.communicate(timeout=PATIENCE)[0]
    assert head.returncode == 0, said
    assert faulty.cluster.show_job(job.number)["Restarts"] == "1"
    assert safe >= 10
    assert len(faulty.engine.requests()) <= SAMPLES + 8, "asked again for what was safe"
    faulty.check()


def test_node_down(faulty: Faulty) -> None:
    faulty.engine.behave(seconds=3)
    head = faulty.start()
    job = faulty.wait_for_rows(10)
    faulty.cluster.client("scontrol", "update", f"JobId={job.number}", "Requeue=0")
    faulty.cluster.power_off(job.nodes)
    faulty.cluster.client("scontrol", "update", f"nodename={job.nodes}", "state=down", "reason=test")
    try:
        said = head.communicate(timeout=PATIENCE)[0]
        assert head.returncode == 1, said
        assert faulty.state(job) == "NODE_FAIL"
        faulty.recover()
    finally:
        faulty.cluster.start_node(job.nodes)
        faulty.cluster.wait_idle(job.nodes)


def test_node_down_and_requeued(faulty: Faulty) -> None:
    """The same run sees it through: Slurm starts the job again, on another node."""
    faulty.engine.behave(seconds=3)
    head = faulty.start()
    job = faulty.wait_for_rows(10)
    faulty.cluster.power_off(job.nodes)
    faulty.cluster.client("scontrol", "update", f"nodename={job.nodes}", "state=down", "reason=test")
    safe, asked = faulty.journalled(), len(faulty.engine.requests())
    faulty.engine.behave(seconds=0)
    try:
        said = head.communicate(timeout=PATIENCE)[0]
        assert head.returncode == 0, said
        shown = faulty.cluster.show_job(job.number)
        assert (shown["JobState"], shown["Restarts"]) == ("COMPLETED", "1")
        assert shown["NodeList"] != job.nodes
        assert len(faulty.engine.requests()) - asked == SAMPLES - safe, "asked again for what was safe"
        faulty.check()
    finally:
        faulty.cluster.start_node(job.nodes)
        faulty.cluster.wait_idle(job.nodes)


def test_node_lost_while_its_processes_live(faulty: Faulty) -> None:
    """Slurm has given the job up, and the next run's job takes over; the old one notices and only waits."""
    faulty.engine.behave(seconds=0.5)
    head = faulty.start()
    job = faulty.wait_for_rows(10)
    faulty.engine.behave(seconds=4)
    faulty.cluster.client("scontrol", "update", f"JobId={job.number}", "Requeue=0")
    faulty.cluster.kill_slurmd(job.nodes)
    faulty.cluster.client("scontrol", "update", f"nodename={job.nodes}", "state=down", "reason=test")
    try:
        said = head.communicate(timeout=PATIENCE)[0]
        assert head.returncode == 1, said
        assert any("generate.py" in command for command in faulty.project.processes().values())
        said = faulty.run()
        assert f"Slurm job {job.number}, process" in faulty.log(), said
        assert "which is gone" in faulty.log()
        faulty.wait_until_over()
        assert read(faulty.project) == faulty.expected
    finally:
        faulty.cluster.start_slurmd(job.nodes)
        faulty.cluster.client("scontrol", "update", f"nodename={job.nodes}", "state=resume", check=False)
        faulty.cluster.wait_idle(job.nodes)
