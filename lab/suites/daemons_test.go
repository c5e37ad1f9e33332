// SPDX-License-Identifier: GPL-2.0-or-later

package suites

import (
	"path/filepath"
	"testing"
	"time"

	"govdsm/lab"
	"govdsm/lab/fixture"
)

// daemons: vdsmd and supervdsmd in one host answer a client in the other, over
// TLS and to nobody without a certificate.
func (p pair) daemons(t *testing.T) {
	client := filepath.Join(fixture.Binaries(t, "vdsmd", "supervdsmd", "vdsm-client"), "vdsm-client")
	fixture.PKI(t, p.server, p.client)
	fixture.VDSM(t, p.server)
	p.client.Until(t, time.Minute, client+" -a server Host ping")

	stranger := p.client.Try(t, lab.Command{Args: []string{client, "--insecure", "-a", "server", "--timeout", "10", "Host", "ping"}})
	if stranger.Code == 0 {
		t.Error("a client without TLS is answered")
	}
}
