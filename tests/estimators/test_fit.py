"""What the estimators promise about a fit."""

import re
import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from lowrank_sense import AsymmetricFactorSensing, SymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing
from lowrank_sense.measurements import matrix
from lowrank_sense.measurements.matrix import MatrixMeasurement

from ..grids import spread
from ..studies import relative_error

KINDS = [AsymmetricFactorSensing, SymmetricFactorSensing]
ONE_SEED = {"random_state": 0}
EARLY = (AsymmetricFactorSensing, 60, 2)


def small(kind, seed=0, **params):
    """A problem of rank 2 for either estimator."""
    params = {"psd": kind is SymmetricFactorSensing, "random_state": seed, **params}
    return make_matrix_sensing(320, (16, 16), 2, **params)


class TestStopping:
    @pytest.mark.parametrize(
        ("kind", "rank", "kappa", "step_size", "seed"),
        spread(KINDS, [2, 4], [1, 10], ["auto", 0.25], range(2)),
    )
    def test_noiseless_run_ends_near_the_matrix(
        self, kind, rank, kappa, step_size, seed
    ):
        X, y, M = small(kind, seed, condition_number=kappa)
        model = kind(
            rank, step_size=step_size, tol=1e-8, max_iter=5000, random_state=seed
        ).fit(X, y)
        assert model.converged_
        assert model.stop_reason_ == "recovered"
        assert relative_error(model, M) < 1e-7

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("step_size", ["auto", 0.25])
    @pytest.mark.parametrize("decibels", [40, 20, 10])
    def test_noisy_run_stops_by_itself_at_its_limit(self, kind, step_size, decibels):
        X, y, _ = small(kind, noise=10 ** (-decibels / 20))
        params = {"step_size": step_size, "random_state": 0}
        model = kind(2, tol=1e-5, **params).fit(X, y)
        assert model.converged_
        assert model.stop_reason_ == "stationary"
        limit = kind(2, tol=0, max_iter=4 * model.n_iter_, **params).fit(X, y).matrix_
        assert relative_error(model, limit) < 1e-4

    @pytest.mark.parametrize(
        ("kind", "decibels", "seed"),
        spread(KINDS, [60, 40, 20, 10], range(3), also=[EARLY]),
    )
    def test_noisy_run_with_surplus_rank_stops_by_itself(
        self, kind, decibels, seed, request
    ):
        """To fit the noise as well takes thousands of iterations and helps nobody."""
        if (kind, decibels, seed) == EARLY:
            reason = "stops early: 1.32 times the error of a longer run"
            request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
        X, y, M = small(kind, seed, noise=10 ** (-decibels / 20))
        model = kind(4, max_iter=3000, random_state=seed).fit(X, y)
        assert model.stop_reason_ == "noise"
        assert model.converged_
        longer = kind(4, tol=0, max_iter=3000, random_state=seed).fit(X, y)
        assert relative_error(model, M) < 1.15 * relative_error(longer, M)

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("alpha", [0.1, 1e-3])
    def test_weak_signal_is_not_mistaken_for_noise(self, kind, alpha):
        for seed in range(3):
            X, y, M = small(kind, seed, noise=1e-3, condition_number=30)
            model = kind(4, alpha, max_iter=3000, random_state=seed).fit(X, y)
            assert model.converged_
            error = np.linalg.norm(model.matrix_ - M)
            assert error < 0.2 * np.linalg.svd(M, compute_uv=False)[1]

    @pytest.mark.parametrize(("kappa", "alpha"), [(10, 1e-6), (100, 1e-4)])
    def test_saddle_point_is_not_mistaken_for_a_limit(self, kappa, alpha):
        """The iterates all but stand still until the weak signal has grown."""
        X, y, M = make_matrix_sensing(
            400, (20, 20), 2, condition_number=kappa, random_state=0
        )
        model = AsymmetricFactorSensing(
            2, alpha, step_size=0.25, tol=1e-4, max_iter=8000, **ONE_SEED
        ).fit(X, y)
        assert model.stop_reason_ == "recovered"
        assert relative_error(model, M) < 1e-3

    @pytest.mark.parametrize(
        ("noise", "seed", "kind"), spread([0.01, 0.03], range(2), KINDS)
    )
    def test_noisy_run_from_a_tiny_start_ends_at_its_limit(self, noise, seed, kind):
        X, y, _ = small(kind, seed, noise=noise, condition_number=10)
        params = {"step_size": 0.25, "max_iter": 5000, "random_state": seed}
        model = kind(2, 1e-4, tol=1e-3, **params).fit(X, y)
        limit = kind(2, 1e-4, tol=0, **params).fit(X, y)
        assert model.converged_
        assert relative_error(model, limit.matrix_) < 1e-2

    @pytest.mark.parametrize("accelerated_step", [20, True, False])
    @pytest.mark.parametrize("indefinite", [True, False])
    def test_limit_of_a_symmetric_run_is_psd(self, accelerated_step, indefinite):
        """Two factors can fit negative eigenvalues exactly; the result must not."""
        X, _, M = small(SymmetricFactorSensing)
        values, vectors = np.linalg.eigh(M)
        signs = [1, -1] if indefinite else [-1, -1]
        y = X @ ((vectors[:, -2:] * signs * values[-2:]) @ vectors[:, -2:].T).ravel()
        models = [
            SymmetricFactorSensing(4, accelerated_step=step, max_iter=9000, **ONE_SEED)
            for step in (accelerated_step, False)
        ]
        for model in models:
            model.fit(X, y)
            assert model.stop_reason_ == "stationary"
            loss = np.mean((model.predict(X) - y) ** 2) / 2
            assert model.loss_history_[-1] == pytest.approx(loss)
        assert loss == pytest.approx(models[0].loss_history_[-1], rel=1e-4)

    def test_sublinear_run_is_not_mistaken_for_a_converged_one(self):
        X, y, M = small(SymmetricFactorSensing)
        model = SymmetricFactorSensing(
            4, 0.5, False, step_size=0.25, tol=1e-3, max_iter=5000, random_state=0
        ).fit(X, y)
        assert model.converged_
        assert relative_error(model, M) < 1e-2

    @pytest.mark.parametrize(
        ("params", "advice"),
        [
            ({"accelerated_step": False, "rank": 4}, "accelerated_step=True"),
            ({"step_size": 0.01}, "step_size='auto'"),
            ({"step_size": 1.0, "rank": 4, "accelerated_step": False}, "not settle"),
            ({"max_iter": 10}, "Increase max_iter or tol"),
        ],
    )
    def test_max_iter_warns_and_says_what_to_try(self, params, advice):
        X, y, _ = small(AsymmetricFactorSensing)
        model = AsymmetricFactorSensing(**{"max_iter": 40, **ONE_SEED, **params})
        with pytest.warns(ConvergenceWarning, match=advice) as caught:
            model.fit(X, y)
        assert f"max_iter={model.max_iter}" in str(caught[0].message)
        assert caught[0].filename == __file__
        assert not model.converged_
        assert model.stop_reason_ == "max_iter"
        assert model.n_iter_ == model.max_iter

    def test_tol_zero_runs_all_iterations_in_silence(self, recwarn):
        X, y, _ = small(AsymmetricFactorSensing)
        model = AsymmetricFactorSensing(tol=0, max_iter=30, **ONE_SEED).fit(X, y)
        assert model.n_iter_ == 30
        assert not recwarn.list

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("step_size", [2.5, 5.0, 100.0, 1e10, 1e200])
    def test_divergence_warns_and_keeps_the_best_iterate(self, kind, step_size):
        X, y, _ = small(kind)
        model = kind(4, 0.5, False, step_size=step_size, **ONE_SEED)
        with pytest.warns(
            ConvergenceWarning, match=re.escape(f"step_size={step_size}")
        ) as caught:
            model.fit(X, y)
        assert len(caught) == 1
        self.assert_best_was_kept(model, X, y)

    @pytest.mark.parametrize(
        ("accelerated_step", "step_size"), [(True, 1.9), (1, 3.0), (5, 1.5), (20, 2.0)]
    )
    def test_divergence_of_a_lifted_run(self, accelerated_step, step_size):
        X, y, _ = small(SymmetricFactorSensing)
        model = SymmetricFactorSensing(
            4, 0.5, accelerated_step, step_size=step_size, **ONE_SEED
        )
        with pytest.warns(ConvergenceWarning, match="diverged"):
            model.fit(X, y)
        self.assert_best_was_kept(model, X, y)

    def assert_best_was_kept(self, model, X, y):
        assert model.stop_reason_ == "diverged"
        assert not model.converged_
        assert model.n_iter_ < 200
        assert np.isfinite(model.loss_history_).all()
        loss = np.mean((model.predict(X) - y) ** 2) / 2
        assert loss == pytest.approx(model.loss_history_.min())


