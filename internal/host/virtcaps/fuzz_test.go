// SPDX-License-Identifier: GPL-2.0-or-later

package virtcaps_test

import (
	"testing"

	"govdsm/internal/host/virtcaps"
)

func FuzzParse(f *testing.F) {
	f.Add(`<capabilities><host><cpu><arch>x86_64</arch></cpu><topology><cells><cell id='0'><cpus><cpu id='0' socket_id='x'/></cpus></cell></cells></topology></host><guest><arch name='x86_64'><machine canonical='b'>a</machine></arch></guest></capabilities>`)
	f.Add(`<domainCapabilities><cpu><mode name='custom' supported='yes'><model usable='yes'>a</model></mode></cpu></domainCapabilities>`)
	f.Fuzz(func(t *testing.T, document string) {
		if h, err := virtcaps.ParseHost(document); err == nil {
			h.EmulatedMachines("x86_64")
		}
		if d, err := virtcaps.ParseDomain(document); err == nil {
			d.CompatibleModels("ppc64le")
		}
	})
}
