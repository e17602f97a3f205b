"""Dense layers, masks, tables, activations and steps as courses write them."""

import numpy as np

__all__ = []


def dense(x, w, b):
    """x Wᵀ + b."""
    return x @ w.T + b


def dense_backward(dz, x, w):
    """(dx, dw, db)."""
    return dz @ w, dz.T @ x, dz.sum(0)


def drop(x, mask, drop_probability, scaled):
    """x where the mask is 1, over the probability of being kept."""
    keep = 1 - drop_probability
    return x * mask / keep if scaled else x * mask


def look_up(indices, w):
    """The rows of a table."""
    return w[indices]


def look_up_backward(dy, indices, w):
    """What comes to a row, added up."""
    dw = np.zeros(w.shape)
    flat = dy.reshape(-1, w.shape[1])
    for k, row in enumerate(indices.ravel()):
        dw[row] += flat[k]
    return dw


# --- activations -------------------------------------------------------------------------


def relu(x, dy, parameter):
    """(y, dx)."""
    return np.maximum(x, 0), dy * (x > 0)


def leaky_relu(x, dy, parameter):
    """(y, dx)."""
    return np.where(x > 0, x, parameter * x), dy * np.where(x > 0, 1, parameter)


def elu(x, dy, parameter):
    """(y, dx)."""
    return (np.where(x > 0, x, parameter * (np.exp(np.minimum(x, 0)) - 1)),
            dy * np.where(x > 0, 1, parameter * np.exp(np.minimum(x, 0))))


def tanh(x, dy, parameter):
    """(y, dx)."""
    y = np.tanh(x)
    return y, dy * (1 - y**2)


def sigmoid(x, dy, parameter):
    """(y, dx)."""
    y = np.where(x > 0, 1 / (1 + np.exp(-np.abs(x))), 1 - 1 / (1 + np.exp(-np.abs(x))))
    return y, dy * y * (1 - y)


def softplus(x, dy, parameter):
    """(y, dx)."""
    return np.logaddexp(0, x), dy * np.exp(-np.logaddexp(0, -x))


def gelu_tanh(x, dy, parameter):
    """(y, dx)."""
    root, cube = np.sqrt(2 / np.pi), 0.044715
    inner = root * (x + cube * x**3)
    t = np.tanh(inner)
    slope = root * (1 + 3 * cube * x**2)
    return 0.5 * x * (1 + t), dy * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * slope)


def scaled_tanh(x, dy, parameter):
    """(y, dx)."""
    amplitude, rate = 1.7159, 2 / 3
    t = np.tanh(rate * x)
    return amplitude * t, dy * amplitude * rate * (1 - t**2)


# --- steps -----------------------------------------------------------------------------


def adam(p, grads, lr, decay, apart, beta1, beta2, eps):
    """p after each step."""
    m, v, after = np.zeros_like(p), np.zeros_like(p), []
    for t in range(1, len(grads) + 1):
        dw = grads[t - 1]
        g = dw + (1 - apart) * decay * p
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        old = p
        p = p - lr * m_hat / (np.sqrt(v_hat) + eps)
        p = p - lr * apart * decay * old
        after.append(p)
    return np.array(after)


def rmsprop(p, grads, lr, decay, rho, eps):
    """p after each step."""
    cache, after = np.zeros_like(p), []
    for t in range(len(grads)):
        dw = grads[t]
        g = dw + decay * p
        cache = rho * cache + (1 - rho) * g**2
        p = p - lr * g / (np.sqrt(cache) + eps)
        after.append(p)
    return np.array(after)


def sgd(p, grads, lr, decay, momentum, nesterov):
    """p after each step: the velocity is one of gradients."""
    v, after = np.zeros_like(p), []
    for t in range(len(grads)):
        dw = grads[t]
        g = dw + decay * p
        v = momentum * v + g
        step = g + momentum * v if nesterov else v
        p = p - lr * step
        after.append(p)
    return np.array(after)


def descend(p, grads, lr, decay, momentum):
    """The same of plain momentum, the decay on a line of its own."""
    v, after = np.zeros_like(p), []
    for t in range(len(grads)):
        dw = grads[t]
        penalty = decay * p
        v = momentum * v + dw + penalty
        p = p - lr * v
        after.append(p)
    return np.array(after)


def descend_at_once(p, grads, lr, decay, momentum):
    """The same, the step written out."""
    v, after = np.zeros_like(p), []
    for t in range(len(grads)):
        dw = grads[t]
        old = v
        v = momentum * v + dw + decay * p
        p = p - lr * (momentum * old + (dw + decay * p))
        after.append(p)
    return np.array(after)


def sgd_of_steps(p, grads, lr, decay, momentum):
    """p after each step: the velocity is one of steps, as in classical momentum."""
    v, after = np.zeros_like(p), []
    for t in range(len(grads)):
        dw = grads[t]
        v = momentum * v - lr * (dw + decay * p)
        p = p + v
        after.append(p)
    return np.array(after)


def nesterov_of_steps(p, grads, lr, decay, momentum):
    """p after each step of Nesterov, as CS231n writes it."""
    v, after = np.zeros_like(p), []
    for t in range(len(grads)):
        dw = grads[t]
        v_prev = v
        v = momentum * v - lr * (dw + decay * p)
        p = p + (-momentum * v_prev + (1 + momentum) * v)
        after.append(p)
    return np.array(after)