class TestSteps:
    @pytest.mark.parametrize(
        ("kind", "rank", "accelerated_step", "noise", "seed"),
        spread(KINDS, [2, 4], [True, False], [0.0, 0.1], range(3)),
    )
    def test_loss_never_rises(self, kind, rank, accelerated_step, noise, seed):
        X, y, _ = small(kind, seed, noise=noise, condition_number=10)
        model = kind(
            rank, 0.5, accelerated_step, tol=0, max_iter=300, random_state=seed
        ).fit(X, y)
        losses = model.loss_history_
        rounding = 1e-28 * losses[0]
        assert np.all(losses[1:] <= losses[:-1] * (1 + 1e-12) + rounding)

    def test_loss_never_rises_where_weak_signals_hide(self):
        for seed in range(3):
            X, y, _ = make_matrix_sensing(
                400,
                (20, 20),
                2,
                psd=True,
                condition_number=100,
                noise=0.1,
                random_state=seed,
            )
            for rank in (4, 6):
                model = SymmetricFactorSensing(
                    rank, tol=0, max_iter=300, random_state=seed
                ).fit(X, y)
                # The last entry is that of the nearest psd matrix.
                losses = model.loss_history_[:-1]
                assert np.all(losses[1:] <= losses[:-1] * (1 + 1e-12))

    @pytest.mark.parametrize("kind", KINDS)
    def test_recurrence_keeps_to_the_recomputed_loss(self, kind):
        X, y, _ = small(kind, noise=0.1)
        model = kind(2, tol=0, max_iter=149, **ONE_SEED).fit(X, y)
        loss = np.mean((model.predict(X) - y) ** 2) / 2
        assert model.loss_history_[-1] == pytest.approx(loss, rel=1e-12)

    @pytest.mark.parametrize("step_size", ["auto", 0.25])
    @pytest.mark.parametrize(("layout", "expected"), [("C", 1), ("F", 2)])
    def test_readings_an_iteration(self, layout, expected, step_size, monkeypatch):
        readings = []

        def count(owner, name):
            original = getattr(owner, name)

            def counted(*args, **kwargs):
                readings.append(1)
                return original(*args, **kwargs)

            monkeypatch.setattr(owner, name, counted)

        count(matrix, "sweep")
        for name in ("apply", "_apply_two", "adjoint"):
            count(MatrixMeasurement, name)
        X, y, _ = small(AsymmetricFactorSensing)
        X = np.asarray(X, order=layout)

        def readings_of(n_iter):
            readings.clear()
            AsymmetricFactorSensing(
                4, step_size=step_size, tol=0, max_iter=n_iter, **ONE_SEED
            ).fit(X, y)
            return len(readings)

        # Every fiftieth iteration recomputes the residual and its image.
        assert readings_of(149) - readings_of(99) == expected * 51

    def test_float_step_is_in_units_of_the_recorded_ones(self):
        X, y, _ = small(AsymmetricFactorSensing)
        one = AsymmetricFactorSensing(tol=0, max_iter=1, **ONE_SEED).fit(X, y)
        step = float(one.step_size_history_[0])
        same = AsymmetricFactorSensing(
            step_size=step, tol=0, max_iter=1, **ONE_SEED
        ).fit(X, y)
        np.testing.assert_allclose(same.matrix_, one.matrix_, rtol=1e-12)

    def test_fixed_step_is_the_papers_iteration(self):
        """F <- F - eta R G, G <- G - eta R^T F, at the same time."""
        X, y, _ = small(AsymmetricFactorSensing)
        params = {"accelerated_step": False, "step_size": 0.2, "tol": 0, **ONE_SEED}
        before, after = (
            AsymmetricFactorSensing(3, max_iter=n, **params).fit(X, y) for n in (7, 8)
        )
        F, G = before.left_factor_, before.right_factor_
        A = X.reshape(-1, 16, 16)
        B = np.einsum("m,mij->ij", y, A) / len(y)
        eta = 0.2 / np.linalg.norm(B, 2)
        R = np.einsum("m,mij->ij", before.predict(X) - y, A) / len(y)
        np.testing.assert_allclose(after.left_factor_, F - eta * R @ G, atol=1e-6)
        np.testing.assert_allclose(after.right_factor_, G - eta * R.T @ F, atol=1e-6)


