// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"testing"
	"time"

	"govdsm/test/hosttest"
)

// TestMeasuring makes one short round of everything on one host. What comes
// out only has to be there, as tests run beside other work.
func TestMeasuring(t *testing.T) {
	h := hosttest.Start(t)
	wants(t, pings(t, h, echoBeside(t, h), 10, 100, 2), "calls/s", "echo/s", "%-of-echo", "p99-ms")
	wants(t, runClient(t, h, 1), "start-ms", "ping-over-TLS-ms")
	wants(t, startVMs(t, h, 1), "VM.create-ms", "virsh-create-ms")
	fill(t, h, 2)
	wants(t, soak(t, h, time.Second), "calls", "resident-growth-MiB")
	wants(t, measureHost(t, h, 2, hostProgramme{restarts: 1, watch: time.Millisecond, answers: 1}),
		"start-to-first-answer-ms", "resident-MiB", "getAllVmStats-CPU-ms")
}

// TestMeasuringStorage is TestMeasuring for storage.
func TestMeasuringStorage(t *testing.T) {
	wants(t, copyVolumes(t, 8<<20, 1), "SDM.copy_data-ms", "qemu-img-convert-ms", "copy-ratio")
	wants(t, createLeases(t, 2), "lease-ms", "bare-ms", "lease-ratio")
	d := newDataCentre(t, 2)
	wants(t, createVolumes(t, d, 1, 1), "Volume.create-ms", "bare-ms", "create-ratio")
	fillDomain(t, d, 20, 10)
	wants(t, listVolumes(t, d, 22, 4, 1), "getVolumes-ms", "bare-volumes-ms", "getVolumes-ratio", "getImages-ms", "bare-images-ms", "getImages-ratio")
	wants(t, monitorDomains(t, d, time.Millisecond), "helpers")
}

func wants(t *testing.T, f figures, names ...string) {
	t.Helper()
	for _, name := range names {
		if f[name] == nil || median(f[name].samples) <= 0 {
			t.Errorf("%s was not measured", name)
		}
	}
}
