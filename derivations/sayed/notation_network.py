"""What sections 4 to 8 say of their symbols, and which lines are run as they stand."""

__all__ = ["NETWORK"]

NETWORK = r"""
index n = 0..N-1; c = 1..C; d = 1..D_c; d' = 1..D_{c+1}; d''; \ell = 1..L; i; j; k; s; p; p'; p''; m
family c: c, C; \ell: \ell, L, 1
C, L, N, M, Q : number
D_c : number for c = 0..C
P_c, P'_c, S_c : number
n_\ell : number
\rho_1, \rho_2 : number
h_n^{(d)} : vector M for d = 1..D_0
h_{n,p}^{(d)} : vector S_1 for d = 1..D_0, p = 1..P_1
h_{n,p}^{(d,c)} : vector S_{c+1} for c = 0..C-1, p = 1..P_{c+1}
H_n^{(d,c)} : matrix S_{c+1} x P_{c+1} for c = 0..C-1
H_{n,c} : matrix D_cS_{c+1} x P_{c+1} for c = 0..C-1
z_n^{(d,c)}, y_n^{(d,c)} : vector P_c
t_n^{(d,c)} : vector P'_c
z_{n,p}^{(d,c)}, y_{n,p}^{(d,c)} : number for p = 1..P_c
t_{n,p}^{(d,c)} : number for p = 1..P'_c
z_{\ell,n} : vector n_\ell for \ell = 2..L
y_{\ell,n} : vector n_\ell
z_\ell : vector n_\ell for \ell = 2..L
y_\ell : vector n_\ell
\delta_\ell : vector n_\ell for \ell = 2..L
y_n, z_n, \gamma_n : vector Q
h'_n : vector n_1
w_j^{(d,c)} : vector S_c for j = 1..D_{c-1}
\theta^{(d,c)} : vector D_{c-1}
W^{(d,c)} : vector S_cD_{c-1}
W_c : matrix S_cD_{c-1} x D_c
\Theta_c : matrix D_{c-1} x D_c
W_\ell : matrix n_{\ell+1} x n_\ell for \ell = 1..L-1
\theta_\ell : vector n_{\ell+1} for \ell = 1..L-1
W_\ell^{(d)} : matrix n_2 x P'_C for \ell = 1..1, d = 1..D_C
w_{ij}^{(\ell)}, w_{i,j}^{(\ell)} : number for \ell = 1..L-1, i = 1..n_\ell, j = 1..n_{\ell+1}
w_i^{(\ell)} : vector n_{\ell+1} for \ell = 1..L-1, i = 1..n_\ell
\delta_n^{(d,c)} : vector P_c
\delta_{\ell,n} : vector n_\ell for \ell = 2..L
V_c : matrix P_{c+1}S_{c+1} x P'_c for c = 1..C-1
V^{(d,d',c+1)} : matrix P'_c x P_{c+1} for c = 1..C-1
b_n^{(d,d',c)} : vector P'_c for c = 1..C-1
T_c : matrix P_c x P_c
\Delta_{n,c} : matrix P_cD_c x D_c
g_{n,p'}^{(d,c)} : vector |\Omega_{p'}| for p' = 1..P'_c
J_{\mathrm{emp}}, J_{\mathrm{emp}}(W,\theta) : number
i'_p : number at d, p'
p'' : number at j, c
i''_p : number at d, j, c
i'_m, i''_m : number at d for m = 1..P'_C
\Omega_{p'} : list at c for p' = 1..P'_c
\mathcal{D}_c : list at d for c = 1..C-1
f : function of z_n^{(d,c)}, w_j^{(d,c)}, z_{\ell,n}, z_n
\mathrm{pool}, \mathrm{permute}, \mathrm{permute}^{\#} : function at c
\mathrm{upv} : function at n, d, c
\mathrm{partition} : function at c
\mu : number
check 47.1206/size, 47.1207/size, 47.1208, 47.1210, 47.1211, 47.1211/size, 47.1212, 47.1212/bias,
 47.1214/size, 47.1219, 47.1221a, 47.1221b, 47.1221c, 47.1221f, 47.1222b, 47.1222c, 47.1222d,
 47.1222e, 47.1222f, 47.1230a, 47.1230b, 47.1268, summary/permute, sgd/single,
 47.1215, sec4/after-f, 47.1216/z, 47.1216/y, 47.1216/t, 47.1216/H, 47.1216/y1, 47.1216/z-ff,
 47.1217/size, 47.1219/blocks, 47.1220, 47.1220/size, 47.1217/gradient,
 47.1218, 47.1221g, 47.1221g/size, 47.1221h, 47.1221h/use, 47.1223a, 47.1223a/size, 47.1223b,
 47.1224a, 47.1224a/size, 47.1224a/block, 47.1224b, 47.1225, 47.1225/size, 47.1226a, 47.1226b,
 47.1226c, 47.1227/frobenius, 47.1227/targets, 47.1229, 47.1231, 47.1232, 47.1233, 47.1235,
 47.1257/pairs, 47.1257/label, 47.1257, 47.1257/short, 47.1258, 47.1250, 47.1252/size,
 47.1263, 47.1264, 47.1265/line1, 47.1265, 47.1266, 47.1267, 47.1269, 47.1270,
 47.1270/size, 47.1271, 47.1272/line1, 47.1272, 47.1273, 47.1274, 47.1275/delta_L,
 47.1275/W_l, 47.1275/theta_l, 47.1275/W_c, 47.1275/Theta_c, 47.1276/delta_L
check 47.1217 for d = 1..D_C, p' = 1..P'_C
check 47.1212/range over y_n^{(d,c+1)}
check 47.1209/count over h_{n,p}^{(d,c)}
check 47.1213/range, 47.1222a, 47.1258/range, fig47.96/partitions, summary/weights, summary/V_c
check 47.1216/loop-c over z_n^{(d,c)}
check 47.1216/loop-l over W_\ell
check 47.1232/range over \delta_{\ell,n}
check 47.1237/limit over t_n^{(d,C)}(p') for c = C
check 47.1245/range over z_n^{(d,C)}
check 47.1250/range over t_n^{(d,c)}(p'')
check 47.1262/range over z_n^{(d,c)}
check 47.1275/start over \gamma_n
check sec5/weights
check 47.1224b/ones as H_{n,c-1}^{\mathsf T}W_c-\begin{bmatrix}z_n^{(1,c)}&\cdots&z_n^{(D_c,c)}\end{bmatrix} for n = 0..N-1
check 47.1227 as J_{\mathrm{emp}}-(1-\frac1N)\left(\sum_{c=1}^C\rho_1\|W_c\|_F^2+\sum_{\ell=1}^{L-1}\rho_2\|W_\ell\|_F^2\right)
check 47.1228 as J_{\mathrm{emp}}
check 47.1234, 47.1234/sum, 47.1275/delta_l for \ell = 2..L-1
check 47.1234/range, 47.1275/l-range, 47.1276/l-range over \delta_{\ell+1,n}^{\mathsf T}W_\ell\delta_{\ell,n}
check 47.1236/line2, 47.1236/line3 as \delta_n^{(d,C)}(j)
check 47.1236
check 47.1237/line1, 47.1237/b, 47.1238, 47.1237, 47.1239/line1, 47.1239 for c = C
check 47.1237/line2 as \frac{\partial t_n^{(d,C)}(p')}{\partial z_n^{(d,C)}(j)} for c = C
check 47.1237/a as \frac{\partial z_{2,n}(k)}{\partial z_n^{(d,C)}(j)} for c = C
check 47.1239/line2, 47.1239/line3 as \delta_n^{(d,C)}(j) for c = C
check 47.1241 where v := \frac{\partial\|\gamma_n-y_n\|^2}{\partial t_n^{(d,C)}}
check 47.1242 as T_C\frac{\partial\|\gamma_n-y_n\|^2}{\partial y_n^{(d,C)}} for c = C
check 47.1243 where v := t_n^{(d,C)}; \alpha_j := t_n^{(d,C)}(j) for c = C
check 47.1244 where x := \frac{\partial\|\gamma_n-y_n\|^2}{\partial y_n^{(d,C)}} for c = C
check 47.1245, 47.1275/delta_C for c = C
check 47.1246/line2, 47.1246/line3, 47.1246/line4, 47.1246/line5 as \delta_n^{(d,c)}(j) for c = 1..C-1
check 47.1246, 47.1262, 47.1275/delta_c, 47.1248, 47.1249, 47.1256/direction, 47.1247/line1, 47.1247,
 47.1248/other-maps, 47.1252/S_c, 47.1256/z-size for c = 1..C-1
check 47.1247/a as \frac{\partial z_n^{(d',c+1)}(i)}{\partial y_n^{(d,c)}(j)} for c = 1..C-1
check 47.1248/same-mask as [H_n^{(d,c)}]^{\mathsf T}w_d^{(d',c+1)} for c = 1..C-1
check 47.1257/size, 47.1275/V-size, 47.1276/V-size into V^{(d,d',c+1)}=\left(V_c^{\mathsf T}\odot(\mathbb{1}_{P'_c}\mathbb{1}_{P_{c+1}}^{\mathsf T}\otimes(w_d^{(d',c+1)})^{\mathsf T})\right)(\square)
check 47.1260 where x := \sum_{p'=1}^{P'_c}b_n^{(d,d',c)}(p')\frac{\partial t_n^{(d,c)}(p')}{\partial y_n^{(d,c)}}
check 47.1261, summary/upv where v := t_n^{(d,c)}; \alpha_j := t_n^{(d,c)}(j)
check 47.1262/inside as \delta_n^{(d,c)} for c = 1..C-1
check 47.1265/a, 47.1265/line3, 47.1268/line1, 47.1268/line2 as \frac{\partial\|\gamma_n-y_n\|^2}{\partial w_j^{(d,c)}(s)}
check 47.1272/line2, 47.1272/line3, 47.1272/line4 as \frac{\partial\|\gamma_n-y_n\|^2}{\partial\theta^{(d,c)}(j)}
check 47.1269/size sizes H_{n,c-1}, \delta_n^{(d,c)}
check 47.1271/size sizes \mathbf{1}_{D_c}^{\mathsf T}\otimes H_{n,c-1}, \Delta_{n,c}
check 47.1274/size sizes \mathbf{1}_{D_c}^{\mathsf T}\otimes\mathbf{1}_{D_{c-1}}\mathbf{1}_{P_c}^{\mathsf T}, \Delta_{n,c}
check 47.1275/c-range, 47.1276/c-range over V_c
check 47.1275/d-ranges, 47.1276/d-ranges, 47.1262/one-map for c = 1..C-1
check 47.1275/Delta_C, 47.1276/Delta_C
check 47.1216/output where y := y_n; y_L := y_{L,n}
check 47.1220/second into \square=[W_1]_{:,P'_C+1:2P'_C}
check 47.1221e into \sum_{i=1}^{n_{\ell-1}}w_{ij}^{(\ell-1)}y_{\ell-1}(i)-\theta_{\ell-1}(j)=\square
check 47.1240 into \delta_n^{(d,C)}=f'(z_n^{(d,C)})\odot\square\odot\mathrm{permute}^{\#}(\mathrm{upv}(\mathbb{1}_{P'_C}))
 for c = C
check 47.1240/t-column as \mathrm{permute}^{\#}(\mathrm{upv}(\mathbb{1}_{P'_C})) for n = 0..N-1, d = 1..D_C, c = C
check 47.1259 into \delta_n^{(d,c)}=\sum_{d'=1}^{D_{c+1}}f'(z_n^{(d,c)})\odot\square
 \odot\mathrm{permute}^{\#}(\mathrm{upv}(\mathbb{1}_{P'_c})) for c = 1..C-1
check 47.1259/t-column as \mathrm{permute}^{\#}(\mathrm{upv}(\mathbb{1}_{P'_c})) for n = 0..N-1, c = 1..C-1, d = 1..D_c
check 47.1240/x-brace where x := \mathrm{permute}^{\#}(\mathrm{upv}((W_1^{(d)})^{\mathsf T}\delta_{2,n})) for c = C
check 47.1259/x-brace where x := \mathrm{permute}^{\#}(\mathrm{upv}(b_n^{(d,d',c)})) for c = 1..C-1
check 47.1259/sum where x := \mathrm{permute}^{\#}(\mathrm{upv}(b_n^{(d,d',c)})) for c = 1..C-1
check 47.1276/V into V^{(d,d',c+1)}=(\square)(I_{P_{c+1}}\otimes\mathbb{1}_{S_{c+1}})
 where w_{d,n-1}^{(d',c+1)} := w_d^{(d',c+1)}
check 47.1275/ranges, 47.1276/repeat over W_\ell^{\mathsf T}W_\ell\|W_c\|
check 47.1275/V-ones into V^{(d,d',c+1)}=(\square)(I_{P_{c+1}}\otimes\mathbb{1}_{S_{c+1}})
check summary/S_c sizes w_j^{(d,c)}
check summary/own-T
check 47.1216, 47.1216/y-ff for \ell = 1..L-1
check 47.1275
check fig47.97, sec5/layers, fig47.96/weights, 47.1216/partition, 47.1275/Delta, 47.1276/Delta
check 47.1205 as \{y_n^{(d,1)}\}
check 47.1206 as \{y_n^{(d,c)}\}
check 47.1207 as \{t_n^{(d,c)}\}
check 47.1214 as \{t_n^{(d,C)}\}
check 47.1227/bias where \theta := \theta^{(d,c)} for \ell = 1..L-1
check 47.1209, 47.1213 for c = 1..C-1
check 47.1221d for \ell = 2..L
check 47.1276/W_l where W_{\ell,n-1} := W_\ell;
 W_{\ell,n} := W_\ell-\mu(2\rho_2W_\ell+\frac{\partial\|\gamma_n-y_n\|^2}{\partial W_\ell})
check 47.1276/theta_l where \theta_{\ell,n-1} := \theta_\ell;
 \theta_{\ell,n} := \theta_\ell-\mu\frac{\partial\|\gamma_n-y_n\|^2}{\partial\theta_\ell}
check 47.1276/W_c where W_{c,n-1} := W_c;
 W_{c,n} := W_c-\mu(2\rho_1W_c+\frac{\partial\|\gamma_n-y_n\|^2}{\partial W_c})
check 47.1276/Theta_c where \Theta_{c,n-1} := \Theta_c;
 \Theta_{c,n} := \Theta_c-\mu\frac{\partial\|\gamma_n-y_n\|^2}{\partial\Theta_c}
check 47.1276 where W_{\ell,n-1} := W_\ell; \theta_{\ell,n-1} := \theta_\ell; W_{c,n-1} := W_c;
 \Theta_{c,n-1} := \Theta_c;
 W_{\ell,n} := W_\ell-\mu(2\rho_2W_\ell+\frac{\partial\|\gamma_n-y_n\|^2}{\partial W_\ell});
 \theta_{\ell,n} := \theta_\ell-\mu\frac{\partial\|\gamma_n-y_n\|^2}{\partial\theta_\ell};
 W_{c,n} := W_c-\mu(2\rho_1W_c+\frac{\partial\|\gamma_n-y_n\|^2}{\partial W_c});
 \Theta_{c,n} := \Theta_c-\mu\frac{\partial\|\gamma_n-y_n\|^2}{\partial\Theta_c}
check 47.1276/delta_l where W_{\ell,n-1} := W_\ell for \ell = 2..L-1
check 47.1276/delta_C where W_{1,n-1} := W_1; W_{1,n-1}^{(d)} := W_1^{(d)} for c = C
check 47.1276/delta_c where V_{n-1}^{(d,d',c+1)} := V^{(d,d',c+1)} for c = 1..C-1
"""
