"""Right implementations of the kinds beside convolution, pooling, activation, risk."""

import numpy as np
import torch
import torch.nn.functional as F

from cnnmat.testing import adapters
from tests.testing.bank import wrong_maps as maps
from tests.testing.bank import wrong_norms as norms
from tests.testing.bank import wrong_picking as picking
from tests.testing.bank import wrong_units as units
from tests.testing.right import right


def tensors(*arrays):
    """PyTorch's copies of arrays, as float64."""
    return [torch.tensor(np.array(a, order="C")).double() for a in arrays]


def gradients(function, dy, *arrays):
    """The gradient of each array, as far as there is one."""
    leaves = [t.requires_grad_() for t in tensors(*arrays)]
    found = torch.autograd.grad(function(*leaves), leaves, *tensors(dy))
    return tuple(g.numpy() for g in found)


# --- normalisation -----------------------------------------------------------------


def torch_norm(normalize):
    """(forward, backward) of normalize(x, gamma, beta, *settings)."""
    forward, back = adapters.torch_pair(normalize)
    return forward, lambda dy, x, gamma, *settings: back(dy, x, gamma, 0 * gamma, *settings)


@right("batch_norm")
def torch_batch_norm():
    return torch_norm(lambda x, g, b, eps: F.batch_norm(x, None, None, g, b, True, 0.1, eps))


@right("batch_norm", layout="NC", dtype="float32")
def torch_batch_norm_rows():
    def single(x, g, b, eps):
        return F.batch_norm(x.float(), None, None, g.float(), b.float(), True, 0.1, eps).double()

    return torch_norm(single)


@right("batch_norm", running="new")
def torch_batch_norm_running():
    def forward(x, gamma, beta, mean, var, momentum, eps):
        x, gamma, beta, mean, var = tensors(x, gamma, beta, mean, var)
        y = F.batch_norm(x, mean, var, gamma, beta, True, momentum, eps)
        return y.numpy(), mean.numpy(), var.numpy()

    return forward, torch_batch_norm()[1]


@right("batch_norm", mode="eval")
def torch_batch_norm_in_use():
    def forward(x, gamma, beta, mean, var, eps):
        x, gamma, beta, mean, var = tensors(x, gamma, beta, mean, var)
        return F.batch_norm(x, mean, var, gamma, beta, False, 0.1, eps).numpy()

    def backward(dy, x, gamma, mean, var, eps):
        mean, var = tensors(mean, var)
        return gradients(lambda x, g, b: F.batch_norm(x, mean, var, g, b, False, 0.1, eps),
                         dy, x, gamma, 0 * gamma)

    return forward, backward


@right("batch_norm")
def batch_norm_in_one_formula():
    return norms.batch, norms.batch_back


@right("batch_norm", layout="NC")
def batch_norm_by_stages():
    return norms.flat, norms.by_stages


@right("batch_norm", layout="NC", eps=1e-8)
def batch_norm_with_its_own_epsilon():
    return (lambda x, g, b: norms.flat(x, g, b, 1e-8),
            lambda dy, x, g: norms.by_stages(dy, x, g, 1e-8))


@right("batch_norm", layout="NHWC", parameters="broadcast", running="old", running_var="biased")
def keras_batch_norm():
    def forward(x, gamma, beta, mean, var, momentum, eps):
        at = (0, 1, 2)
        m, v = x.mean(at, keepdims=True), (x**2).mean(at, keepdims=True)
        v = v - m**2
        y = gamma * (x - m) * (v + eps) ** -0.5 + beta
        return y, momentum * mean + (1 - momentum) * m, momentum * var + (1 - momentum) * v

    def backward(dy, x, gamma, eps):
        found = norms.batch_back(np.moveaxis(dy, -1, 1), np.moveaxis(x, -1, 1), gamma.ravel(), eps)
        return np.moveaxis(found[0], 1, -1), *(f.reshape(gamma.shape) for f in found[1:])

    return forward, backward


@right("layer_norm")
def torch_layer_norm():
    return torch_norm(lambda x, g, b, eps: F.layer_norm(x, x.shape[-1:], g, b, eps))


@right("layer_norm", layout="NTF")
def layer_norm_of_places():
    return norms.layer, norms.layer_back


@right("layer_norm", layout="NCHW")
def torch_layer_norm_of_maps():
    return torch_norm(lambda x, g, b, eps: F.layer_norm(x, x.shape[1:], g, b, eps))


