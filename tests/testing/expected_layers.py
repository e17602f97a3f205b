"""Rows of `expected` for the kinds beside convolution, pooling, activation, risk."""

ROWS = """
backward-of-training: bn_training_backward_in_use
batch-in-the-mean: gn_batch_in_it
batch-not-averaged: bn_each_sample
batch-statistics-used: bn_batch_statistics_in_use
beta-ignored: bn_beta_forgotten
beta-scaled: bn_gamma_around_everything
divided-by-batch: bn_m_is_batch
dx-times-count: bn_one_over_m_forgotten
epsilon-ignored: bn_no_epsilon
epsilon-other: bn_fixed_epsilon
epsilon-outside-root: bn_epsilon_outside ln_epsilon_outside gn_epsilon_outside
gamma-after-the-paths: ln_gamma_outside_means
gamma-ignored: bn_gamma_not_in_dx
gradients-in-another-order: bn_parameters_exchanged
groups-for-group-size: gn_size_for_number
groups-ignored: gn_groups_ignored
groups-interleaved: gn_interleaved
mean-for-sum: bn_dgamma_averaged
mean-not-subtracted: bn_mean_kept
mean-path-missing: bn_mean_path_forgotten
mean-path-not-divided: bn_mean_not_over_n
momentum-exchanged: bn_momentum_exchanged
normalised-over-batch: ln_over_batch
normalised-over-channels: bn_over_features ln_channels_only
normalised-over-everything: bn_over_everything
normalised-over-sample: ln_whole_sample
not-summed: ln_parameters_over_features
parameter-total: bn_dbeta_total
root-missing: bn_divided_by_variance
running-standard-deviation: bn_running_deviation
running-values-kept: bn_running_untouched
running-values-replaced: bn_running_replaced
running-variance-biased: bn_running_biased
running-variance-unbiased: bn_running_unbiased
space-not-averaged: bn_each_pixel gn_pixels_apart
standard-deviation-given: bn_running_variance_as_std
statistics-taken-for-constants: bn_scaled_only
summed-over-batch-only: bn_parameters_over_batch_only
variance-path-doubled: bn_half_of_root_forgotten
variance-path-halved: bn_square_two_forgotten
variance-path-missing: bn_variance_path_forgotten ln_variance_path_forgotten
variance-path-sign: bn_variance_sign
variance-unbiased: bn_unbiased ln_unbiased
x-for-standardized: bn_dgamma_from_x

cross-entropy-included: sm_cross_entropy
derivative-by-logits: bce_by_logit
derivative-by-probabilities: bcl_by_probability
diagonal-of-jacobian: sm_diagonal ls_diagonal
divided-by-batch: sm_divided_by_batch
divided-by-entries: bce_mean_of_all
divided-by-maximum: sm_divided_by_largest
divisor-half-missing: bce_half_divisor
epsilon-in-log: ls_log_of_softmax_epsilon bce_epsilon bcl_epsilon
epsilon-in-slope: bce_back_epsilon
epsilon-in-sum: sm_epsilon
log-of-softmax: ls_log_of_softmax
log-of-zero-probability: bcl_naive
log2-for-ln: bce_log2
logarithm-for-probability: ls_logarithm
margin-missing: hinge_no_margin hinge_back_no_margin bh_no_margin bh_without_margin
maximum-not-put-back: ls_maximum_lost
maximum-of-batch: sm_one_maximum
minimum-for-maximum: sm_minimum
negative-term-missing: bce_one_term bce_positive_only
no-max-subtraction: sm_naive ls_naive
not-cut-at-zero: hinge_no_cut hinge_all_classes bh_everywhere
not-times-y: sm_forgot_y
own-class-counted-once: hinge_right_class_once
own-class-counted: hinge_own_class
own-class-without-gradient: hinge_right_class_nothing
sigmoid-derivative-doubled: bcl_of_squared_error
sigmoid-missing: bcl_no_sigmoid
sign: sm_sign bce_sign bce_back_sign
slope-at-y: sm_given_y
slope-of-softmax: ls_of_softmax
softmax-for-it: ls_softmax
softmax-over-batch: sm_axis_0 ls_axis_0
softmax-over-everything: sm_whole_sum
softmax-twice: sm_twice
squared-hinge: hinge_squared hinge_back_squared
sum-missing: sm_no_sum ls_sum_forgotten
sum-not-weighted: sm_unweighted_sum
target-forgotten: bh_target_forgotten
terms-exchanged: bce_exchanged
times-batch: bce_summed hinge_summed hinge_back_summed
upstream-ignored: sm_ones
worst-class-only: hinge_worst

betas-exchanged: adam_betas_exchanged
bias-not-corrected: adam_no_correction adamw_no_correction
biases-decay: nag_biases_decay
correction-stored: adam_correction_stored
decay-after-step: adamw_after_step
decay-coupled: adamw_is_adam sgdw_coupled
decay-decoupled: adam_is_adamw
decay-ignored: adam_no_decay
decay-not-scaled: adamw_not_scaled sgdw_not_scaled
decay-sign: adamw_grows
epsilon-ignored: adam_no_epsilon rms_no_epsilon
epsilon-inside-root: adam_epsilon_inside rms_inside
epsilon-other: adam_fixed_epsilon
epsilon-outside-root: rms_outside
first-bias-not-corrected: adam_first_not_corrected
gradient-missing: nag_gradient_forgotten
gradient-twice: nag_without_momentum_factor
look-ahead-sign: nag_sign
momentum-not-nesterov: nag_plain
one-minus-beta-missing: adam_both_one_minus_forgotten
one-minus-beta1-missing: adam_one_minus_forgotten
one-minus-rho-missing: rms_not_averaged
rho-exchanged: rms_exchanged
root-missing: adam_no_root rms_no_root
second-bias-not-corrected: adam_second_not_corrected
square-missing: adam_gradient_not_squared rms_not_squared
squares-added: rms_adagrad
state-forgotten: adam_state_lost
steps-counted-from-0: adam_from_zero
steps-counted-from-2: adam_from_two
uphill: adam_uphill
velocity-of-step-before: nag_old_velocity

alpha-ignored: elu_without_alpha elu_slope_without_alpha
amplitude-missing: lecun_no_amplitude
branch-missing: elu_everywhere
cube-missing: rough_no_cube
distribution-for-it: gelu_only_phi
erf-without-root-2: gelu_no_root
gelu-for-it: rough_exact
gelu_tanh-for-it: gelu_rough
half-missing: rough_no_half
inner-derivative-missing: lecun_no_inner
leak-ignored: leaky_fixed leaky_slope_fixed
leak-times-x: leaky_slope_times_x
one-not-subtracted: elu_without_one
product-rule-missing: gelu_no_product_rule rough_no_product_rule
quick-gelu: gelu_quick
rate-missing: lecun_no_rate
root-missing: rough_constant_without_root
root-of-2-over-pi-missing: rough_no_constant
silu-for-it: gelu_silu
slope-1-minus-square: lecun_of_y
slope-at-upstream: leaky_asks_upstream
slope-of-gelu_tanh: gelu_slope_of_rough
slope-of-plain-tanh: lecun_slope_plain
slope-of-relu: elu_slope_of_relu
tanh-for-it: lecun_plain
value-for-slope-below: elu_slope_is_value

alpha-not-divided: lr_not_divided
along-rows: lr_along_rows
averaged-back: up_back_averaged
averaged-over-places: em_averaged
beta-ignored: lr_no_power
bias-missing: dwc_no_bias tc_no_bias
centres-forgotten: up_no_centres
channels-interleaved: groups_channels_interleaved
corners-aligned: up_corners
db-keeps-batch: tc_db_of_batch
divided-by-batch: dwc_dw_averaged tc_dw_averaged em_by_batch
divided-by-p: do_by_p
divided-twice: do_back_twice
dw-transposed: tc_dw_other_order
ends-rounded-down: ap_ends_floored
factor-2-of-square-missing: lr_back_no_two
first-group-for-all: groups_read_the_first
gradient-of-places: em_not_added_up
indices-from-1: em_off_by_one em_row_before
integer-output: em_integer
k-ignored: lr_k_is_one
kernel-flipped: dwc_flipped tc_flipped tc_dx_flipped tc_dw_flipped
maps-interleaved: dwc_tiled groups_maps_interleaved
mask-ignored: do_back_without_mask
mask-of-first-row: do_row_zero
mask-turned-round: do_turned_round
max-for-kind: ap_max
maximum-starts-at-zero: gp_from_zero
mean-for-kind: gp_like_the_mean
multiplied-by-keep: do_times_keep
nearest-for-it: up_nearest up_back_of_nearest
not-scaled: do_not_scaled do_back_without_scale
only-scaled: do_back_nothing
output-padding-ignored: tc_output_padding_ignored
output-padding-zeros: tc_output_padding_zeros
over-all-channels: lr_all_channels
overlap-assigned: tc_assigned ap_assigned
own-channel-only: lr_back_own_channel
padding-added: tc_padding_added
padding-cut-at-the-end: tc_cut_at_the_end
padding-ignored: tc_padding_not_cut
repeated-assigned: em_fancy_index
rest-in-last-window: ap_last_has_the_rest
rest-left-out: ap_floor
rows-only: up_rows_only gp_one_axis
scaled: do_inverted_after_all
square-missing: lr_not_squared
stride-ignored: tc_stride_ignored
sum-for-mean: ap_sum gp_sum
sum-path-missing: lr_back_scaled
sum-path-sign: lr_back_sign
summed-over-groups: dwc_summed
tiled-not-repeated: up_tiled
weights-of-first-group: dwc_one_kernel
whole-gradient-to-each: gp_not_divided
window-after: lr_looks_ahead
window-too-wide: lr_both_sides
zeros-between: up_zeros up_back_sampled

bias-of-first-group: sl_bias_of_first_group
bias-per-write: sl_bias_with_each_kernel
not-left-at-zero: gradient_of_skipped_pixels
padding-bounded: padding_at_most_half_the_kernel
weight_decay-other: sl_decay_times_rate_twice
brackets: sl_power_of_sum_only sl_minus_one_outside
clipped: sl_clipped
factor-missing: sl_dgamma_of_centred sl_x_forgotten
function-of-parts: sl_root_of_both
other-comparison: sl_one_pixel_more
other-name: sl_mean_square sl_updated_too_early sl_half_of_batch sl_x_not_centred
    sl_height_squared sl_square_of_moment sl_one_beta_corrects_both
other-number: sl_square_for_cube
sign: sl_sum_added sl_one_plus_p
something-else: sl_dropped_is_scaled
term-missing: sl_unshifted_sum
"""
