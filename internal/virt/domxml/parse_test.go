// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

const (
	testID   = "aaaa0001-1111-4222-8333-444455556666"
	identity = "<name>vm</name><uuid>" + testID + "</uuid>"
)

// domain wraps what goes inside a minimal document.
func domain(inner string) string {
	return `<domain type="kvm" xmlns:ovirt-vm="http://ovirt.org/vm/1.0">` + identity + inner + `</domain>`
}

// withDevices is a document with devices and metadata about them.
func withDevices(devices, metadata string) string {
	return domain("<devices>" + devices + "</devices><metadata><ovirt-vm:vm>" + metadata + "</ovirt-vm:vm></metadata>")
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":              "",
		"no XML":               "hello",
		"truncated":            domain("")[:60],
		"text behind":          domain("") + "tail",
		"two roots":            domain("") + domain(""),
		"other root":           "<network>" + identity + "</network>",
		"root in a namespace":  `<domain xmlns="http://example.org/">` + identity + "</domain>",
		"root with a prefix":   `<x:domain xmlns:x="http://example.org/">` + identity + "</x:domain>",
		"id in a namespace":    `<domain><name>vm</name><uuid xmlns="urn:x">` + testID + "</uuid></domain>",
		"no uuid":              "<domain><name>vm</name></domain>",
		"no name":              "<domain><uuid>" + testID + "</uuid></domain>",
		"blank name":           "<domain><name> </name><uuid>" + testID + "</uuid></domain>",
		"uuid is a path":       "<domain><name>vm</name><uuid>../../../etc/passwd/aaaaaaaaaaaaaaaaaaa</uuid></domain>",
		"uuid without dashes":  "<domain><name>vm</name><uuid>aaaa0001111142228333444455556666</uuid></domain>",
		"DTD":                  "<!DOCTYPE domain>" + domain(""),
		"DTD inside":           domain("<a><!ENTITY x 'y'></a>"),
		"internal entity":      `<!DOCTYPE d [<!ENTITY a "aaaa">]>` + domain("<a>&a;</a>"),
		"external entity":      `<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + domain("<a>&a;</a>"),
		"undeclared entity":    domain("<a>&nbsp;</a>"),
		"unbound prefix":       domain("<foo:a/>"),
		"unbound attribute":    domain(`<a foo:b="c"/>`),
		"prefix bound to none": domain(`<a xmlns:x=""/>`),
		"attribute twice":      domain(`<a b="1" b="2"/>`),
		"many attributes":      domain("<a " + numbered(`a%="" `, MaxAttributes+1) + "/>"),
		"many prefixes":        domain("<a " + numbered(`xmlns:a%="u" `, 100_000) + "/>"),
		"mismatched tags":      domain("<a></b>"),
		"attribute unquoted":   domain("<a b=c/>"),
		"no UTF-8":             domain("<a>\xff\xfe</a>"),
		"NUL":                  domain("<a>\x00</a>"),
		"NUL reference":        domain("<a>&#0;</a>"),
		"control character":    domain("<a>\x1b[2J</a>"),
		"too deep":             domain(strings.Repeat("<a>", MaxDepth) + strings.Repeat("</a>", MaxDepth)),
		"very deep":            domain(strings.Repeat("<a>", 1_000_000)),
		"too many elements":    domain(strings.Repeat("<a/>", 2*MaxElements)),
		"too large":            domain("<a>" + strings.Repeat("x", MaxSize) + "</a>"),
	} {
		if d, err := Parse(text); err == nil {
			t.Errorf("%s: accepted as %s", name, d.Name())
		} else if !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v is not ErrMalformed", name, err)
		} else if len(err.Error()) > 300 {
			t.Errorf("%s: the error is %d bytes long", name, len(err.Error()))
		}
	}
}

// numbered repeats text n times with the number in the place of the per cent
// sign.
func numbered(text string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(text, "%", strconv.Itoa(i)))
	}
	return b.String()
}

// TestUnknownSurvives reads and writes a document full of what we know nothing
// of.
func TestUnknownSurvives(t *testing.T) {
	t.Parallel()
	text := `<?xml version="1.0" encoding="UTF-8"?>` + "\n<!-- top -->\n" +
		`<domain type="kvm" id="7" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0" xmlns:x="urn:x" x:flag="1">` +
		identity +
		`<future attr="a&amp;b &quot;c&quot; &lt;" x:other="tab&#x9;line&#xA;end">text &amp; more &lt;tag&gt; "quotes"<!-- c --><inner/> tail &#xD;</future>` +
		`<?keep this?>` +
		`<qemu:commandline><qemu:arg value="-newarg"/></qemu:commandline>` +
		`<default xmlns="urn:default"><name>other</name></default>` +
		`</domain>`
	d := mustParse(t, text)
	if got := d.String(); got != text {
		t.Errorf("got  %s\nwant %s", got, text)
	}
	if d.Name() != "vm" || d.UUID() != testID {
		t.Errorf("identity %s %s", d.Name(), d.UUID())
	}
	if again := mustParse(t, d.String()).String(); again != text {
		t.Errorf("second round %s", again)
	}
}

