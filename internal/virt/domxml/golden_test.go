// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what came out into the golden files")

// testHost is the host of the golden files.
func testHost() Input {
	return Input{
		Arch:      "x86_64",
		OSName:    "oVirt Node",
		OSVersion: "12-1",
		Serial:    "4c4c4544-0044-5a10-8052-b2c04f4d3732",
	}
}

// TestPreprocessGolden runs every file of testdata/preprocess: input.xml is
// prepared with drives.json, and want.xml and facts.json are what must come
// out. To add a case add a file with the first two and run with -update.
func TestPreprocessGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/preprocess/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("golden files: %d, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			goldenCase(t, file)
		})
	}
}

func goldenCase(t *testing.T, file string) {
	parts := readParts(t, file)
	in := testHost()
	if err := json.Unmarshal([]byte(parts["drives.json"]), &in.Drives); err != nil {
		t.Fatal(err)
	}
	d := mustParse(t, parts["input.xml"])
	if err := d.Check(); err != nil {
		t.Errorf("Check: %v", err)
	}
	facts := factsOf(t, d)
	if err := d.Preprocess(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{"want.xml": d.String(), "facts.json": facts}
	if *update {
		writeGolden(t, file, parts, got)
		return
	}
	for name, text := range got {
		if diff := cmp.Diff(strings.Split(parts[name], "\n"), strings.Split(text, "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// factsOf writes what the accessors say about a document, so that the golden
// files cover them for every sample.
func factsOf(t *testing.T, d *Domain) string {
	t.Helper()
	meta, err := d.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	current, maximum := d.VCPUs()
	memory, _ := d.MemoryKiB()
	placeholder, err := d.Placeholder("x86_64")
	if err != nil {
		t.Fatal(err)
	}
	metaXML, err := meta.XML()
	if err != nil {
		t.Fatal(err)
	}
	facts := []any{
		fmt.Sprintf("%s %s %s %s %s", d.UUID(), d.Name(), d.Type(), d.Arch(), d.Machine()),
		fmt.Sprintf("memory %d KiB, cpus %d/%d, cells %d, hugepages %d KiB", memory, current, maximum, d.NUMACells(), d.HugepagesKiB()),
		fmt.Sprintf("acpi %v, nvram %q, tpm %v, destroy on reboot %v", d.HasACPI(), d.NVRAM(), d.HasEmulatedTPM(), d.DestroyOnReboot()),
		d.Pinning(), d.Disks(), d.Interfaces(), d.Leases(), d.Hostdevs(), d.Channels(), d.Consoles(),
		d.DisplayNetworks(), d.DisplayInfo(), placeholder, metaXML, meta,
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(facts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// readParts reads a file of parts, each headed by a line "-- name --" (the
// format of golang.org/x/tools/txtar).
func readParts(t testing.TB, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parts := make(map[string]string)
	name := ""
	for line := range strings.Lines(string(text)) {
		if head, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(head, " --\n") {
			name = strings.TrimSuffix(head, " --\n")
			continue
		}
		parts[name] += line
	}
	return parts
}

func writeGolden(t *testing.T, file string, parts, got map[string]string) {
	t.Helper()
	var b strings.Builder
	for _, name := range []string{"input.xml", "drives.json"} {
		fmt.Fprintf(&b, "-- %s --\n%s", name, parts[name])
	}
	for _, name := range []string{"want.xml", "facts.json"} {
		fmt.Fprintf(&b, "-- %s --\n%s", name, got[name])
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func mustParse(t *testing.T, text string) *Domain {
	t.Helper()
	d, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
