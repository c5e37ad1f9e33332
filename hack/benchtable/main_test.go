// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	t.Parallel()
	const output = `goos: linux
BenchmarkHost/vms=0-2   	       1	        38.12 resident-MiB	        40.00 resident-MiB:most	 160 start-ms	 150 start-ms:most	 120 start-ms:min	 170 start-ms:max
BenchmarkPing/plain/clients=100-2	1	55.5 %-of-echo	40 %-of-echo:least
PASS
`
	var out strings.Builder
	missed, err := table(strings.NewReader(output), &out)
	if err != nil {
		t.Fatal(err)
	}
	if missed != 1 {
		t.Errorf("%d missed", missed)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"Host/vms=0 resident MiB 38.1 at most 40 met hack/bench Host/vms=0",
		"Host/vms=0 start ms 160 120 to 170 at most 150 missed hack/bench Host/vms=0",
		"Ping/plain/clients=100 % of echo 55.5 at least 40 met hack/bench Ping/plain/clients=100",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
