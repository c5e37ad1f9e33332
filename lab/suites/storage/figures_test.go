// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/client"
	"govdsm/internal/pki"
	"govdsm/lab"
)

// BenchmarkFrozenDomain measures a host with five NFS domains, each on a server
// of its own, before one of these servers freezes and while it is frozen: calls
// of one manager in turns, while another one keeps asking for the frozen domain.
func BenchmarkFrozenDomain(b *testing.B) {
	s := boot(b)
	f := s.five(b)
	turns, err := strconv.Atoi(cmp.Or(os.Getenv("BENCH_TURNS"), "2"))
	if err != nil {
		b.Fatal(err)
	}
	m := s.one.manager(b)
	all := map[string][]float64{}
	for range turns {
		before := f.measure(m)
		s.server.Hang(b, "ip daddr "+f.Addresses[4])
		m.until("the frozen domain is noticed", func() bool { return m.health(f.Domains[4]).Code != 0 })
		during := f.measure(m)
		for _, id := range f.Domains[:4] {
			if h := m.health(id); h.Code != 0 || !h.Valid {
				b.Errorf("another domain: %+v", h)
			}
		}
		s.server.Release(b)
		m.until("the domain is well again", func() bool {
			h := m.health(f.Domains[4])
			return h.Code == 0 && h.Valid && h.Acquired
		})
		for _, name := range slices.Sorted(maps.Keys(before)) {
			x, y := p99(before[name]), p99(during[name])
			b.Logf("%s: p99 %.1f ms, %.1f ms while a domain is frozen", name, x, y)
			all[name+"-p99-ms"] = append(all[name+"-p99-ms"], x)
			all[name+"-frozen-p99-ms"] = append(all[name+"-frozen-p99-ms"], y)
			all[name+"-frozen/before"] = append(all[name+"-frozen/before"], y/x)
		}
	}
	for name, samples := range all {
		sorted := slices.Sorted(slices.Values(samples))
		b.ReportMetric(sorted[len(sorted)/2], name)
		b.ReportMetric(sorted[0], name+":min")
		b.ReportMetric(sorted[len(sorted)-1], name+":max")
		if name[len(name)-1] == 'e' { // a ratio: that of the project
			b.ReportMetric(1.5, name+":most")
		}
	}
	b.ReportMetric(0, "ns/op") // says nothing here, and zero leaves it out
}

func p99(samples []float64) float64 {
	return slices.Sorted(slices.Values(samples))[len(samples)*99/100]
}

// five is what is measured.
type five struct {
	Pool, Image, Volume string // an image of that name is in each domain
	Domains, Addresses  []string
	Rounds              int
}

// five makes a pool of five domains. With version 3 of NFS each address is a
// server to the kernel.
func (s *suite) five(t testing.TB) *five {
	t.Helper()
	f := &five{Pool: uuid.NewString(), Image: uuid.NewString(), Volume: uuid.NewString(), Rounds: 300}
	m := s.one.manager(t)
	for i := range 5 {
		address, name := fmt.Sprintf("10.55.0.%d", 210+i), fmt.Sprintf("five%d", i)
		s.two.Sh(t, "ip addr add "+address+"/24 dev eth0")
		s.server.Export(t, name, "rw,sync", 64<<20)
		remote := address + ":/" + name
		var statuses []struct{ Status int }
		m.get(&statuses, "StoragePool.connectStorageServer", params{
			"storagepoolID": blank, "domainType": 1,
			"connectionParams": []params{{"id": uuid.NewString(), "connection": remote, "protocol_version": "3"}},
		})
		if len(statuses) != 1 || statuses[0].Status != 0 {
			t.Fatalf("%s: %v", remote, statuses)
		}
		f.Domains, f.Addresses = append(f.Domains, m.newDomain(remote)), append(f.Addresses, address)
	}
	p := m.poolOf(f.Pool, f.Domains[0])
	m.call("StoragePool.create", p)
	m.call("StoragePool.connect", p)
	m.do("StoragePool.spmStart", p)
	for _, id := range f.Domains {
		this := params{"storagedomainID": id, "storagepoolID": f.Pool}
		m.call("StorageDomain.attach", this)
		m.call("StorageDomain.activate", this)
		m.do("Volume.create", volumeOf(f.Pool, id, f.Image, f.Volume))
	}
	m.call("StoragePool.connect", m.poolOf(f.Pool, f.Domains[0], f.Domains[1:]...))
	for _, id := range f.Domains {
		m.until("a domain is well", func() bool {
			h := m.health(id)
			return h.Valid && h.Acquired && h.Actual && h.Code == 0
		})
	}
	return f
}

// What the benchmark and the process in the host tell each other.
const (
	workFile    = "/run/suite.work"
	figuresFile = "/run/suite.figures"
)

// measure takes samples, in milliseconds, in the host itself.
func (f *five) measure(m manager) (samples map[string][]float64) {
	m.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		m.Fatal(err)
	}
	m.host.Put(m, workFile, string(text))
	m.host.GoTest(m, "TestMeasure")
	if err := json.Unmarshal([]byte(m.host.Get(m, figuresFile)), &samples); err != nil {
		m.Fatal(err)
	}
	return samples
}

// TestMeasure is the process in the host.
func TestMeasure(t *testing.T) {
	if !lab.Inside() {
		t.Skip("runs in a host only")
	}
	text, err := os.ReadFile(workFile)
	if err != nil {
		t.Skip("is started by BenchmarkFrozenDomain")
	}
	var f five
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	source, err := pki.Open(pki.At(pki.DefaultDir), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	dial := func() *client.Host {
		c, err := client.Dial(t.Context(), client.Options{Address: net.JoinHostPort("127.0.0.1", "54321"), TLS: source.Client()})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c, other := dial(), dial()
	defer c.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		frozen := params{"storagedomainID": f.Domains[4]}
		for { // an answer or a time-out: both will do
			if _, err := other.Request(t.Context(), "StorageDomain.getStats", frozen); errors.Is(err, client.ErrClosed) {
				return
			}
			time.Sleep(100 * time.Millisecond) // it is not the load that is measured
		}
	}()
	samples := map[string][]float64{}
	for round := range f.Rounds + 20 {
		for name, call := range f.calls(round) {
			began := time.Now()
			if _, err := c.Request(t.Context(), call.verb, call.params); err != nil {
				t.Fatalf("%s: %v", call.verb, err)
			}
			if round >= 20 { // the first ones warm up
				samples[name] = append(samples[name], time.Since(began).Seconds()*1e3)
			}
		}
	}
	other.Close()
	<-ended
	if text, err = json.Marshal(samples); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(figuresFile, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

type call struct {
	verb   string
	params params
}

// calls are those of a round, with reads of one of the four domains that work.
func (f *five) calls(round int) map[string]call {
	domain := f.Domains[round%4]
	return map[string]call{
		"ping":     {"Host.ping2", params{}},
		"getStats": {"Host.getStats", params{}},
		"volume":   {"Volume.getInfo", volumeOf(f.Pool, domain, f.Image, f.Volume)},
		"domain":   {"StorageDomain.getStats", params{"storagedomainID": domain}},
		"images":   {"StorageDomain.getImages", params{"storagedomainID": domain}},
	}
}
