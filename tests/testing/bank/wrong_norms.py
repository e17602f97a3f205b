"""Batch, layer and group normalisation that is wrong."""

from functools import partial

import numpy as np

from tests.testing.bank.register import wrong_alone, wrong_pair

IMAGE, MAP = (0, 2, 3), (slice(None), None, None)


def batch(x, gamma, beta, eps):
    mean, var = x.mean(IMAGE), x.var(IMAGE)
    s = (x - mean[MAP]) / np.sqrt(var[MAP] + eps)
    return gamma[MAP] * s + beta[MAP]


def batch_back(dy, x, gamma, eps):
    """By the short formula."""
    m = x.size // x.shape[1]
    root = np.sqrt(x.var(IMAGE) + eps)[MAP]
    s = (x - x.mean(IMAGE)[MAP]) / root
    dgamma, dbeta = (dy * s).sum(IMAGE), dy.sum(IMAGE)
    dx = gamma[MAP] / (m * root) * (m * dy - dbeta[MAP] - s * dgamma[MAP])
    return dx, dgamma, dbeta


def flat(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta


def by_stages(dy, x, gamma, eps, *, through_mean=1.0, through_var=1.0, half=0.5):
    """The backward pass of N x C as it is drawn in courses, node by node."""
    n = len(x)
    centred = x - x.mean(0)
    var = (centred**2).mean(0)
    root = np.sqrt(var + eps)
    s = centred / root
    ds = dy * gamma
    dvar = (ds * centred).sum(0) * -half * (var + eps) ** -1.5 * through_var
    dcentred = ds / root + dvar * 2 * centred / n
    dmean = -dcentred.sum(0) * through_mean
    return dcentred + dmean / n, (dy * s).sum(0), dy.sum(0)


forward_of_maps = partial(wrong_pair, "batch_norm", backward=batch_back)
back_of_maps = partial(wrong_pair, "batch_norm", forward=batch)
back_of_rows = partial(wrong_pair, "batch_norm", forward=flat, layout="NC")
forward_of_rows = partial(wrong_pair, "batch_norm", backward=by_stages, layout="NC")


@back_of_rows()
def bn_mean_path_forgotten(dy, x, gamma, eps):
    """What goes through the mean is left out."""
    return by_stages(dy, x, gamma, eps, through_mean=0)


@back_of_rows()
def bn_variance_path_forgotten(dy, x, gamma, eps):
    """The standard deviation as if it were a constant."""
    return by_stages(dy, x, gamma, eps, through_var=0)


@back_of_maps()
def bn_scaled_only(dy, x, gamma, eps):
    """dx = dy gamma / root, and that is all."""
    _, dgamma, dbeta = batch_back(dy, x, gamma, eps)
    return dy * (gamma / np.sqrt(x.var(IMAGE) + eps))[MAP], dgamma, dbeta


@back_of_rows()
def bn_half_of_root_forgotten(dy, x, gamma, eps):
    """(v + eps)^-3/2 without the -1/2 in front (the minus is there)."""
    return by_stages(dy, x, gamma, eps, half=1.0)


@back_of_rows()
def bn_square_two_forgotten(dy, x, gamma, eps):
    """The derivative of centred² is centred."""
    return by_stages(dy, x, gamma, eps, half=0.25)


@back_of_rows()
def bn_variance_sign(dy, x, gamma, eps):
    """A minus too few."""
    return by_stages(dy, x, gamma, eps, half=-0.5)


@back_of_rows()
def bn_mean_not_over_n(dy, x, gamma, eps):
    """The sum goes back to each sample whole."""
    return by_stages(dy, x, gamma, eps, through_mean=len(x))


@back_of_maps()
def bn_gamma_not_in_dx(dy, x, gamma, eps):
    """dx as if gamma were 1."""
    _, dgamma, dbeta = batch_back(dy, x, gamma, eps)
    return batch_back(dy, x, np.ones_like(gamma), eps)[0], dgamma, dbeta


@back_of_maps()
def bn_one_over_m_forgotten(dy, x, gamma, eps):
    """m dy - ... without 1/m."""
    dx, dgamma, dbeta = batch_back(dy, x, gamma, eps)
    return dx * (x.size // x.shape[1]), dgamma, dbeta


@back_of_maps()
def bn_m_is_batch(dy, x, gamma, eps):
    """N in place of N H W."""
    dx, dgamma, dbeta = batch_back(dy, x, gamma, eps)
    return dx, dgamma * 1.0, dbeta / len(x)


@back_of_maps()
def bn_dgamma_from_x(dy, x, gamma, eps):
    """dy times x, not times the standardized x."""
    dx, _, dbeta = batch_back(dy, x, gamma, eps)
    return dx, (dy * x).sum(IMAGE), dbeta


@back_of_maps()
def bn_parameters_over_batch_only(dy, x, gamma, eps):
    """sum(axis=0), as it was for N x C."""
    s = (x - x.mean(IMAGE)[MAP]) / np.sqrt(x.var(IMAGE) + eps)[MAP]
    return batch_back(dy, x, gamma, eps)[0], (dy * s).sum(0), dy.sum(0)


@back_of_maps()
def bn_dbeta_total(dy, x, gamma, eps):
    """One sum for all channels."""
    dx, dgamma, dbeta = batch_back(dy, x, gamma, eps)
    return dx, dgamma, np.full_like(dbeta, dy.sum())


@back_of_maps()
def bn_dgamma_averaged(dy, x, gamma, eps):
    """np.mean."""
    dx, dgamma, dbeta = batch_back(dy, x, gamma, eps)
    return dx, dgamma * x.shape[1] / x.size, dbeta


@back_of_maps()
def bn_parameters_exchanged(dy, x, gamma, eps):
    """dbeta before dgamma."""
    dx, dgamma, dbeta = batch_back(dy, x, gamma, eps)
    return dx, dbeta, dgamma


@forward_of_rows()
def bn_unbiased(x, gamma, beta, eps):
    """ddof=1."""
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + eps) + beta


@forward_of_rows()
def bn_epsilon_outside(x, gamma, beta, eps):
    """std + eps."""
    return gamma * (x - x.mean(0)) / (x.std(0) + eps) + beta


@forward_of_rows()
def bn_no_epsilon(x, gamma, beta, eps):
    """No eps at all."""
    with np.errstate(all="ignore"):
        return gamma * (x - x.mean(0)) / x.std(0) + beta


@forward_of_rows()
def bn_fixed_epsilon(x, gamma, beta, eps):
    """1e-5 whatever is asked."""
    return flat(x, gamma, beta, 1e-5)


@forward_of_rows()
def bn_divided_by_variance(x, gamma, beta, eps):
    """No root."""
    return gamma * (x - x.mean(0)) / (x.var(0) + eps) + beta


@forward_of_rows()
def bn_over_features(x, gamma, beta, eps):
    """axis=1."""
    return gamma * (x - x.mean(1, keepdims=True)) / np.sqrt(
        x.var(1, keepdims=True) + eps) + beta


@forward_of_rows()
def bn_over_everything(x, gamma, beta, eps):
    """np.mean(x) of all."""
    return gamma * (x - x.mean()) / np.sqrt(x.var() + eps) + beta


@forward_of_maps()
def bn_each_pixel(x, gamma, beta, eps):
    """axis=0 on images."""
    return gamma[MAP] * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta[MAP]


@forward_of_maps()
def bn_each_sample(x, gamma, beta, eps):
    """Instance normalisation."""
    at = (2, 3)
    s = (x - x.mean(at, keepdims=True)) / np.sqrt(x.var(at, keepdims=True) + eps)
    return gamma[MAP] * s + beta[MAP]


@forward_of_maps()
def bn_beta_forgotten(x, gamma, beta, eps):
    """No shift."""
    return batch(x, gamma, 0 * beta, eps)


@forward_of_maps()
def bn_gamma_around_everything(x, gamma, beta, eps):
    """gamma (s + beta)."""
    return gamma[MAP] * batch(x, np.ones_like(gamma), beta, eps)


@forward_of_maps()
def bn_mean_kept(x, gamma, beta, eps):
    """Divided and not centred."""
    return gamma[MAP] * x / np.sqrt(x.var(IMAGE) + eps)[MAP] + beta[MAP]


# --- when it is used, and running values -------------------------------------------------


def use_back(dy, x, gamma, mean, var, eps):
    root = np.sqrt(var + eps)[MAP]
    s = (x - mean[MAP]) / root
    return dy * gamma[MAP] / root, (dy * s).sum(IMAGE), dy.sum(IMAGE)


def use(x, gamma, beta, mean, var, eps):
    return gamma[MAP] * (x - mean[MAP]) / np.sqrt(var + eps)[MAP] + beta[MAP]


@wrong_pair("batch_norm", backward=use_back, mode="eval")
def bn_batch_statistics_in_use(x, gamma, beta, mean, var, eps):
    """Mean and variance of x after all."""
    return batch(x, gamma, beta, eps)


@wrong_pair("batch_norm", backward=use_back, mode="eval")
def bn_running_variance_as_std(x, gamma, beta, mean, var, eps):
    """No root of the running variance."""
    return gamma[MAP] * (x - mean[MAP]) / (var + eps)[MAP] + beta[MAP]


@wrong_pair("batch_norm", forward=use, mode="eval")
def bn_training_backward_in_use(dy, x, gamma, mean, var, eps):
    """The gradient of training."""
    _, dgamma, dbeta = use_back(dy, x, gamma, mean, var, eps)
    return batch_back(dy, x, gamma, eps)[0], dgamma, dbeta


def _tracked(x, gamma, beta, mean, var, m, eps, *, ddof=1, swap=False, root=False):
    a, b = (m, 1 - m) if swap else (1 - m, m)
    new = x.var(IMAGE, ddof=ddof)
    return (batch(x, gamma, beta, eps), a * mean + b * x.mean(IMAGE),
            a * var + b * (np.sqrt(new) if root else new))


@wrong_alone("batch_norm", running="new")
def bn_momentum_exchanged(*args):
    """momentum times the old one."""
    return _tracked(*args, swap=True)


@wrong_alone("batch_norm", running="new")
def bn_running_biased(*args):
    """The biased variance is kept."""
    return _tracked(*args, ddof=0)


@wrong_alone("batch_norm", running="new", running_var="biased")
def bn_running_unbiased(*args):
    """The unbiased variance is kept."""
    return _tracked(*args)


@wrong_alone("batch_norm", running="new")
def bn_running_deviation(*args):
    """The standard deviation is kept."""
    return _tracked(*args, ddof=0, root=True)


@wrong_alone("batch_norm", running="new")
def bn_running_replaced(x, gamma, beta, mean, var, m, eps):
    """Only the last batch is remembered."""
    return batch(x, gamma, beta, eps), x.mean(IMAGE), x.var(IMAGE, ddof=1)


@wrong_alone("batch_norm", running="new")
def bn_running_untouched(x, gamma, beta, mean, var, m, eps):
    """The new values are computed and thrown away."""
    return batch(x, gamma, beta, eps), mean.copy(), var.copy()


# --- layer and group -------------------------------------------------------------------


def layer_back(dy, x, gamma, eps):
    f = x.shape[-1]
    root = np.sqrt(x.var(-1, keepdims=True) + eps)
    s = (x - x.mean(-1, keepdims=True)) / root
    ds = dy * gamma
    dx = (f * ds - ds.sum(-1, keepdims=True) - s * (ds * s).sum(-1, keepdims=True)) / (f * root)
    rows = tuple(range(x.ndim - 1))
    return dx, (dy * s).sum(rows), dy.sum(rows)


def layer(x, gamma, beta, eps):
    s = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)
    return gamma * s + beta