@right("group_norm")
def torch_group_norm():
    return torch_norm(lambda x, g, b, groups, eps: F.group_norm(x, groups, g, b, eps))


@right("group_norm", layout="NHWC")
def group_norm_of_nhwc():
    def forward(x, gamma, beta, groups, eps):
        n, h, w, c = x.shape
        g = x.reshape(n, h * w, groups, c // groups)
        centred = g - g.mean((1, 3), keepdims=True)
        s = centred / np.sqrt((centred**2).mean((1, 3), keepdims=True) + eps)
        return s.reshape(x.shape) * gamma + beta

    return (forward,)


# --- softmax, losses ----------------------------------------------------------------


@right("softmax")
def torch_softmax():
    return adapters.torch_pair(lambda x: torch.softmax(x, 1))


@right("softmax", classes="first")
def softmax_of_columns():
    def forward(x):
        p = np.exp(x - x.max(0))
        return p / p.sum(0)

    def backward(dy, x):
        y = forward(x)
        jacobians = [np.diag(c) - np.outer(c, c) for c in y.T]
        return np.array([j @ d for j, d in zip(jacobians, dy.T, strict=True)]).T

    return forward, backward


@right("softmax", softmax="log_softmax")
def torch_log_softmax():
    return adapters.torch_pair(lambda x: torch.log_softmax(x, 1))


@right("softmax", softmax="log_softmax", dtype="float32")
def log_softmax_in_single_precision():
    return adapters.torch_pair(lambda x: torch.log_softmax(x, 1), dtype="float32")


@right("risk", risk="binary_cross_entropy", average="entries")
def torch_binary_cross_entropy():
    return adapters.torch_pair(lambda p, t: F.binary_cross_entropy(p, t.double()), scalar=True)


@right("risk", risk="binary_cross_entropy", average="sum")
def binary_cross_entropy_by_cases():
    return (lambda p, t: -np.log(np.where(t == 1, p, 1 - p)).sum(),
            lambda p, t: np.where(t == 1, -1 / p, 1 / (1 - p)))


@right("risk", risk="sigmoid_cross_entropy")
def torch_cross_entropy_with_logits():
    return adapters.torch_pair(
        lambda z, t: F.binary_cross_entropy_with_logits(z, t, reduction="sum") / len(z),
        scalar=True)


@right("risk", risk="hinge", target="labels")
def multi_class_svm():
    """As in Stanford's course."""
    def forward(y, labels):
        margins = np.maximum(0, y - y[np.arange(len(y)), labels][:, None] + 1)
        margins[np.arange(len(y)), labels] = 0
        return margins.sum() / len(y)

    def backward(y, labels):
        rows = np.arange(len(y))
        margins = y - y[rows, labels][:, None] + 1
        d = (margins > 0) * 1.0
        d[rows, labels] = 0
        d[rows, labels] -= d.sum(1)
        return d / len(y)

    return forward, backward


@right("risk", risk="hinge", average="entries")
def torch_multi_margin():
    return adapters.torch_pair(
        lambda y, t: F.multi_margin_loss(y, t.argmax(1)), scalar=True)


@right("risk", risk="binary_hinge", average="entries")
def torch_hinge():
    return adapters.torch_pair(lambda y, t: torch.clamp(1 - t * y, min=0).mean(), scalar=True)


# --- steps of descent ----------------------------------------------------------------


def torch_steps(make):
    """A step of one of PyTorch's optimizers, whose own state is the state."""
    def step(params, grads, lr, decay, *told):
        *told, state = told
        if state is None:
            leaves = {k: torch.tensor(np.array(p)).double().requires_grad_()
                      for k, p in params.items()}
            groups = [{"params": [leaves["w"]], "weight_decay": decay},
                      {"params": [leaves["b"]], "weight_decay": 0.0}]
            state = leaves, make(groups, lr, *told)
        leaves, optimizer = state
        for k, p in leaves.items():
            p.grad = torch.tensor(np.array(grads[k])).double()
        optimizer.step()
        return {k: p.detach().numpy().copy() for k, p in leaves.items()}, state

    return (step,)


@right("update", rule="nesterov")
def torch_nesterov():
    # without momentum PyTorch refuses the name
    return torch_steps(lambda groups, lr, momentum: torch.optim.SGD(
        groups, lr, momentum=momentum, nesterov=momentum > 0))


@right("update", rule="nesterov")
def nesterov_by_positions():
    """As in Stanford's course: v holds the rate, the position looks ahead."""
    def step(params, grads, lr, decay, momentum, state):
        state, new = state or {}, {}
        for k, p in params.items():
            g = grads[k] + decay * p * (k == "w")
            old = state.get(k, np.zeros_like(p))
            state[k] = momentum * old - lr * g
            new[k] = p - momentum * old + (1 + momentum) * state[k]
        return new, state

    return (step,)


@right("update", rule="rmsprop")
def torch_rmsprop():
    return torch_steps(lambda groups, lr, rho, eps: torch.optim.RMSprop(
        groups, lr, alpha=rho, eps=eps))


@right("update", rule="adam")
def torch_adam():
    return torch_steps(lambda groups, lr, b1, b2, eps: torch.optim.Adam(groups, lr, (b1, b2), eps))


@right("update", rule="adamw")
def torch_adamw():
    return torch_steps(lambda groups, lr, b1, b2, eps: torch.optim.AdamW(groups, lr, (b1, b2), eps))


@right("update", rule="adam", epsilon="hat", decay="all")
def adam_by_its_rate():
    """As in Keras and at the end of the paper: both corrections are in the rate."""
    def step(params, grads, lr, decay, b1, b2, eps, state):
        m, s, k = state or ({}, {}, 0)
        k, new = k + 1, {}
        rate = lr * np.sqrt(1 - b2**k) / (1 - b1**k)
        for name, p in params.items():
            g = grads[name] + decay * p
            m[name] = m.get(name, 0) + (1 - b1) * (g - m.get(name, 0))
            s[name] = s.get(name, 0) + (1 - b2) * (g * g - s.get(name, 0))
            new[name] = p - rate * m[name] / (np.sqrt(s[name]) + eps)
        return new, (m, s, k)

    return (step,)


@right("update", rule="sgd", decoupled=True)
def momentum_with_decoupled_decay():
    def step(params, grads, lr, decay, momentum, state):
        v = {k: momentum * (state[k] if state else 0) + g for k, g in grads.items()}
        return {k: p - lr * v[k] - lr * decay * p * (k == "w") for k, p in params.items()}, v

    return (step,)


# --- activations ----------------------------------------------------------------------


@right("activation", name="elu")
def torch_elu():
    return adapters.torch_pair(F.elu)


@right("activation", name="elu", parameter=0.5)
def elu_with_its_alpha():
    return units.elu, units.elu_back


@right("activation", name="leaky_relu", parameter=0.2)
def torch_leaky_relu():
    return adapters.torch_pair(lambda x: F.leaky_relu(x, 0.2))


@right("activation", name="gelu")
def torch_gelu():
    return adapters.torch_pair(F.gelu)


@right("activation", name="gelu")
def gelu_by_erf():
    return units.gelu, units.gelu_back


@right("activation", name="gelu_tanh", dtype="float32")
def torch_gelu_by_tanh():
    return adapters.torch_pair(lambda x: F.gelu(x, approximate="tanh"), dtype="float32")


@right("activation", name="gelu_tanh")
def gelu_by_tanh():
    return units.gelu_tanh, units.gelu_tanh_back


@right("activation", name="scaled_tanh")
def lecuns_tanh():
    return units.lecun, units.lecun_back


# --- maps ------------------------------------------------------------------------------


@right("depthwise")
def torch_depthwise():
    return adapters.torch_pair(lambda x, w, b, s, p: F.conv2d(x, w, b, s, p, 1, x.shape[1]))


@right("depthwise")
def depthwise_by_windows():
    return maps.depthwise, maps.depthwise_back


@right("depthwise", layout="NHWC", padding="none", bias="none")
def depthwise_of_nhwc():
    """Kernels kh x kw x 1 x D."""
    def forward(x, w, s):
        kh, kw = w.shape[:2]
        v = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), (1, 2))[:, ::s, ::s]
        return np.einsum("nijckl,klcm->nijcm", v, w.reshape(kh, kw, x.shape[3], -1)).reshape(
            *v.shape[:3], -1)

    return (forward,)


