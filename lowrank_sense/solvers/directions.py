"""Where to go from the current factors."""

from .iterate import inner


class GradientDescent:
    """Minus the gradient, both factors at once (Xiong, Ding and Du, 2024)."""

    def restart(self):
        """There is nothing to forget."""

    def __call__(self, iterate, gradient):
        return tuple(-part for part in gradient)


class ConjugateGradient:
    """Polak and Ribiere's conjugate directions, for an exact line search.

    d = -z + beta d_before with beta = max(0, <g - g_before, z> / <g_before, z_before>),
    g the gradient and z = g; without memory after a restart or if d would not descend
    (Nocedal and Wright, Numerical Optimization, 2006, equations 5.44 and 5.45).
    """

    def __init__(self):
        self.restart()

    def restart(self):
        """Forget the directions so far: the factors were changed."""
        self._before = None

    def __call__(self, iterate, gradient):
        z = self._preconditioned(iterate, gradient)
        direction = tuple(-part for part in z)
        slope = inner(gradient, z)
        if self._before is not None:
            gradient_before, slope_before, direction_before = self._before
            beta = max(0.0, (slope - inner(gradient_before, z)) / slope_before)
            conjugate = tuple(
                part + part.dtype.type(beta) * before
                for part, before in zip(direction, direction_before, strict=True)
            )
            if inner(conjugate, gradient) < 0:
                direction = conjugate
        self._before = gradient, slope, direction
        return direction

    def _preconditioned(self, iterate, gradient):
        return gradient


class PreconditionedConjugateGradient(ConjugateGradient):
    """Conjugate directions in the metric of the factors.

    z is the gradient times the inverse of the other factor's damped Gram matrix, so
    that neither the condition number nor surplus directions slow the run down. The
    damping goes to zero with the residual (Zhang, Fattahi and Zhang, 2021; Xu, Shen,
    Chi and Ma, 2023).
    """

    def _preconditioned(self, iterate, gradient):
        return iterate.parameterization.precondition(
            iterate.factors,
            gradient,
            iterate.objective.error,
            iterate.penalty,
            iterate.objective.exposure,
        )
