"""The scaling model of cluster/: its rules are the program's, its formula is the one of SCALING.md; and two hosts."""

import json
import os
import re
import signal
import subprocess
import sys
from math import log

import pytest

from conftest import PROGRAM, ROOT, data_section, start, train

CLUSTER = ROOT / "cluster"
sys.path[:0] = [str(CLUSTER), str(CLUSTER / "lib")]
import measure_noise  # noqa: E402
import scaling  # noqa: E402
import scaling_machine  # noqa: E402
import scaling_plot  # noqa: E402
from scaling_allreduce import (GAMMA, Cluster, Link, best, by_default, by_host, choice, halving_doubling,  # noqa: E402
                               outer_rounds, recursive_doubling, ring, rounds, tree)
from scaling_host import FURTHER, PIECE, HostSum, meetings, moved  # noqa: E402
from scaling_model import EULER, Costs, Noise, busiest, default_block, gradient, parameters, share, sums  # noqa: E402
from scaling_threads import Team, active  # noqa: E402

SEED = (15, 30, 30, 30, 4)
INSIDE = Link("inside", 1.0, 11_136)
BETWEEN = Link("between", 10.0, 1_000)
HOST = HostSum(flag=0.2, rate=50_000, long_rate=10_000)
TEAM = Team(flag=0.3, byte=1e-4)
COSTS = Costs(SEED, {16: 0.2, 64: 0.1}, rounding=0.5, reset=0.1, update=0.9, team=TEAM, lone_event=0.7)


def here(ranks, per_node=None, host=None):
    return Cluster(ranks, per_node or ranks, INSIDE, BETWEEN, host)


@pytest.mark.parametrize("batch", [1, 7, 8, 9, 63, 64, 65, 100, 1000, 1024])
@pytest.mark.parametrize("block", [1, 8, 64])
@pytest.mark.parametrize("ranks, threads", [(1, 1), (2, 1), (3, 1), (3, 2), (7, 4), (40, 1)])
def test_the_busiest_worker_has_the_most_of_all(batch, block, ranks, threads):
    blocks = [range(start, min(start + block, batch)) for start in range(0, batch, block)]
    given, most = [], []
    for rank in range(ranks):
        first, count = share(len(blocks), rank, ranks)
        for thread in range(threads):
            start_of_thread, of_thread = share(count, thread, threads)
            mine = blocks[first + start_of_thread:][:of_thread]
            given += mine
            most.append([len(part) for part in mine])
    # Every block once, in order; nobody has more than rank 0's first thread.
    assert given == blocks
    assert busiest(batch, block, ranks, threads) == most[0]
    assert sum(most[0]) == max(map(sum, most))