@wrong_pair("layer_norm", backward=layer_back)
def ln_over_batch(x, gamma, beta, eps):
    """Batch normalisation."""
    return flat(x, gamma, beta, eps)


@wrong_pair("layer_norm", backward=layer_back)
def ln_unbiased(x, gamma, beta, eps):
    """torch.std's default."""
    s = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True, ddof=1) + eps)
    return gamma * s + beta


@wrong_pair("layer_norm", backward=layer_back)
def ln_epsilon_outside(x, gamma, beta, eps):
    """std + eps, as in the annotated transformer."""
    return gamma * (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + eps) + beta


@wrong_pair("layer_norm", backward=layer_back, layout="NTF")
def ln_whole_sample(x, gamma, beta, eps):
    """One mean for all places."""
    at = (1, 2)
    s = (x - x.mean(at, keepdims=True)) / np.sqrt(x.var(at, keepdims=True) + eps)
    return gamma * s + beta


@wrong_pair("layer_norm", forward=layer)
def ln_gamma_outside_means(dy, x, gamma, eps):
    """gamma multiplied in at the end, where it does not commute with the means."""
    one, dgamma, dbeta = layer_back(dy, x, np.ones_like(gamma), eps)
    return gamma * one, dgamma, dbeta


@wrong_pair("layer_norm", forward=layer)
def ln_parameters_over_features(dy, x, gamma, eps):
    """No sum over the batch."""
    s = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)
    return layer_back(dy, x, gamma, eps)[0], dy * s, dy.copy()