@right("correlation", groups=True)
def grouped_by_splitting():
    return (maps.grouped,)


def transposed_by_torch():
    def backward(dz, x, w, *settings):
        return gradients(lambda *leaves: F.conv_transpose2d(*leaves, *settings), dz, x, w,
                         np.zeros(w.shape[1]))

    return adapters.torch_pair(F.conv_transpose2d)[0], backward


@right("transposed_correlation")
def torch_transposed():
    return transposed_by_torch()


@right("transposed_correlation", stride="tuple", padding="tuple", output_padding="tuple")
def torch_transposed_by_axis():
    return transposed_by_torch()


@right("transposed_correlation")
def transposed_by_pixels():
    return maps.transposed, maps.transposed_back


@right("transposed_correlation", layout="NHWC", weights="HWOI", bias="none", padding="none",
       output_padding="none")
def keras_transposed():
    def forward(x, w, s):
        n, h, v, _ = x.shape
        kh, kw, d, _ = w.shape
        z = np.zeros((n, (h - 1) * s + kh, (v - 1) * s + kw, d))
        for k in range(kh):
            for l in range(kw):
                z[:, k:k + (h - 1) * s + 1:s, l:l + (v - 1) * s + 1:s] += x @ w[k, l].T
        return z

    return (forward,)