def test_blocks_and_sums_are_those_of_the_program(tmp_path):
    batches = [1, 32, 100, 129, 1024, 4096]
    for sizes in (SEED, (5, 7, 3)):
        path = tmp_path / "benchmark.json"
        for reduction, numbers in ("exact", "doubles"), ("float32", "float32"):
            printed = train("benchmark", "--batch", ",".join(map(str, batches)), "--repeats", "1", "--json", path,
                            "--network", "-".join(map(str, sizes)), "--reduction", reduction, ranks=2, threads=1).stdout
            for line in json.loads(path.read_text())["results"]:
                assert line["blocks"] == -(-line["batch"] // default_block(line["batch"], parameters(sizes)))
            assert f"({sums(sizes, reduction):,} {numbers})" in printed
            assert f"{parameters(sizes):,} parameters" in printed
    assert default_block(1024, 100_001) == 256 and default_block(1000, 100_001) == 256


def test_a_step_by_hand():
    # 16 blocks of 64, eight a rank: 0.1 + 8 · (64 · 0.1 + 0.5) = 55.3. Two exchanges of half of 22,272 bytes.
    assert COSTS.bytes == 22_272 and 22_272 * GAMMA == pytest.approx(0.44544)
    assert COSTS.step(1024, here(2)) == pytest.approx(55.3 + 0.9 + 2 * (1 + 1) + 0.22272)
    assert COSTS.step(1024, here(2), allreduce=best) == pytest.approx(55.3 + 0.9 + 1 + 2 + 0.44544)
    assert COSTS.step(1024, here(2, host=HOST)) == pytest.approx(55.3 + 0.9 + 2 * 0.2 + 2 * 22_272 / 50_000)
    assert COSTS.step(1024, here(1)) == pytest.approx(0.1 + 16 * 6.9 + 0.9)
    # The second thread gets its first block 0.3 µs late, and the first one adds 2,744 numbers of it.
    assert gradient(SEED) == 2744
    assert COSTS.step(1024, here(1), threads=2) == pytest.approx(55.3 + 0.9 + 0.3 + 2744 * 8e-4)
    # Two blocks of 16 are not worth it.
    assert COSTS.step(32, here(1), threads=2) == COSTS.step(32, here(1)) == pytest.approx(0.1 + 2 * 3.7 + 0.9)
    assert COSTS.step(1, here(1)) == 0.7
    # 100 events are 6 blocks of 16 and one of 4, all of them on one rank.
    assert COSTS.step(100, here(1)) == pytest.approx(0.1 + 7 * 0.5 + 100 * 0.2 + 0.9)


def test_allreduces_by_hand():
    assert [rounds(members) for members in (1, 2, 3, 4, 100, 128)] == [(0, 0), (1, 0), (1, 2), (2, 0), (6, 2), (7, 0)]
    assert outer_rounds(here(100, 32)) == 2 and outer_rounds(here(32, 32)) == 0
    size, added = 1000, 1000 * GAMMA
    inner, outer = 1 + size / 11_136 + added, 10 + 2 * size / 1_000 + added
    # Four ranks on two nodes: one round inside, one between in which two pairs share the cable.
    assert recursive_doubling(here(4, 2), size) == pytest.approx(inner + outer)
    assert halving_doubling(here(4, 2), size) == pytest.approx(
        2 * (1 + 500 / 11_136) + 2 * (10 + 2 * 250 / 1_000) + 750 * GAMMA)
    # Three ranks are two, and a neighbour of one of them before and after: in its node, or, one rank a node, on another.
    assert recursive_doubling(here(3), size) == pytest.approx(3 * inner)
    assert recursive_doubling(here(3, 1), size) == pytest.approx(3 * (10 + size / 1_000 + added))
    assert ring(here(4, 2), size) == pytest.approx(3 * (2 * (10 + 250 / 1_000) + 250 * GAMMA))
    assert best(here(4, 2), size) == min(recursive_doubling(here(4, 2), size), halving_doubling(here(4, 2), size),
                                         ring(here(4, 2), size), tree(here(4, 2), size))
    assert best(here(1), size) == by_host(here(1), size) == 0
    # Messages beyond the caches: 64 ranks read two and write one for each of 2 · 10 MB.
    assert best(Cluster(64, 64, Link("", 0, 1e9), BETWEEN, memory=1000), 10_000_000) >= 3 * 2e7 * 64 / 1000


def test_sums_of_a_host_by_hand():
    # 3,000 bytes of three ranks: 2,000 to the slot, 2,000 to add, 1,000 to the sums; then the others' 2,000, or all.
    assert moved(3, 3000, is_alone=True) == 7000 and moved(3, 3000, is_alone=False) == 8000
    assert [meetings(size, True) for size in (1, PIECE, PIECE + 1)] == [2, 2, 4] and meetings(PIECE, False) == 3
    assert HOST.time(3, 3000, True) == pytest.approx(2 * (0.2 + FURTHER) + 7000 / 50_000)
    assert HOST.time(2, 1 << 21, True) == pytest.approx(32 * 0.2 + 2 * (1 << 21) / 10_000)
    # Six ranks on two nodes: the two leaders do what two ranks of MPI do.
    assert by_host(here(6, 3, HOST), 3000) == pytest.approx(HOST.time(3, 3000, False) + by_default(here(2, 1), 3000))
    assert by_host(here(6, 3, HOST), 3000, among=best) == pytest.approx(HOST.time(3, 3000, False) + 10 + 3 + 3000 * GAMMA)
    # Without room, or one rank a node, MPI does it all.
    assert by_host(here(64, 32), 22_272) == by_default(here(64, 32), 22_272)
    assert by_host(here(64, 1, HOST), 22_272) == by_default(here(64, 1), 22_272)


def test_threads_by_hand():
    # 200,000 multiply-adds are 24.3 events of the seed network.
    assert [active(2, blocks, 16, 2744) for blocks in (1, 2, 3, 4)] == [1, 1, 1, 2]
    assert active(128, 8, 64, 2744) == 8 and active(128, 1024, 64, 2744) == 128
    assert TEAM.region(1, 100, 50.0) == 50 and TEAM.region(4, 4, 50.0) == pytest.approx(50.9)
    # A block cannot be taken in less than 0.3 µs.
    assert TEAM.region(100, 1000, 50.0) == pytest.approx(300)
    # Three threads' sums are added by one thread; eleven others' by six, as there are six pieces.
    assert TEAM.adding(3, 2744) == pytest.approx(2 * 2744 * 8e-4)
    assert TEAM.adding(12, 2744) == pytest.approx(5 * 0.3 + 11 * 2744 * 8e-4 / 6)
    assert Team.waking(5, 149) == 0 and Team.waking(5, 151) == 8


def test_open_mpi_chooses_by_ranks_and_size():
    assert [choice(ranks, 22_272) for ranks in (2, 4, 63, 64, 128, 256, 4095, 4096)] == [
        "ring", "halving", "halving", "doubling", "tree", "halving", "halving", "doubling"]
    assert [choice(2, size) for size in (320, 5000, 10_000, 43_584)] == ["doubling", "ring", "doubling", "ring"]
    assert choice(10_000, 17_097_088) == choice(2, 17_097_088) == "halving"
    assert by_default(here(64, 32), 22_272) == recursive_doubling(here(64, 32), 22_272)
    # Up and down a tree: one round in the node, one between.
    assert tree(here(4, 2), 1000) == pytest.approx(2 * (1 + 1000 / 11_136) + 2 * 11 + 2 * 1000 * GAMMA)
    with pytest.raises(ValueError, match="40000 bytes on 3"):
        choice(3, 40_000)


def test_a_link_is_found_from_the_sums_of_two_ranks():
    link = Link("known", 3.0, 5_000)
    points = [(320, link.exchange(320)), (22_272, ring(Cluster(2, 2, link, link), 22_272)),
              (43_584, ring(Cluster(2, 2, link, link), 43_584))]
    found = scaling_machine.fit_link("found", points)
    assert found.latency == pytest.approx(3) and found.bandwidth == pytest.approx(5_000)


def test_a_host_is_found_from_the_sums_of_two_ranks():
    points = [(size, HOST.time(2, size, True)) for size in (320, 22_272, 602_432, 17_097_088)]
    found = scaling_machine.fit_host(points)
    assert (found.flag, found.rate, found.long_rate) == pytest.approx((0.2, 50_000, 10_000))
    # Neither factor is below zero, whatever was measured.
    assert scaling_machine.two_factors([(2, 1, 1.0), (2, 10, 0.9)])[1] == 0


def test_more_is_never_less():
    for batch in (1024, 65_536, 1_048_576):
        works = [COSTS.work(batch, ranks) for ranks in (1, 2, 3, 10, 100, 1000, 10_000)]
        assert works == sorted(works, reverse=True)
    for way in (recursive_doubling, halving_doubling, ring, best):
        times = [way(here(1 << power, 32), 22_272) for power in range(1, 14)]
        assert times == sorted(times), way
    steps = [COSTS.step(batch, here(100, 32, HOST)) for batch in (64, 128, 1024, 8192, 65_536)]
    assert steps == sorted(steps)


def test_an_exponential_tail_makes_the_wait_grow_like_the_logarithm():
    # Losses with mean 2: half of them above 2 ln 2, one in a hundred above 2 ln 100.
    noise = Noise(((100.0, 2.0, ((0.5, 2 * log(2)), (0.01, 2 * log(100)))),))
    for ranks in (10, 1000, 10_000):
        assert noise.wait(ranks, 100) == pytest.approx(2 * (log(ranks) + EULER) - 2)
    assert noise.wait(1, 100) == 0 and noise.wait(1000, 50) == noise.wait(1000, 100) / 2
    assert Noise().wait(1000, 100) == 0


def test_a_line_goes_through_points_on_it():
    latency, slope = scaling_machine.line_through([(10, 3.0), (20, 5.0), (1000, 201.0)])
    assert latency == pytest.approx(1) and slope == pytest.approx(0.2)
    latency, slope = scaling_machine.line_through([(10, 1.0), (20, 3.0)])
    assert latency == 0 and slope > 0


def test_losses_are_counted_by_piece_of_work():
    found = [(5.0, 2.0), (15.0, 1.0), (15.5, 1.0), (95.0, 9.0)]
    assert measure_noise.losses(found, 50.0, 10) == [0, 0, 0, 2, 2]
    row = measure_noise.measure(0.5)["work"][0]
    assert row["pieces"] > 1000 and row["p50"] == 0


def test_the_document_has_a_place_for_every_table(tmp_path):
    measurements = scaling_machine.Measurements(CLUSTER / "scaling.json")
    machine = scaling_machine.fit(measurements)
    tables = scaling.sections(measurements, machine)
    text = (CLUSTER / "SCALING.md").read_text()
    filled = scaling.insert(text, tables)
    assert scaling.insert(filled, tables) == filled
    assert set(re.findall(r"<!-- end of (\w+) -->", text)) == set(tables)
    with pytest.raises(ValueError, match="missing"):
        scaling.insert(text, {"missing": ""})
    scaling_plot.draw(measurements, machine, tmp_path / "scaling.png")
    assert (tmp_path / "scaling.png").read_bytes().startswith(b"\x89PNG")


def cluster(script, *arguments, **options):
    return subprocess.run([CLUSTER / script, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=120, **options)


@pytest.mark.parametrize("script", ["measure-scaling", "two-hosts"])
def test_the_scripts_tell_how_they_are_used(script):
    done = cluster(script, "--help")
    assert done.returncode == 0 and f"cluster/{script}" in done.stdout and done.stderr == ""
    wrong = "--rounds" if script == "measure-scaling" else "--delay"
    done = cluster(script, wrong, "fast")
    assert done.returncode == 64 and done.stderr.startswith(f"cluster/{script}: {wrong} 'fast'"), done.stderr


@pytest.mark.parametrize("cable", [[], ["--delay", "200us"]], ids=str)
def test_two_hosts_end_with_the_bits_of_one_rank(small_run, tmp_path, cable):
    assert PROGRAM.exists()
    done = cluster("two-hosts", *cable, "train", small_run, "--threads", "1", "--name=hosts")
    if done.returncode == 69:
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.returncode == 0 and "on 2 hosts" in done.stdout, done.stdout + done.stderr
    assert start("train", small_run, "--name=alone").returncode == 0
    models = [data_section(tmp_path / "runs" / name / "model.safetensors") for name in ("hosts", "alone")]
    assert models[0] == models[1]
    hosts = re.search(r"on 2 hosts: (\S+) \(1 rank\)", done.stdout)[1]
    assert hosts not in subprocess.run(["ip", "netns"], capture_output=True, text=True).stdout


def test_two_hosts_end_when_they_are_interrupted():
    with subprocess.Popen([CLUSTER / "two-hosts", "--delay", "200us", "benchmark", "--threads", "1", "--repeats", "99"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          start_new_session=True) as run:
        if not run.stdout.readline():
            assert run.wait() == 69
            pytest.skip(run.stderr.read().splitlines()[-1])
        # As Ctrl-C does: all of them at once, with the process that carries the packets.
        os.killpg(run.pid, signal.SIGINT)
        try:
            assert run.wait(20) != 0
        finally:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGTERM)
    assert f"dt{run.pid}-" not in subprocess.run(["ip", "netns"], capture_output=True, text=True).stdout
