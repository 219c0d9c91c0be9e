"""Where to go from the current factors."""


class GradientDescent:
    """Minus the gradient, both factors at once (Xiong, Ding and Du, 2024)."""

    def __call__(self, gradient):
        return tuple(-part for part in gradient)
