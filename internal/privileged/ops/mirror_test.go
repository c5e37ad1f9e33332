// SPDX-License-Identifier: GPL-2.0-or-later

package ops

import (
	"errors"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/network/netswitch"
	"govdsm/internal/network/tc"
	"govdsm/internal/privileged"
)

// What is no bridge is not copied, and what is no machine's gets no copies.
func TestMirrorRefuses(t *testing.T) {
	t.Parallel()
	n := network{configurator: netswitch.New(netswitch.Options{}), mirrors: new(tc.Mirror)}
	for _, name := range []string{"", ".", "..", "lo", "../../etc", "lo/..", "no\x00ne", strings.Repeat("x", 4096)} {
		_, err := n.mirror(t.Context(), &privileged.MirrorParams{Bridge: name, Watcher: "lo", On: true})
		if !errors.Is(err, api.ErrNetBadBridge) {
			t.Errorf("%.20q: error is %v", name, err)
		}
		if isLink(name, "tun_flags") {
			t.Errorf("%.20q counts as a machine's", name)
		}
	}
}
