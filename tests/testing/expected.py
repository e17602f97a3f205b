"""Which diagnoses name what is wrong with an entry of the bank; apart from both.

An entry that is not listed is one that no diagnosis can be expected to name (a mistyped
number): there the checker must find it wrong and name nothing.  An entry stands in two rows
where both name the same slip, or where two slips give the same numbers: windows that
end p earlier are those of an image padded in front only (padding_counted_once), and scattering
as if there were no padding puts the padded gradient's corner in dx's (dx_no_padding).
"""

import re

from tests.testing import expected_layers

#: A row a diagnosis: its slug, and the entries that it names.
ROWS = """
abs-for-it: relu_as_abs
absolute-error: absolute_error
absolute-weights: absolute_weights
accumulates-between-calls: dw_added_up
aligned-at-the-end: aligned_at_the_end
assumes-contiguous: bytes_as_they_lie
bias-missing: no_bias one_by_one_path_without_bias dense_without_bias
bias-of-first-map: bias_of_filter_zero
bias-per-channel: bias_once_a_channel
bias-sign: bias_subtracted dense_bias_subtracted
biases-decay: biases_decay
binary-terms: binary_terms_added
cached-by-shape: columns_cached_by_shape
changes-its-input: relu_in_place relu_changes_x ce_changes_logits in_place changes_x
    changes_weights writes_and_restores changes_dz scales_and_restores
channel-zero-everywhere: dx_first_channel_kernel
channel-zero-for-all: dw_channel_zero
clipped: relu_clipped
clipped-at-1: relu_clipped
crop-at-zero: dx_cropped_at_zero dx_no_padding
crop-by-negative-index: dx_crop_minus_p
crop-off-by-one: dx_cropped_one_too_far
db-keeps-axes: db_keeps_axes
db-keeps-batch: db_keeps_batch
db-keeps-image: db_keeps_image
db-not-summed: dense_db_unsummed
db-total: db_total
decay-decoupled: decoupled
decay-doubled: decay_doubled
decay-ignored: no_decay
decay-not-scaled: decay_outside
decay-sign: decay_sign
derivative-by-probabilities: ce_by_probabilities
diagonal-of-jacobian: ce_diagonal_jacobian
divided-by-batch: divided_by_batch dw_mean_over_batch db_mean_over_batch everything_by_batch
    mean_by_batch dense_dw_averaged dense_db_mean dense_averaged
divided-by-entries: averaged_over_classes ce_averaged_over_all mean_over_all_entries
    se_mean_over_all
divided-by-side: divided_by_side back_divided_by_side
divided-by-windows: dw_divided_by_windows
dw-channels-first: dw_channels_first
dw-kernel-transposed: dw_transposed_kernel
dw-transposed: dense_dw_transposed
dx-too-small: dx_too_small cropped_gradient
epsilon-in-log: epsilon_in_log
exp-overflows: tanh_by_exponentials sigmoid_overflows softplus_overflows
factor-2-missing: half_of_it two_forgotten gradient_halved
factor-2-too-much: dw_doubled adjoint_doubled
filters-and-channels-swapped: filters_and_channels_swapped
first-channel-only: first_channel_only
first-sample-for-all: first_sample_for_all dense_one_sample
first-sample-only: first_sample_only dw_first_sample db_first_sample first_sample_pooled
    dense_dw_first_sample
forward-again: rolled_same_way
gradient-of-max: back_to_one_entry
gradient-of-mean: like_the_mean
gradient-of-square: l2_gradient_of_square
gradient-to-all-ties: all_ties
gradient-to-first-entry: first_of_window
gradient-to-smallest: to_the_smallest
gradients-in-another-order: gradients_in_another_order dense_order
incomplete-windows-kept: incomplete_windows_kept keeps_incomplete
index-transposed: index_column_major
integer-output: output_takes_type_of_input mean_cut_to_integer
integer-weights: integer_weights_cut
inverse-for-adjoint: adjoint_inverse
kernel-flipped: flipped scipy_convolve dx_kernel_not_flipped dw_flipped both_turned
    one_row_kernels_flipped
kernel-flipped-axis-0: flipped_in_rows
kernel-flipped-axis-1: one_row_kernels_flipped
kernel-of-channel-zero: kernel_of_channel_zero dx_first_channel_kernel
kernel-transposed: kernel_transposed dx_kernel_transposed
largest-magnitude: largest_magnitude
last-channel-only: last_channel_only
last-column-not-read: stride_one_column_lost
last-filter-only: dx_last_filter
last-row-missing: last_row_left_at_zero
last-sample-only: dw_last_sample
last-window-only: dw_last_window
leak-0.1: leak_too_large
leaky_relu-for-it: relu_leaks
log10-for-ln: log_ten
log2-for-ln: log_two
maximum-starts-at-zero: starts_at_zero
mean-for-kind: averaged
mean-for-sum: db_mean
mean-over-channels: mean_over_channels
minimum: minimum
median: median
momentum-dampened: dampened
momentum-ignored: no_momentum state_not_read
nan-at-zero: l2_nan_at_zero
nesterov: nesterov
no-max-subtraction: no_max_subtraction ce_naive_exponentials
norm-not-divided: l2_not_divided
norm-not-squared: norm_not_squared
not-an-array-of-numbers: returns_text returns_generator returns_objects returns_ragged
    returns_complex returns_strange_object
not-finite: returns_nan returns_infinity nan_in_dw zero_by_zero nan_where_all_are_negative
not-linear-constant: forward_affine
not-repeatable: one_velocity_for_all random_noise every_third_call
one-column-of-the-window: rows_only
only-biases-decay: only_biases_decay
output-one-short: output_too_short
output-square: output_square
output-transposed: output_transposed
over-channels: over_channels
overlap-assigned: dx_assigned dx_fancy_index_added overlapping_assigned
padding-always-same: always_same_padding padding_means_same
padding-at-the-end: dw_ignores_padding
padding-counted: average_counts_padding
padding-counted-once: padding_counted_once
padding-cyclic: padding_is_cyclic
padding-edge: padding_repeats_the_edge
padding-ignored: padding_ignored dx_no_padding dw_ignores_padding
padding-ignored-axis-1: padding_only_in_rows
padding-in-maximum: maximum_sees_zeros
padding-not-counted: average_leaves_padding_out
padding-not-cropped: dx_not_cropped
padding-only-before: padding_only_before padding_counted_once
probabilities-clipped: clipped_probabilities
raises: exits interrupts
calls-itself-for-ever: recurses
refuses: raises raises_unprintable raises_for_stride
rate-ignored: no_learning_rate
rate-squared: learning_rate_squared
relu-derivative-included: upstream_by_relu
relu-included: relu_included
rest-gets-gradient: spread_over_remainder
result-overwritten: buffer_handed_out
returns-none: db_none returns_none backward_none
right-numbers-wrong-shape: returns_flat one_window_is_squeezed
root-missing: root_forgotten
root-of-mean-square: root_of_mean_square
runs-for-ever: runs_for_ever hangs_on_stride
sign: dx_sign dw_sign db_sign all_signs max_sign tanh_slope_sign minus_forgotten ce_sign se_sign
    dense_signs dense_db_sign adjoint_sign gradient_sign
sign-of-x: relu_wrong_side sigmoid_sign softplus_slope_turned
single-precision: single_precision backward_in_single_precision
slope-1-minus-square: sigmoid_slope_of_tanh
slope-at-upstream: relu_asks_upstream
slope-at-y: tanh_slope_twice sigmoid_slope_at_y
slope-formula-for-y-given-x: tanh_slope_at_x sigmoid_slope_at_x
slope-left-out: relu_slope_left_out
slope-of-relu: leak_forgotten
softmax-missing: no_softmax ce_logits_minus_target
softmax-over-batch: softmax_over_batch
square-missing: tanh_not_squared
stride-as-dilation: stride_taken_as_dilation
stride-ignored: stride_ignored dx_without_dilating dw_ignores_stride window_left_out
    pooling_stride_ignored
stride-ignored-axis-0: stride_not_in_rows
stride-ignored-axis-1: stride_not_in_columns
stride-one: stride_one
subsampled: subsampled
sum-for-mean: summed
summed-over-entries: se_summed_over_classes
target-forgotten: ce_target_forgotten
tiled-not-repeated: tiled_not_repeated
times-batch: not_averaged ce_not_averaged squared_error_summed se_not_averaged
times-value: times_the_maximum
times-weights: dense_dw_from_weights
uphill: uphill
upstream-ignored: upstream_ignored ones_for_dt relu_mask_only tanh_without_upstream
upstream-squared: upstream_squared
upstream-transposed: dt_transposed
uses-last-forward: remembers_last_forward mask_of_last_forward
value-for-slope: relu_times_x sigmoid_slope_is_value
velocity-of-step-before: old_velocity
weights-normalised: weights_normalised
weights-not-transposed: weights_not_transposed dense_dx_transposed
weights-reshaped: filters_reshaped_wrongly dense_weights_reshaped
whole-gradient-to-each: everywhere_in_window not_divided
window-off-by-one-axis-0: window_off_by_one
window-sides-exchanged: sides_of_window_swapped
wrong-in-places: cross_term_forgotten
wrong-number-of-results: returns_pair returns_two returns_one returns_dictionary
x-halved: tanh_half
"""


def _by_entry(rows):
    """The slugs of each entry."""
    expected = {}
    for row in re.split(r"\n(?=\S)", rows.strip()):
        slug, entries = row.split(":")
        for entry in entries.split():
            expected.setdefault(entry, set()).add(slug)
    return expected


EXPECTED = _by_entry(ROWS + expected_layers.ROWS)


def named(name, diagnosis):
    """Whether the first diagnosis names what is wrong; None if there is none."""
    if not diagnosis:
        return None
    return diagnosis[0].slug in EXPECTED.get(name, ())
