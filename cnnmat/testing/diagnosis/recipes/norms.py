"""Normalisations as courses write them, node by node and in one line."""

import numpy as np

__all__ = []


def forward(x, gamma, beta, eps, axes, of_batch, of_sample, of_pixels):
    """y = gamma x_hat + beta; the last three are axes that are taken for the right ones."""
    mean = x.mean(axes, keepdims=True)
    centred = x - mean
    var = (centred**2).mean(axes, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = centred / std
    return gamma * x_hat + beta


def plainly(x, gamma, beta, eps, axes, of_batch, of_sample, of_pixels):
    """The same, with the mean and the variance as they are at hand."""
    mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


def forward_with_running(x, gamma, beta, running_mean, running_var, share, eps, axes, bessel):
    """(y, the running mean, the running variance)."""
    mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    unbiased = var * bessel
    updated_mean = (1 - share) * running_mean + share * mean
    updated_var = (1 - share) * running_var + share * unbiased
    of_batch, updated = (mean, var), (updated_mean, updated_var)
    before = running_mean, running_var
    centre, spread = of_batch
    x_hat = (x - centre) / np.sqrt(spread + eps)
    return gamma * x_hat + beta, updated[0], updated[1], before


def forward_given(x, gamma, beta, running_mean, running_var, eps, batch_mean, batch_var):
    """y where the mean and the variance are given, and those of the batch are not asked for."""
    x_hat = (x - running_mean) / np.sqrt(running_var + eps)
    return gamma * x_hat + beta


def by_stages(x, dy, gamma, beta, eps, axes, own, samples, pixels, of_batch, of_sample):
    """(dx, dgamma, dbeta), each path by itself."""
    m = samples * pixels
    mean = x.mean(axes, keepdims=True)
    centred = x - mean
    var = (centred**2).mean(axes, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = centred / std
    dx_hat = dy * gamma
    dvar = (dx_hat * centred).sum(axes, keepdims=True) * -0.5 * (var + eps) ** -1.5
    dmean = (dx_hat * (-1 / std)).sum(axes, keepdims=True) + dvar * (-2 * centred).mean(
        axes, keepdims=True)
    dx = dx_hat * (1 / std) + dvar * 2 * centred / m + dmean / m
    return dx, (dy * x_hat).sum(own, keepdims=True), dy.sum(own, keepdims=True)


def in_one_line(x, dy, gamma, beta, eps, axes, own, samples, pixels, of_batch, of_sample):
    """(dx, dgamma, dbeta), the paths gathered."""
    m = samples * pixels
    std = np.sqrt(x.var(axes, keepdims=True) + eps)
    x_hat = (x - x.mean(axes, keepdims=True)) / std
    dx_hat = dy * gamma
    dgamma, dbeta = (dy * x_hat).sum(own, keepdims=True), dy.sum(own, keepdims=True)
    total = dx_hat.sum(axes, keepdims=True)
    along = (dx_hat * x_hat).sum(axes, keepdims=True)
    return (m * dx_hat - total - x_hat * along) / (m * std), dgamma, dbeta


def gathered(x, dy, gamma, eps, axes):
    """dx of a layer whose mean runs over what its parameters are shared over."""
    samples, pixels = len(x), x[0].size // gamma.size
    m = samples * pixels
    mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    x_hat = (x - mean) / np.sqrt(var + eps)
    dgamma, dbeta = (dy * x_hat).sum(axes, keepdims=True), dy.sum(axes, keepdims=True)
    return gamma / (m * np.sqrt(var + eps)) * (m * dy - dbeta - x_hat * dgamma)