class TestScale:
    @pytest.mark.parametrize(
        ("kind", "step_size", "rank"), spread(KINDS, ["auto", 0.25], [2, 4])
    )
    def test_equivariance(self, kind, step_size, rank):
        X, y, _ = small(kind, condition_number=3)
        params = {"step_size": step_size, "max_iter": 3000, **ONE_SEED}
        base = kind(rank, **params).fit(X, y)
        for c in (1e-6, 3e-3, 7.0, 1e6):
            for scaled, unit in (
                (kind(rank, **params).fit(X, c * y), c),
                (kind(rank, **params).fit(c * X, y), 1 / c),
            ):
                assert scaled.n_iter_ == base.n_iter_
                assert scaled.accelerated_iteration_ == base.accelerated_iteration_
                np.testing.assert_allclose(
                    scaled.matrix_ / unit, base.matrix_, atol=1e-8
                )
                np.testing.assert_allclose(
                    scaled.step_size_history_, base.step_size_history_, rtol=1e-3
                )

    def test_extreme_units_of_y(self):
        X, y, M = small(AsymmetricFactorSensing)
        for c in (1e-150, 1e150):
            model = AsymmetricFactorSensing(**ONE_SEED).fit(X, c * y)
            np.testing.assert_allclose(model.matrix_ / c, M, atol=1e-4)

    @pytest.mark.parametrize("kind", KINDS)
    def test_equivariance_with_noise_and_weights(self, kind):
        X, y, _ = small(kind, noise=0.1)
        weights = np.random.default_rng(0).uniform(size=len(y))
        base = kind(4, max_iter=60, tol=0, **ONE_SEED).fit(X, y, weights)
        for c in (1e-6, 1e6):
            scaled = clone(base).fit(X, c * y, c * weights)
            np.testing.assert_allclose(scaled.matrix_ / c, base.matrix_, atol=1e-8)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_extreme_units_of_x(self, dtype):
        X, y, _ = small(AsymmetricFactorSensing)
        X = X.astype(dtype)
        model = AsymmetricFactorSensing(4, tol=1e-4, **ONE_SEED)
        expected = model.fit(X, y).n_iter_
        exponent = 15 if dtype == np.float32 else 100
        for c in (2.0**-exponent, 2.0**exponent):
            assert model.fit(dtype(c) * X, y).n_iter_ == expected
            assert model.accelerated_iteration_ is not None

    def test_extreme_weights(self):
        X, y, M = small(AsymmetricFactorSensing)
        model = AsymmetricFactorSensing(**ONE_SEED)
        model.fit(X, y, sample_weight=np.full(len(y), 1e308))
        assert relative_error(model, M) < 1e-5


