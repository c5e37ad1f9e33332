// SPDX-License-Identifier: GPL-2.0-or-later

package suites

import "testing"

func (p pair) daemons(t *testing.T) {
	t.Skip("written when the daemons are there")
}
