// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

// peer is a daemon that answers every connection with the same bytes, and
// then closes it if close is set.
func peer(t *testing.T, answer []byte, closes bool) *Client {
	t.Helper()
	dir, err := os.MkdirTemp("", "peer")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "sanlock.sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				readHeader(conn)
				conn.Write(answer)
				if !closes {
					io.Copy(io.Discard, conn)
				}
			}()
		}
	}()
	return New(dir)
}

func message(h header) []byte { return h.append(nil) }

func TestHostilePeer(t *testing.T) {
	hosts := header{cmd: cmdGetHosts, length: headerSize}
	for name, answer := range map[string][]byte{
		"nothing":            nil,
		"half a header":      message(hosts)[:20],
		"other words":        []byte(strings.Repeat("HTTP/1.1 400 Bad Request\r\n", 3)),
		"a length below":     message(header{length: 3}),
		"too many hosts":     message(header{length: headerSize, data2: 0xffffffff}),
		"hosts that end":     append(message(header{length: headerSize, data2: 3}), make([]byte, 40)...),
		"an unknown failure": message(header{length: headerSize, data: 0xfffff000}),
	} {
		c := peer(t, answer, true)
		if got, err := c.Hosts(t.Context(), "x", 0); err == nil {
			t.Errorf("%s: %v", name, got)
		}
		p, err := c.Register(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Inquire(t.Context()); err == nil {
			t.Errorf("%s: inquire: %v", name, got)
		}
		p.Close()
	}
	huge := peer(t, message(header{cmd: cmdGetLVB, length: 1 << 31}), false)
	if _, err := huge.GetLVB(t.Context(), Resource{}, 512); err == nil {
		t.Error("a block of 2 GiB")
	}
	small := peer(t, message(header{cmd: cmdGetLVB, length: headerSize}), false)
	if _, err := small.GetLVB(t.Context(), Resource{}, 512); err == nil {
		t.Error("a block of no bytes")
	}
	// Somebody else's answer on the connection of a process.
	p, err := peer(t, message(header{cmd: cmdRelease, length: headerSize}), false).Register(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Acquire(t.Context(), Resource{}, AcquireOptions{}); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
}

// A daemon that does not answer holds nobody longer than the context says.
func TestSilentPeer(t *testing.T) {
	c := peer(t, nil, false)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := c.Hosts(ctx, "x", 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if _, err := c.RegisterEvents(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	p, err := c.Register(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error)
	go func() { // this one is sent, and ends with the connection only
		_, err := p.Inquire(t.Context())
		waiting <- err
	}()
	for len(p.turn) > 0 {
		time.Sleep(time.Millisecond)
	}
	if _, err := p.Inquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error("one that waits for its turn:", err)
	}
	p.Close()
	if err := <-waiting; !errors.Is(err, ErrLost) {
		t.Error(err)
	}
}

func TestErrors(t *testing.T) {
	if err := result("x", 0); err != nil {
		t.Error(err)
	}
	err := result("acquire", -17)
	if !errors.Is(err, syscall.EEXIST) || err.Error() != "sanlock acquire: file exists" {
		t.Error(err)
	}
	err = result("acquire", -243)
	if !errors.Is(err, AcquireIDLive) || err.Error() != "sanlock acquire: another host holds the lease (-243)" {
		t.Error(err)
	}
	if err := result("x", -999); err.Error() != "sanlock x: unknown failure (-999)" {
		t.Error(err)
	}
	if s := command(77).String(); s != "command 77" {
		t.Error(s)
	}
}

func TestGeometry(t *testing.T) {
	for _, align := range []int64{0, 1 << 20, 2 << 20, 4 << 20, 8 << 20} {
		for _, sector := range []int64{0, 512, 4096} {
			g := Geometry{align, sector}
			if got := geometryOf(g.flags()); got != g {
				t.Error(g, got)
			}
		}
	}
}

// The sizes and offsets that the protocol's structures have in C.
func TestLayout(t *testing.T) {
	text, err := os.ReadFile("testdata/layout.txt")
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]int{}
	for line := range strings.Lines(string(text)) {
		var name string
		var n int
		if _, err := fmt.Sscan(line, &name, &n); err != nil {
			t.Fatal(line, err)
		}
		in[name] = n
	}
	for name, size := range map[string]int{
		"sanlk_disk": diskSize, "sanlk_resource": resourceSize, "sanlk_options": optionsSize,
		"sanlk_lockspace": lockspaceSize, "sanlk_host": hostSize, "sanlk_host_event": eventSize,
	} {
		if in[name] != size {
			t.Errorf("%s is %d bytes, not %d", name, in[name], size)
		}
	}

	l := Lockspace{Name: strings.Repeat("l", nameSize), HostID: 0x1122334455667788, Geometry: Geometry{8 << 20, 4096}, Disk: Disk{"/path", 77}}
	b, err := l.append([]byte("before"))
	if b = b[len("before"):]; err != nil || len(b) != lockspaceSize || !reflect.DeepEqual(parseLockspace(b), l) ||
		order.Uint64(b[in["sanlk_lockspace.host_id"]:]) != l.HostID ||
		order.Uint32(b[in["sanlk_lockspace.flags"]:]) != 0x280 ||
		!reflect.DeepEqual(parseDisk(b[in["sanlk_lockspace.host_id_disk"]:]), l.Disk) ||
		order.Uint64(b[in["sanlk_lockspace.host_id_disk"]+in["sanlk_disk.offset"]:]) != 77 {
		t.Errorf("%x, %v", b, err)
	}
	r := Resource{Lockspace: "l", Name: strings.Repeat("r", nameSize), Version: 5, Geometry: Geometry{1 << 20, 512}, Shared: true, Disks: []Disk{{"a", 1}, {"b", 2}}}
	b, err = r.appendWithDisks([]byte("before"))
	if b = b[len("before"):]; err != nil || len(b) != resourceSize+2*diskSize ||
		untext(b[in["sanlk_resource.name"]:][:nameSize]) != r.Name ||
		order.Uint64(b[in["sanlk_resource.lver"]:]) != 5 ||
		order.Uint32(b[in["sanlk_resource.flags"]:]) != 0x114 ||
		order.Uint32(b[in["sanlk_resource.num_disks"]:]) != 2 ||
		parseDisk(b[resourceSize+diskSize:]) != r.Disks[1] {
		t.Errorf("%x, %v", b, err)
	}
	b = make([]byte, hostSize)
	order.PutUint64(b[in["sanlk_host.generation"]:], 2)
	order.PutUint64(b[in["sanlk_host.timestamp"]:], 3)
	order.PutUint32(b[in["sanlk_host.io_timeout"]:], 10)
	order.PutUint32(b[in["sanlk_host.flags"]:], 0xf3)
	if got := parseHost(b); got != (Host{0, 2, 3, 10, 0xf3 & 0xf}) {
		t.Errorf("%+v", got)
	}
	e := Event{1, 2, 3, 4}.append(nil)
	if len(e) != eventSize || order.Uint64(e[in["sanlk_host_event.event"]:]) != 3 || order.Uint64(e[in["sanlk_host_event.data"]:]) != 4 {
		t.Errorf("%x", e)
	}
}

func TestParseState(t *testing.T) {
	got, err := parseState(`a:b:/x:1048576:3 c\:d:e\ f:/y\\z\:1:0:/w:5:SH`)
	want := []Resource{
		{Lockspace: "a", Name: "b", Disks: []Disk{{"/x", 1048576}}, Version: 3},
		{Lockspace: "c:d", Name: "e f", Disks: []Disk{{`/y\z:1`, 0}, {"/w", 5}}, Shared: true},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := parseState(""); len(got) != 0 || err != nil {
		t.Error(got, err)
	}
	for _, bad := range []string{"a", "a:b", "a:b:c:d:1", "a:b:/x:1", "a:b:/x:1:x", " ", `\`} {
		if got, err := parseState(bad); err == nil {
			t.Errorf("%q: %+v", bad, got)
		}
	}
}

func FuzzParseState(f *testing.F) {
	f.Add(`a:b:/x:1048576:3 c\:d:e\ f:/y:0:SH`)
	f.Add(`\`)
	f.Fuzz(func(t *testing.T, s string) {
		resources, err := parseState(s)
		for _, r := range resources {
			if err == nil && len(r.Disks) == 0 {
				t.Errorf("%q: %+v", s, r)
			}
		}
	})
}