class TestReports:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("rank", [2, 4])
    def test_histories_fit_together(self, kind, rank):
        X, y, _ = small(kind)
        model = kind(rank, **ONE_SEED).fit(X, y)
        n = model.n_iter_
        assert len(model.loss_history_) == n + 1
        assert len(model.gradient_norm_history_) == n + 1
        assert len(model.step_size_history_) == n
        if kind is AsymmetricFactorSensing:
            assert len(model.imbalance_history_) == n + 1

    @pytest.mark.parametrize("n_iter", [1, 17])
    def test_last_entries_are_those_of_the_fitted_factors(self, n_iter):
        X, y, _ = small(AsymmetricFactorSensing, noise=0.1)
        model = AsymmetricFactorSensing(3, tol=0, max_iter=n_iter, **ONE_SEED)
        model.fit(2 * X, 5 * y)
        F, G = model.left_factor_, model.right_factor_
        residual = model.predict(2 * X) - 5 * y
        R = (2 * X.T @ residual).reshape(16, 16) / len(y)
        gradient = np.hypot(np.linalg.norm(R @ G), np.linalg.norm(R.T @ F))
        assert model.loss_history_[-1] == pytest.approx(np.mean(residual**2) / 2)
        assert model.gradient_norm_history_[-1] == pytest.approx(gradient)
        imbalance = np.linalg.norm(F.T @ F - G.T @ G)
        assert model.imbalance_history_[-1] == pytest.approx(imbalance)

    def test_rank_of_a_diverged_run_is_that_of_the_kept_iterate(self):
        X, y, M = make_matrix_sensing(400, (20, 20), 2, random_state=0)
        model = AsymmetricFactorSensing(2, 0.1, False, step_size=1.2, **ONE_SEED)
        with pytest.warns(ConvergenceWarning, match="diverged"):
            model.fit(X, y)
        error = np.linalg.norm(model.matrix_ - M, 2)
        assert model.effective_rank_ > 0
        assert model.singular_values_[model.effective_rank_ - 1] > error

    @pytest.mark.parametrize("kind", KINDS)
    def test_singular_values_and_rank(self, kind):
        X, y, M = small(kind, condition_number=3)
        model = kind(5, tol=1e-8, **ONE_SEED).fit(X, y)
        expected = np.linalg.svd(M, compute_uv=False)[:5]
        np.testing.assert_allclose(model.singular_values_, expected, atol=1e-6)
        assert model.effective_rank_ == 2

    def test_accelerated_iteration(self):
        X, y, _ = small(AsymmetricFactorSensing)
        fit = {"tol": 0, "max_iter": 30, **ONE_SEED}
        for given, reported in ((False, None), (12, 12), (31, None)):
            model = AsymmetricFactorSensing(4, accelerated_step=given, **fit)
            assert model.fit(X, y).accelerated_iteration_ == reported

    def test_symmetric_matrix_is_psd(self, psd):
        X, y, _ = psd
        M = SymmetricFactorSensing(4, **ONE_SEED).fit(X, y).matrix_
        np.testing.assert_array_equal(M, M.T)
        assert np.linalg.eigvalsh(M).min() > -1e-14


