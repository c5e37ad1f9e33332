// SPDX-License-Identifier: GPL-2.0-or-later

// Package lab gives tests full Linux hosts: bonds, device-mapper, iSCSI, NFS,
// watchdogs and whatever else the kernel of a build machine or container does
// not have, and hosts that can be frozen, cut off and switched off.
//
// A host is a QEMU machine that runs a distribution's kernel over the machine's
// own root file system, read-only below a tmpfs. So every program installed
// here is installed there, at the same path, the test's own binary too, and
// nothing done there is seen here. It has no image, no socket and no file of
// its own: when the test process ends, however it ends, nothing is left.
//
//	func TestMount(t *testing.T) {
//		l := lab.Start(t, lab.Spec{Name: "server"}, lab.Spec{Name: "client"})
//		share := fixture.NFS(t, l.Host("server"))
//		client := l.Host("client")
//		client.Run(t, "mount", "-t", "nfs", share.Source(), "/mnt")
//		client.Sh(t, "echo hello >/mnt/file")
//		client.Link(0).Cut()
//	}
//
// Hosts boot in parallel and are shared by the subtests of the test that
// started them, since booting is what costs. [Host.Clean] gives each subtest a
// network and a file system of its own, in a tenth of a second; fixtures undo
// themselves when the test that asked for them ends.
//
// A test that could do with less than a host says what it needs of the kernel:
// see [Needs].
//
// Tests boot hosts only when the environment variable GOVDSM_LAB is 1 (make
// lab sets it) and are skipped otherwise. When it is set, a lab test never
// skips: what it misses makes it fail and say so.
package lab
