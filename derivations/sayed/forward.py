"""The full network and its forward listing, (47.1205) to (47.1229)."""

from cnnmat.claims import Sides
from cnnmat.derivations.sayed.setting import DEEP, SMALL, lecture, network


@lecture.claim(
    "47.1216", "algorithm", "The forward listing computes every signal of the network",
    r"z_n^{(d,c)}=\sum_j([H_n^{(j,c-1)}]^{\mathsf T}w_j^{(d,c)}-\theta^{(d,c)}(j)\mathbb{1}),\;"
    r"y_n^{(d,c)}=f(z_n^{(d,c)}),\;t_n^{(d,c)}=\mathrm{pool}(y_n^{(d,c)}),\;"
    r"z_{\ell+1,n}=W_\ell y_{\ell,n}-\theta_\ell,\;y_{\ell+1,n}=f(z_{\ell+1,n})",
    cases=[SMALL, DEEP])
def forward_listing(e, **case):
    s = network(e, **case)
    forward, n = s.net.forward(s.parameters, s.h), case["N"] - 1
    truth = s.signals(n)

    def signals(part):
        return ([part.z_c[c][n] for c in part.z_c], [part.t_c[c][n] for c in part.z_c],
                [part.z_l[k][n] for k in part.z_l], part.y[n])

    flipped = s.net.forward(s.parameters.map(lambda a: a * (-1 if a.ndim == 1 else 1)), s.h)
    return Sides(truth=(truth["z"], truth["t"], truth["zl"], truth["output"]),
                 printed=signals(forward), wrong={"the bias added": signals(flipped)})