class TestData:
    def test_weights_pull_the_solution(self):
        """Two inconsistent halves: all the weight on one gives its matrix."""
        X, y, M = small(AsymmetricFactorSensing)
        y = np.where(np.arange(len(y)) < 200, y, -y)
        weights = (np.arange(len(y)) < 200).astype(float)
        model = AsymmetricFactorSensing(**ONE_SEED).fit(X, y, sample_weight=weights)
        assert relative_error(model, M) < 1e-4

    @pytest.mark.parametrize("kind", KINDS)
    def test_zero_weight_is_removal_and_integers_are_repetition(self, kind):
        X, y, _ = small(kind, noise=0.1)
        weights = np.random.default_rng(0).integers(0, 4, len(y))
        repeated = np.repeat(np.arange(len(y)), weights)
        params = {"rank": 4, "tol": 0, "max_iter": 60, **ONE_SEED}
        weighted = kind(**params).fit(X, y, sample_weight=weights)
        expanded = kind(**params).fit(X[repeated], y[repeated])
        np.testing.assert_allclose(weighted.matrix_, expanded.matrix_, atol=1e-10)
        np.testing.assert_allclose(weighted.loss_history_, expanded.loss_history_)

    @pytest.mark.parametrize("kind", KINDS)
    def test_float32_throughout(self, kind):
        X, y, M = small(kind)
        X, y = X.astype(np.float32), y.astype(np.float32)
        model = kind(4, tol=1e-4, **ONE_SEED).fit(X, y)
        factor = model._pair[0]
        assert factor.dtype == model.matrix_.dtype == np.float32
        assert model.predict(X).dtype == model.transform(X).dtype == np.float32
        assert model.converged_
        assert relative_error(model, M) < 1e-3

    @pytest.mark.parametrize("kind", KINDS)
    def test_memory_layouts_agree(self, kind, tmp_path):
        X, y, _ = small(kind)
        wide = np.zeros((len(X), 2 * X.shape[1]))
        wide[:, ::2] = X
        np.save(tmp_path / "X.npy", X)
        frozen = X.copy()
        frozen.flags.writeable = False
        expected = kind(4, **ONE_SEED).fit(X, y).matrix_
        for same in (
            np.asfortranarray(X),
            wide[:, ::2],
            np.repeat(X, 2, axis=0)[::2],
            np.load(tmp_path / "X.npy", mmap_mode="r"),
            frozen,
            X.tolist(),
            sparse.csr_matrix(X),
            sparse.csc_array(X),
            sparse.coo_array(X),
        ):
            model = kind(4, **ONE_SEED).fit(same, y)
            np.testing.assert_allclose(model.matrix_, expected, atol=1e-10)
            np.testing.assert_allclose(model.predict(same), y, atol=1e-4)

    def test_sparse_design_is_not_densified(self):
        """A dense design of this size would take 80 GB."""
        rng = np.random.default_rng(0)
        m = 10_000
        rows = np.repeat(np.arange(m), 30)
        columns = rng.integers(0, 10**6, len(rows))
        values = rng.standard_normal(len(rows))
        X = sparse.csr_array((values, (rows, columns)), shape=(m, 10**6))
        u, v = rng.standard_normal((2, 1000))
        y = X @ np.outer(u, v).ravel()
        model = AsymmetricFactorSensing(1, tol=1e-3, max_iter=20, **ONE_SEED)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            losses = model.fit(X, y).loss_history_
        assert losses[-1] < losses[0]

    def test_does_not_touch_its_input(self):
        X, y, _ = small(AsymmetricFactorSensing)
        before = X.copy(), y.copy()
        AsymmetricFactorSensing(**ONE_SEED).fit(X, y)
        np.testing.assert_array_equal(X, before[0])
        np.testing.assert_array_equal(y, before[1])

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("step_size", ["auto", 0.25])
    @pytest.mark.parametrize("zero", ["X", "y"])
    def test_zeros_give_zero_in_silence(self, kind, step_size, zero, recwarn):
        X, y, _ = small(kind)
        X, y = (0 * X, y) if zero == "X" else (X, 0 * y)
        model = kind(step_size=step_size, **ONE_SEED).fit(X, y)
        assert not np.any(model.matrix_)
        assert model.converged_
        assert model.effective_rank_ == 0
        assert not recwarn.list

    @pytest.mark.parametrize("kind", KINDS)
    def test_measurements_that_say_nothing_give_zero(self, kind, recwarn):
        """A*(y) = 0 at y != 0: the gradient vanishes at M = 0."""
        X = [[0.0, 1, -1, 0], [0, 1, -1, 0], [1, 0, 0, 1], [1, 0, 0, 1]]
        model = kind(**ONE_SEED).fit(X, [1.0, -1, 3, -3])
        assert not np.any(model.matrix_)
        assert model.loss_history_ == pytest.approx([2.5])
        assert not recwarn.list

    def test_one_sample(self):
        X, y, _ = small(AsymmetricFactorSensing)
        model = AsymmetricFactorSensing(**ONE_SEED).fit(X[:1], y[:1])
        np.testing.assert_allclose(model.predict(X[:1]), y[:1], rtol=1e-5)

    @pytest.mark.parametrize("accelerated_step", [True, 10])
    def test_rank_beyond_the_shape(self, accelerated_step):
        X, y, M = small(AsymmetricFactorSensing)
        X, y = np.vstack([X, -X[::-1]]), np.append(y, -y[::-1])
        model = AsymmetricFactorSensing(
            20, accelerated_step=accelerated_step, tol=1e-3, max_iter=3000, **ONE_SEED
        ).fit(X, y)
        assert relative_error(model, M) < 0.1
        assert model.left_factor_.shape == model.right_factor_.shape == (16, 20)
        assert model.singular_values_.shape == (20,)
        assert model.transform(X).shape == (640, 20)