@right("upsampling")
def torch_nearest():
    return adapters.torch_pair(lambda x, s: F.interpolate(x, scale_factor=s))


@right("upsampling", scale="tuple", layout="NHWC")
def repeat():
    return (lambda x, s: np.kron(x, np.ones((1, *s, 1))),)


@right("upsampling", upsampling="bilinear")
def torch_bilinear():
    return adapters.torch_pair(lambda x, s: F.interpolate(x, scale_factor=s, mode="bilinear"))


@right("upsampling", upsampling="bilinear", align_corners=True, scale="tuple")
def torch_bilinear_corners():
    return adapters.torch_pair(lambda x, s: F.interpolate(
        x, scale_factor=s, mode="bilinear", align_corners=True))


@right("upsampling", upsampling="bilinear")
def bilinear_by_matrices():
    return maps.bilinear, maps.bilinear_back


@right("adaptive_pooling")
def torch_adaptive_mean():
    return adapters.torch_pair(F.adaptive_avg_pool2d)


@right("adaptive_pooling", mean_or_max="max", size="tuple")
def torch_adaptive_max():
    return adapters.torch_pair(F.adaptive_max_pool2d)


@right("adaptive_pooling", layout="NHWC")
def adaptive_of_nhwc():
    return (lambda x, m: np.moveaxis(maps.adaptive(np.moveaxis(x, -1, 1), m), 1, -1),
            lambda dt, x, m: np.moveaxis(maps.adaptive_back(
                np.moveaxis(dt, -1, 1), np.moveaxis(x, -1, 1), m), 1, -1))


@right("global_pooling")
def global_mean():
    return (lambda x: x.mean((2, 3)),
            lambda dt, x: np.broadcast_to(dt[..., None, None], x.shape) / x[0, 0].size)


@right("global_pooling", mean_or_max="max", keep=True, layout="NHWC")
def global_max():
    def backward(dt, x):
        return dt * (x == x.max((1, 2), keepdims=True))

    return (lambda x: x.max((1, 2), keepdims=True)), backward


# --- picking ---------------------------------------------------------------------------


@right("dropout")
def inverted_dropout():
    return picking.drop, picking.drop


@right("dropout", probability="keep", dtype="float32")
def dropout_with_keep_prob():
    def scaled(x, mask, keep):
        return (x.astype(np.float32) * mask.astype(bool) / np.float32(keep)).astype(np.float32)

    return scaled, scaled


@right("dropout", inverted=False)
def plain_dropout():
    return (lambda x, mask, p: np.where(mask, x, 0), lambda dy, mask, p: np.where(mask, dy, 0))


@right("embedding")
def torch_embedding():
    def backward(dy, indices, w):
        found, = gradients(lambda w: F.embedding(torch.tensor(np.array(indices)), w), dy, w)
        return found

    return (lambda indices, w: F.embedding(torch.tensor(np.array(indices)), *tensors(w)).numpy(),
            backward)


@right("embedding")
def embedding_by_one_hot():
    def backward(dy, indices, w):
        hot = np.eye(len(w))[indices].reshape(-1, len(w))
        return hot.T @ dy.reshape(-1, dy.shape[-1])

    return (lambda indices, w: np.eye(len(w))[indices] @ w), backward


@right("local_response")
def torch_local_response():
    return adapters.torch_pair(F.local_response_norm)


@right("local_response")
def local_response_by_channels():
    return picking.lrn, picking.lrn_back


@right("local_response", alpha="whole", layout="NHWC")
def local_response_of_the_paper():
    def forward(x, size, alpha, beta, k):
        y = picking.lrn(np.moveaxis(x, -1, 1), size, alpha * size, beta, k)
        return np.moveaxis(y, 1, -1)

    return (forward,)