func TestEncodingIsToldTrue(t *testing.T) {
	t.Parallel()
	d := mustParse(t, `<?xml version="1.0" encoding="ISO-8859-1"?>`+domain("<title>größe</title>"))
	if got := d.String(); !strings.HasPrefix(got, `<?xml version="1.0" encoding="UTF-8"?><domain`) || !strings.Contains(got, "größe") {
		t.Errorf("got %s", got)
	}
}

func TestCopyIsIndependent(t *testing.T) {
	t.Parallel()
	d := mustParse(t, withDevices(`<graphics type="vnc"/>`, ""))
	before := d.String()
	c := d.Copy()
	c.ResetPasswords()
	if d.String() != before || c.String() == before || c.UUID() != testID {
		t.Errorf("original %s\ncopy %s", d, c)
	}
}

func TestAccessorsOnOddInput(t *testing.T) {
	t.Parallel()
	d := mustParse(t, domain(`<memory unit="GiB">2</memory><currentMemory unit="parsecs">7</currentMemory>
		<vcpu>four</vcpu><cputune><vcpupin vcpu="0" cpuset="1-3"/><vcpupin vcpu="x" cpuset="1"/><vcpupin vcpu="2"/></cputune>
		<memoryBacking><hugepages/></memoryBacking>`))
	if kib, ok := d.MemoryKiB(); kib != 2<<20 || !ok {
		t.Errorf("memory %d, %v", kib, ok)
	}
	if kib, ok := d.CurrentMemoryKiB(); ok {
		t.Errorf("current memory %d", kib)
	}
	if current, maximum := d.VCPUs(); current != 0 || maximum != 0 {
		t.Errorf("cpus %d/%d", current, maximum)
	}
	if pins := d.Pinning(); len(pins) != 1 || pins[0] != "1-3" {
		t.Errorf("pinning %v", pins)
	}
	if d.HugepagesKiB() != 2048 {
		t.Errorf("hugepages %d", d.HugepagesKiB())
	}
	for _, n := range []string{"", "-1", "9223372036854775807", "1e3", " 12 "} {
		d := mustParse(t, domain(`<memory unit="TiB">`+n+`</memory>`))
		if kib, ok := d.MemoryKiB(); ok != (n == " 12 ") {
			t.Errorf("memory %q: %d, %v", n, kib, ok)
		}
	}
}

func TestPlaceholder(t *testing.T) {
	t.Parallel()
	d := mustParse(t, `<domain><name>a &amp; &lt;b&gt;</name><uuid>`+testID+`</uuid><memory>1048576</memory></domain>`)
	got, err := d.Placeholder("x86_64")
	want := `<domain type="qemu"><name>a &amp; &lt;b&gt;</name><uuid>` + testID +
		`</uuid><memory unit="KiB">1024</memory><os><type arch="x86_64" machine="pc">hvm</type></os></domain>`
	if err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := d.Placeholder("vax"); err == nil {
		t.Error("an unknown architecture has a machine")
	}
}

func TestDeviceHash(t *testing.T) {
	t.Parallel()
	one := mustParse(t, withDevices("<input/>", "<ovirt-vm:a>1</ovirt-vm:a>"))
	same := mustParse(t, withDevices("<input/>", "<ovirt-vm:a>2</ovirt-vm:a>"))
	other := mustParse(t, withDevices("<input/><input/>", ""))
	if one.DeviceHash("") != same.DeviceHash("") {
		t.Error("metadata changes the hash")
	}
	if one.DeviceHash("") == other.DeviceHash("") || one.DeviceHash("") == one.DeviceHash("{}") {
		t.Error("the hash stays when devices or the disk mapping change")
	}
	if h := one.DeviceHash(""); len(h) > 30 {
		t.Errorf("hash %s is too long for managers", h)
	}
}

// BenchmarkPreprocess is what a document costs between the manager and libvirt.
func BenchmarkPreprocess(b *testing.B) {
	text := readParts(b, "testdata/preprocess/03-disks-file-block-lun-network-leases.txtar")["input.xml"]
	b.ReportAllocs()
	for b.Loop() {
		d, err := Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		if err := d.Preprocess(b.Context(), testHost()); err != nil {
			b.Fatal(err)
		}
		if d.String() == "" {
			b.Fatal("no text")
		}
	}
}