class TestPrediction:
    @pytest.mark.parametrize("kind", KINDS)
    def test_predict_measures_new_rows(self, kind):
        X, y, _ = small(kind)
        model = kind(4, tol=1e-8, **ONE_SEED).fit(X[:280], y[:280])
        np.testing.assert_allclose(model.predict(X[280:]), y[280:], atol=1e-5)
        assert model.score(X[280:], y[280:]) > 1 - 1e-10

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
    def test_transform_sums_to_predict(self, kind, container):
        X, y, _ = small(kind, noise=0.1)
        X = container(X)
        model = kind(3, tol=0, max_iter=20, **ONE_SEED).fit(X, y)
        components = model.transform(X)
        assert components.shape == (320, 3)
        np.testing.assert_allclose(
            components.sum(axis=1) + model.intercept_, model.predict(X), atol=1e-12
        )
        sizes = np.linalg.norm(components, axis=0)
        assert np.all(np.diff(sizes) < 0.2 * sizes[0])


class TestReproducibility:
    @pytest.mark.parametrize("kind", KINDS)
    def test_same_seed_same_bits(self, kind):
        X, y, _ = small(kind, noise=0.1)
        params = {"rank": 4, "tol": 0, "max_iter": 40}
        one, two = (kind(**params, random_state=7).fit(X, y) for _ in range(2))
        np.testing.assert_array_equal(one.matrix_, two.matrix_)
        np.testing.assert_array_equal(one.loss_history_, two.loss_history_)
        other = kind(**params, random_state=8).fit(X, y)
        assert np.any(other.loss_history_[0] != one.loss_history_[0])

    def test_generator_advances(self):
        X, y, _ = small(AsymmetricFactorSensing)
        random_state = np.random.RandomState(0)
        one, two = (
            AsymmetricFactorSensing(random_state=random_state).fit(X, y)
            for _ in range(2)
        )
        assert one.loss_history_[0] != two.loss_history_[0]
