"""Monte Carlo: against plain numpy, against first-order reliability, the same answer whatever the order of work."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import stats

from lk_spatial.core.parallel import open_executor
from lk_spatial.statics.draws import between, normal, one_of, part_keys, scores, uniform
from lk_spatial.statics.interval import Triple, known, triple
from lk_spatial.statics.reliability import CHUNK, Exceedance, Spread, annual_beta, exceedance
from lk_spatial.statics.reserve import INPUTS, Roofs, design_load, reserve, take
from tests.statics.form import form_beta
from tests.statics.made_parts import csn_part, inside, random_parts

NO_SPREAD = Spread(conversion_v=0.0, bias_v=0.0)


def keys_of(n: int, seed: int = 0) -> np.ndarray:
    return part_keys(range(n), ["1"] * n, seed)


def same(a: Exceedance, b: Exceedance) -> bool:
    return all(np.array_equal(x, y, equal_nan=True) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize(
    "pv,beta,pf",
    [
        pytest.param(0.0, 3.123, 8.94e-4, id="REL-01 openturns 1.27, no PV"),
        pytest.param(0.15, 3.005, 1.33e-3, id="REL-01 openturns 1.27, PV 0.15"),
        pytest.param(0.30, 2.880, 1.99e-3, id="REL-01 openturns 1.27, PV 0.30"),
    ],
)
def test_annual_reliability_rel_01(pv: float, beta: float, pf: float) -> None:
    assert form_beta(2.8016, 0.35, 2.0, pv) == pytest.approx(beta, abs=0.001)
    assert annual_beta(2.8016, 0.35, 2.0, pv) == pytest.approx(beta, abs=0.02)
    assert stats.norm.sf(form_beta(2.8016, 0.35, 2.0, pv)) == pytest.approx(pf, rel=0.005)


def test_annual_reliability_by_plain_counting() -> None:
    rng, n = np.random.default_rng(1), 4_000_000

    def lognormal(mean: float, v: float) -> np.ndarray:
        width = np.sqrt(np.log1p(v * v))
        return mean * np.exp(width * rng.standard_normal(n) - 0.5 * width**2)

    scale = 0.6 * np.sqrt(6) / np.pi
    unit = rng.gumbel(1.0 - 0.5772156649015329 * scale, scale, n)
    mean = 2.0 / stats.gumbel_r.ppf(0.98, 1.0 - 0.5772156649015329 * scale, scale)
    left = lognormal(1.2 * 2.8016, 0.1) / lognormal(1.0, 0.05) - rng.normal(0.35, 0.035, n) - 0.15
    p = (left < 0.8 * lognormal(1.0, 0.2) * mean * unit).mean()
    assert annual_beta(2.8016, 0.35, 2.0, 0.15) == pytest.approx(-stats.norm.ppf(p), abs=4 / np.sqrt(n * p) / 3)


def plain(parts: Roofs, spread: Spread, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """The same model in numpy, with numpy's numbers."""
    n = len(parts.g.mean)

    def drawn(each: Triple) -> np.ndarray:
        low = rng.random((draws, n)) < 0.5
        return np.where(
            low, rng.uniform(each.low, each.mean, (draws, n)), rng.uniform(each.mean, each.high, (draws, n))
        )

    x = {name: drawn(getattr(parts, name)) for name in INPUTS}
    x["u0"] = rng.normal(parts.u0.mean, (parts.u0.high - parts.u0.low) / 2 / stats.norm.ppf(0.95), (draws, n))
    if not np.isnan(spread.zone_doubt):
        pick = rng.choice(3, (draws, n), p=[spread.zone_doubt, 1 - 2 * spread.zone_doubt, spread.zone_doubt])
        x["snow_build"] = np.choose(pick, [np.broadcast_to(each, (draws, n)) for each in parts.snow_build])
    width, bias_width = np.sqrt(np.log1p(np.square([spread.conversion_v, spread.bias_v])))
    snow = x["snow"] * rng.lognormal(-0.5 * width**2, width, (draws, n))
    r = design_load(x["g"], x["snow_build"] * x["kappa"], parts.build) / x["u0"] * x["rho_r"] * x["condition"]
    r *= spread.bias * rng.lognormal(0.0, bias_width, (draws, n))
    dead = x["g"] + x["g_added"]
    loads = [x["k_fi"] * design_load(dead + pv, snow, parts.today) for pv in (0.0, x["pv"])]
    return (loads[0] > r).mean(axis=0), (loads[1] > r).mean(axis=0), np.log(loads[1] / r).std(axis=0)


@pytest.mark.parametrize("spread", [Spread(), Spread(0.2, 0.1, 1.1, 0.2)], ids=["ranges", "zones"])
def test_chances_against_plain_numpy(spread: Spread) -> None:
    parts, draws = random_parts(30, 11, wide=0.5), 40_000
    found = exceedance(parts, keys_of(30), spread, draws=draws)
    p0, p1, log_sd = plain(parts, spread, draws, np.random.default_rng(0))
    np.testing.assert_allclose(found.log_sd, log_sd, rtol=0.03)
    for ours, theirs in ((found.p0, p0), (found.p1, p1)):
        error = np.sqrt(2 * np.maximum(theirs * (1 - theirs), 1e-4) / draws)
        assert (np.abs(ours - theirs) < 4.5 * error).all()
    assert ((found.p1 > 0.02) & (found.p1 < 0.98)).sum() > 10


def test_without_spread_chances_are_verdicts() -> None:
    parts = inside(random_parts(80, 3), np.random.default_rng(3))
    found, exact = exceedance(parts, keys_of(80), NO_SPREAD, draws=3), reserve(parts)
    np.testing.assert_array_equal(found.p1, (exact.u1.mean > 1).astype(float))
    np.testing.assert_array_equal(found.p0, (exact.u0.mean > 1).astype(float))
    assert 5 < found.p1.sum() < 75


