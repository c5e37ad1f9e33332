// SPDX-License-Identifier: GPL-2.0-or-later

// Package bench measures the real programs on sandbox hosts: the figures of
// docs/performance.md. Its benchmarks run a fixed programme once each
// (-benchtime 1x) and report medians with their spread; hack/bench runs them
// and prints the table. Ordinary test runs only check, quickly, that the
// measuring still works.
package bench
