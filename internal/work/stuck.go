// SPDX-License-Identifier: GPL-2.0-or-later

package work

import "fmt"

// StuckError says that tasks did not end in time when an executor was stopped.
type StuckError struct{ Tasks int }

// Error says how many there are.
func (e *StuckError) Error() string {
	return fmt.Sprintf("%d tasks have not ended", e.Tasks)
}