def test_same_seed_same_answer_whatever_the_workers_and_the_order() -> None:
    n = 2 * CHUNK + 7
    parts, keys = random_parts(n, 5), keys_of(n)
    one = exceedance(parts, keys, draws=200)
    with ThreadPoolExecutor(3) as threads:
        assert same(one, exceedance(parts, keys, draws=200, executor=threads))
    assert same(
        Exceedance(*(each[300:303] for each in one)), exceedance(take(parts, slice(300, 303)), keys[300:303], draws=200)
    )
    back = np.arange(n)[::-1]
    turned = exceedance(take(parts, back), keys[back], draws=200)
    assert same(one, Exceedance(*(each[::-1] for each in turned)))
    assert not same(one, exceedance(parts, keys_of(n, seed=1), draws=200))


def test_one_worker_equals_many_processes() -> None:
    parts, keys = random_parts(CHUNK + 5, 5), keys_of(CHUNK + 5)
    with open_executor(2) as pool:
        assert same(exceedance(parts, keys, draws=50), exceedance(parts, keys, draws=50, executor=pool))


def test_chances_rise_with_the_mass_of_pv_and_with_snow_draw_by_draw() -> None:
    parts, keys = random_parts(60, 9), keys_of(60)
    base = exceedance(parts, keys, draws=500)
    assert (base.p1 >= base.p0).all() and (base.p1 > base.p0).any()
    for name in ("pv", "snow"):
        more = Triple(*(1.1 * each for each in getattr(parts, name)))
        assert (exceedance(Roofs(**(parts._asdict() | {name: more})), keys, draws=500).p1 >= base.p1).all()


@pytest.mark.parametrize("name", INPUTS)
def test_absent_data_count_at_both_ends(name: str) -> None:
    parts, keys, rng = random_parts(40, 21), keys_of(40), np.random.default_rng(2)
    absent = np.zeros((40, len(INPUTS)), bool)
    absent[:, INPUTS.index(name)] = True
    wide = exceedance(parts, keys, absent=absent, draws=400)
    exact = getattr(inside(parts, rng), name)
    told = exceedance(Roofs(**(parts._asdict() | {name: exact})), keys, draws=400)
    assert (wide.p1_low <= told.p1).all() and (told.p1 <= wide.p1_high).all()
    assert (wide.p1_low < wide.p1_high).any()


def test_nothing_absent_no_ends() -> None:
    found = exceedance(random_parts(5), keys_of(5), draws=100)
    np.testing.assert_array_equal(found.p1_low, found.p1)
    np.testing.assert_array_equal(found.p1_high, found.p1)


def test_no_value_no_chance_and_no_parts_no_rows() -> None:
    parts = random_parts(3)
    void = parts._replace(snow=Triple(*(np.array([each[0], np.nan, each[2]]) for each in parts.snow)))
    found = exceedance(void, keys_of(3), draws=50)
    assert [np.isnan(each).tolist() for each in found] == [[False, True, False]] * 5
    assert [len(each) for each in exceedance(take(parts, slice(0, 0)), keys_of(0), draws=50)] == [0] * 5


def test_more_strength_by_the_bias_of_like_roofs() -> None:
    parts, keys = random_parts(30, 4), keys_of(30)
    chances = [exceedance(parts, keys, Spread(bias=bias), draws=500).p1 for bias in (0.9, 1.0, 1.2)]
    assert (chances[0] >= chances[1]).all() and (chances[1] >= chances[2]).all() and chances[0].sum() > chances[2].sum()


def test_steel_u0_is_normal() -> None:
    part = csn_part(1.5, 2.0, 0.35, rho_r=1.0)
    wide = Roofs(**(part._asdict() | {"u0": triple([0.85 - 0.164485], [0.85], [0.85 + 0.164485])}))
    ratio = float(reserve(Roofs(**(part._asdict() | {"u0": known([1.0])}))).u0.mean[0])
    p = exceedance(wide, keys_of(1), NO_SPREAD, draws=200_000).p0[0]
    assert p == pytest.approx(stats.norm.sf((1 / ratio - 0.85) / 0.10), abs=0.003)


def test_generator_against_its_published_numbers() -> None:
    # splitmix64 with the seed 1234567: the first outputs (rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64)
    told = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    found = [uniform(np.uint64(1234567), np.uint64(i)) for i in (1, 2, 3)]
    assert found == pytest.approx([each / 2**64 for each in told], abs=1e-15)


def test_numbers_are_even_and_of_normal_shape() -> None:
    drawn = np.array([uniform(np.uint64(99), np.uint64(i)) for i in range(20_000)])
    assert stats.kstest(drawn, "uniform").pvalue > 0.01
    u = np.concatenate([np.logspace(-15, -0.31, 200), 1 - np.logspace(-10, -0.31, 200)])
    np.testing.assert_allclose([normal(each) for each in u], stats.norm.ppf(u), rtol=3e-9, atol=1e-9)
    assert [between(1.0, 2.0, 5.0, each) for each in (0.0, 0.25, 0.5, 0.75, 1.0)] == [1.0, 1.5, 2.0, 3.5, 5.0]
    assert [one_of(1.0, 2.0, 5.0, 0.2, each) for each in (0.1, 0.3, 0.79, 0.81)] == [1.0, 2.0, 2.0, 5.0]


def test_keys_are_those_of_names() -> None:
    assert part_keys(["a", "b"], ["1", "1"])[0] == part_keys(["a"], ["1"])[0]
    many = part_keys(["a", "a", "b"], ["1", "2", "1"])
    assert len(set(many.tolist())) == 3 and len(set(scores(many).tolist())) == 3