@wrong_pair("layer_norm", forward=layer)
def ln_variance_path_forgotten(dy, x, gamma, eps):
    """Only the mean is accounted for."""
    _, dgamma, dbeta = layer_back(dy, x, gamma, eps)
    ds = dy * gamma
    root = np.sqrt(x.var(-1, keepdims=True) + eps)
    return (ds - ds.mean(-1, keepdims=True)) / root, dgamma, dbeta


@wrong_alone("layer_norm", layout="NCHW")
def ln_channels_only(x, gamma, beta, eps):
    """Over C at each pixel."""
    s = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps)
    return gamma * s + beta


def group(x, gamma, beta, groups, eps, shape=None, axes=(2, 3, 4)):
    n, c, h, w = x.shape
    g = x.reshape(shape or (n, groups, c // groups, h, w))
    s = (g - g.mean(axes, keepdims=True)) / np.sqrt(g.var(axes, keepdims=True) + eps)
    return gamma[MAP] * s.reshape(x.shape) + beta[MAP]


@wrong_alone("group_norm")
def gn_interleaved(x, gamma, beta, groups, eps):
    """Every G-th channel."""
    n, c, h, w = x.shape
    return group(x, gamma, beta, groups, eps, (n, c // groups, groups, h, w), (1, 3, 4))


@wrong_alone("group_norm")
def gn_size_for_number(x, gamma, beta, groups, eps):
    """G is how many channels a group has."""
    n, c, h, w = x.shape
    return group(x, gamma, beta, groups, eps, (n, c // groups, groups, h, w))


@wrong_alone("group_norm")
def gn_groups_ignored(x, gamma, beta, groups, eps):
    """One group."""
    return group(x, gamma, beta, 1, eps)


@wrong_alone("group_norm")
def gn_pixels_apart(x, gamma, beta, groups, eps):
    """The mean over the channels only."""
    return group(x, gamma, beta, groups, eps, axes=(2,))


@wrong_alone("group_norm")
def gn_batch_in_it(x, gamma, beta, groups, eps):
    """The batch is averaged, too."""
    return group(x, gamma, beta, groups, eps, axes=(0, 2, 3, 4))


@wrong_alone("group_norm")
def gn_epsilon_outside(x, gamma, beta, groups, eps):
    """std + eps."""
    g = x.reshape(len(x), groups, -1)
    s = (g - g.mean(2, keepdims=True)) / (g.std(2, keepdims=True) + eps)
    return gamma[MAP] * s.reshape(x.shape) + beta[MAP]
